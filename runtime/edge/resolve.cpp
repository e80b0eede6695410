#include "runtime/edge/resolve.hpp"

#include <cstring>
#include <future>
#include <memory>
#include <thread>

#include <netdb.h>
#include <sys/socket.h>

namespace troupe::edge {

using boost::asio::ip::tcp;

namespace {

result<std::vector<tcp::endpoint>> look_up(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int wrong = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found); wrong != 0)
    return fail(errc::unavailable, "there is no host \"" + host + "\": " + ::gai_strerror(wrong));
  std::vector<tcp::endpoint> all;
  for (const auto* at = found; at; at = at->ai_next) {
    tcp::endpoint one;
    if (at->ai_addrlen > one.capacity()) continue;
    std::memcpy(one.data(), at->ai_addr, at->ai_addrlen);
    one.resize(at->ai_addrlen);
    one.port(port);
    all.push_back(one);
  }
  ::freeaddrinfo(found);
  if (all.empty()) return fail(errc::unavailable, "host \"" + host + "\" has no address");
  return all;
}

} // namespace

result<std::vector<tcp::endpoint>> resolve(const std::string& host, std::uint16_t port, hosts taken, std::chrono::milliseconds limit) {
  boost::system::error_code is_name;
  const auto address = boost::asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, is_name);
  if (!is_name) return std::vector{tcp::endpoint{address, port}};
  if (taken == hosts::addresses) return fail(errc::invalid_argument, "\"" + host + "\" is not an IP address");
  // The system's look-up knows no limit of ours: it goes on by itself, and what it finds too late nobody hears.
  auto found = std::make_shared<std::promise<result<std::vector<tcp::endpoint>>>>();
  auto answer = found->get_future();
  std::thread{[found, host, port] { found->set_value(look_up(host, port)); }}.detach();
  if (answer.wait_for(limit) != std::future_status::ready) return fail(errc::timeout, "nobody says in time where host \"" + host + "\" is");
  return answer.get();
}

std::string authority_of(const std::string& host, std::uint16_t port) {
  const auto name = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return name + ':' + std::to_string(port);
}

} // namespace troupe::edge
