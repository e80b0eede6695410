#pragma once
// A port of loopback that nobody used a moment ago. Below those that the system gives to whoever connects, so that nobody is given it meanwhile.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <random>

namespace troupe::test {

[[nodiscard]] inline std::uint16_t free_port() {
  using tcp = boost::asio::ip::tcp;
  static std::mt19937 random{std::random_device{}()}; // suites beside each other take different ones
  boost::asio::io_context io;
  for (;;) {
    const auto port = static_cast<std::uint16_t>(20'000 + random() % 12'000);
    tcp::acceptor at{io, tcp::v4()};
    boost::system::error_code taken;
    if (!at.bind({boost::asio::ip::address_v4::loopback(), port}, taken)) return port;
  }
}

} // namespace troupe::test
