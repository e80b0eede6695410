#pragma once
// A port of loopback that nobody used a moment ago.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>

namespace troupe::test {

[[nodiscard]] inline std::uint16_t free_port() {
  using tcp = boost::asio::ip::tcp;
  boost::asio::io_context io;
  return tcp::acceptor{io, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}}.local_endpoint().port();
}

} // namespace troupe::test
