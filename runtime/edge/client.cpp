#include "runtime/edge/client.hpp"

#include "runtime/edge/no_answer.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace troupe::edge {

namespace http = boost::beast::http;
using steady = std::chrono::steady_clock;

namespace {

milliseconds left(steady::time_point until) {
  return std::max(std::chrono::duration_cast<milliseconds>(until - steady::now()), milliseconds{0});
}

} // namespace

// -- bytes -----------------------------------------------------------------------------------------------------------

raw_connection::~raw_connection() { close(); }
raw_connection::raw_connection(raw_connection&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
raw_connection& raw_connection::operator=(raw_connection&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

void raw_connection::close() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void raw_connection::shut_down_sending() noexcept { ::shutdown(fd_, SHUT_WR); }

bool raw_connection::wait(short events, milliseconds limit) const noexcept {
  const auto until = steady::now() + limit;
  for (;;) {
    pollfd p{fd_, events, 0};
    const int n = ::poll(&p, 1, static_cast<int>(left(until).count()));
    if (n > 0) return true;
    if (n == 0 || errno != EINTR) return false;
  }
}

bool raw_connection::is_stale() const noexcept {
  char byte = 0;
  return fd_ < 0 || ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

result<raw_connection> raw_connection::open(const std::string& host, std::uint16_t port, milliseconds limit) {
  sockaddr_storage storage{};
  socklen_t size = 0;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    size = sizeof *v6;
  } else {
    return fail(errc::invalid_argument, "\"" + host + "\" is not an IP address");
  }
  const auto where = host + ":" + std::to_string(port);
  raw_connection c;
  c.fd_ = ::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c.fd_ < 0) return fail(errc::unavailable, std::string{"no socket: "} + std::strerror(errno));
  const int on = 1;
  ::setsockopt(c.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(c.fd_, reinterpret_cast<sockaddr*>(&storage), size) != 0) {
    if (errno != EINPROGRESS) return fail(errc::unavailable, where + ": " + std::strerror(errno));
    if (!c.wait(POLLOUT, limit)) return fail(errc::timeout, where + ": no connection in time");
    int why = 0;
    socklen_t length = sizeof why;
    ::getsockopt(c.fd_, SOL_SOCKET, SO_ERROR, &why, &length);
    if (why != 0) return fail(errc::unavailable, where + ": " + std::strerror(why));
  }
  return c;
}

result<void> raw_connection::send(std::string_view bytes, milliseconds limit) {
  const auto until = steady::now() + limit;
  while (!bytes.empty()) {
    const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      if (!wait(POLLOUT, left(until))) return fail(errc::timeout, "the peer takes nothing");
    } else if (errno != EINTR) {
      return fail(errc::unavailable, std::string{"the connection broke: "} + std::strerror(errno));
    }
  }
  return {};
}

result<std::string> raw_connection::receive(milliseconds limit) {
  const auto until = steady::now() + limit;
  std::string out(64 * 1024, '\0');
  for (;;) {
    const auto n = ::recv(fd_, out.data(), out.size(), 0);
    if (n >= 0) {
      out.resize(static_cast<std::size_t>(n));
      return out;
    }
    if (errno == EAGAIN) {
      if (!wait(POLLIN, left(until))) return no_answer_in_time(false);
    } else if (errno != EINTR) {
      return fail(errc::unavailable, std::string{"the connection broke: "} + std::strerror(errno));
    }
  }
}

result<std::string> raw_connection::receive_until(std::string_view end, milliseconds limit) {
  const auto until = steady::now() + limit;
  std::string out;
  for (;;) {
    auto part = receive(left(until));
    if (!part) return part.error();
    out += *part;
    if (part->empty() || out.find(end) != std::string::npos) return out;
  }
}

result<std::string> raw_connection::receive_all(milliseconds limit) {
  const auto until = steady::now() + limit;
  std::string out;
  for (;;) {
    auto part = receive(left(until));
    if (!part && part.error().code == errc::unavailable) return out;
    if (!part) return part.error();
    if (part->empty()) return out;
    out += *part;
  }
}

// -- HTTP ------------------------------------------------------------------------------------------------------------

std::string_view client_response::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (boost::beast::iequals(key, boost::beast::string_view{name.data(), name.size()})) return value;
  return {};
}

http_client::http_client(std::string host, std::uint16_t port, milliseconds limit)
  : host_{std::move(host)}, port_{port}, limit_{limit} {}

namespace {

/// Reads one answer. Leaves the connection unusable on an error.
result<client_response> read_answer(raw_connection& from, bool head, milliseconds limit, bool& keep) {
  const auto until = steady::now() + limit;
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  parser.body_limit(boost::none);
  parser.skip(head);
  std::string bytes;
  while (!parser.is_done()) {
    auto part = from.receive(left(until));
    if (!part) return no_answer_in_time(false);
    boost::system::error_code ec;
    if (part->empty()) {
      if (!parser.got_some()) return no_answer_in_time(false); // closed without a byte: put_eof requires at least one
      parser.put_eof(ec);
      if (ec || !parser.is_done()) return no_answer_in_time(false);
      break;
    }
    bytes += *part;
    for (;;) {
      const auto used = parser.put(boost::asio::buffer(bytes), ec);
      bytes.erase(0, used);
      if (ec == http::error::need_more || bytes.empty() || parser.is_done()) break;
      if (ec) return fail(errc::malformed, "the answer is not HTTP: " + ec.message());
    }
  }
  auto message = parser.release();
  client_response out;
  out.status = message.result_int();
  for (const auto& field : message) out.headers.emplace_back(field.name_string(), field.value());
  out.body = std::move(message.body());
  keep = message.keep_alive();
  return out;
}

} // namespace

result<client_response> http_client::request(std::string_view method, std::string_view target, std::string_view body,
                                             const client_headers& headers) {
  if (connection_.is_open() && connection_.is_stale()) connection_.close();
  if (!connection_.is_open()) {
    auto opened = raw_connection::open(host_, port_, limit_);
    if (!opened) return fail(errc::unavailable, opened.error().message);
    connection_ = std::move(*opened);
  }
  std::string out{method};
  (out += ' ') += target;
  out += " HTTP/1.1\r\nHost: " + host_ + ":" + std::to_string(port_) + "\r\n";
  for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
  if (!body.empty()) out += "Content-Type: application/json\r\n";
  if (!body.empty() || method == "POST" || method == "PUT")
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  out += "\r\n";
  out += body;
  bool keep = false;
  auto sent = connection_.send(out, limit_);
  auto answer = sent || sent.error().code == errc::unavailable // a server that refuses early has answered already
                  ? read_answer(connection_, method == "HEAD", limit_, keep)
                  : result<client_response>{sent.error()};
  if (!answer || !keep) connection_.close();
  if (!answer && answer.error().code == errc::timeout && (method == "GET" || method == "HEAD")) return no_answer_in_time(true);
  return answer;
}

} // namespace troupe::edge
