#include "runtime/edge/client.hpp"

#include "runtime/edge/chunks.hpp"
#include "runtime/edge/no_answer.hpp"
#include "runtime/edge/resolve.hpp"
#include "runtime/edge/tls_session.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
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

raw_connection::raw_connection() = default;
raw_connection::~raw_connection() { close(); }
raw_connection::raw_connection(raw_connection&& other) noexcept : fd_{std::exchange(other.fd_, -1)}, tls_{std::move(other.tls_)} {}
raw_connection& raw_connection::operator=(raw_connection&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(tls_, other.tls_);
  return *this;
}

void raw_connection::close() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void raw_connection::shut_down_sending() noexcept {
  if (tls_) {
    tls_->end();
    (void)send_bytes(tls_->take(), milliseconds{0}); // who takes nothing learns of it by TCP
  }
  ::shutdown(fd_, SHUT_WR);
}

bool raw_connection::wait(short events, milliseconds limit) const noexcept {
  const auto until = steady::now() + limit;
  for (;;) {
    pollfd p{fd_, events, 0};
    const int n = ::poll(&p, 1, static_cast<int>(left(until).count()));
    if (n > 0) return true;
    if (n == 0 || errno != EINTR) return false;
  }
}

bool raw_connection::is_stale() noexcept {
  if (fd_ < 0) return true;
  if (!tls_) {
    char byte = 0;
    return ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
  }
  char bytes[4096]; // what TLS says to itself, such as tickets, is nothing that nobody asked for
  ssize_t n = 0;
  while ((n = ::recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) tls_->put({bytes, static_cast<std::size_t>(n)});
  std::string unasked;
  return n == 0 || errno != EAGAIN || tls_->read(unasked) != tls_session::state::wants_input;
}

result<raw_connection> raw_connection::open(const std::string& host, std::uint16_t port, milliseconds limit, const tls_context& tls) {
  const auto until = steady::now() + limit;
  const auto places = resolve(host, port, tls ? hosts::names_too : hosts::addresses, limit);
  if (!places) return places.error();
  const auto where = authority_of(host, port);
  error why;
  for (const auto& place : *places) { // of a name there may be several, of which one is there
    raw_connection c;
    if (auto connected = c.connect(place.data(), static_cast<socklen_t>(place.size()), left(until)); !connected) {
      why = fail(connected.error().code, where + ": " + connected.error().message);
      continue;
    }
    if (!tls) return c;
    if (auto secured = c.secure(tls, host, left(until)); !secured) return fail(secured.error().code, where + ": " + secured.error().message);
    return c;
  }
  return why;
}

result<void> raw_connection::connect(const sockaddr* to, socklen_t size, milliseconds limit) {
  fd_ = ::socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return fail(errc::unavailable, std::string{"no socket: "} + std::strerror(errno));
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd_, to, size) == 0) return {};
  if (errno != EINPROGRESS) return fail(errc::unavailable, std::strerror(errno));
  if (!wait(POLLOUT, limit)) return fail(errc::timeout, "no connection in time");
  int why = 0;
  socklen_t length = sizeof why;
  ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &why, &length);
  if (why != 0) return fail(errc::unavailable, std::strerror(why));
  return {};
}

result<void> raw_connection::secure(const tls_context& tls, const std::string& host, milliseconds limit) {
  const auto until = steady::now() + limit;
  auto made = tls_session::make(tls, host);
  if (!made) return made.error();
  auto session = std::make_unique<tls_session>(std::move(*made));
  for (;;) {
    const auto now = session->shake_hands();
    auto sent = send_bytes(session->take(), left(until)); // also why it failed, for the server's log
    if (now == tls_session::state::open) break;
    if (now == tls_session::state::failed) return fail(errc::unavailable, session->why());
    if (now == tls_session::state::ended) return fail(errc::unavailable, "the server said goodbye in the TLS handshake");
    if (!sent) return sent;
    auto part = receive_bytes(left(until));
    if (!part && part.error().code == errc::timeout) return fail(errc::timeout, "no TLS handshake in time");
    if (!part) return part.error();
    if (part->empty()) return fail(errc::unavailable, "the server ended the TLS handshake: does it speak TLS there?");
    session->put(*part);
  }
  tls_ = std::move(session);
  return {};
}

result<void> raw_connection::send(std::string_view bytes, milliseconds limit) {
  if (!tls_) return send_bytes(bytes, limit);
  if (!tls_->write(bytes)) return fail(errc::unavailable, "the connection broke: " + tls_->why());
  return send_bytes(tls_->take(), limit);
}

result<void> raw_connection::send_bytes(std::string_view bytes, milliseconds limit) {
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
  if (!tls_) return receive_bytes(limit);
  const auto until = steady::now() + limit;
  for (;;) {
    std::string out;
    const auto now = tls_->read(out);
    if (now == tls_session::state::failed) return fail(errc::unavailable, "the connection broke: " + tls_->why());
    if (now != tls_session::state::wants_input) return out; // empty: the peer said goodbye
    if (auto sent = send_bytes(tls_->take(), left(until)); !sent) return sent.error();
    auto part = receive_bytes(left(until));
    if (!part) return part;
    if (part->empty()) return fail(errc::unavailable, "the connection was cut"); // by whom is not known: nobody said goodbye
    tls_->put(*part);
  }
}

result<std::string> raw_connection::receive_bytes(milliseconds limit) {
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

http_client::http_client(std::string host, std::uint16_t port, milliseconds limit, client_security security)
  : host_{std::move(host)}, port_{port}, limit_{limit}, security_{std::move(security)} {}

namespace {

/// Reads one answer. Leaves the connection unusable on an error.
result<client_response> read_answer(raw_connection& from, std::string_view method, milliseconds limit, bool& keep) {
  const auto until = steady::now() + limit;
  const bool is_head = method == "HEAD", is_read = is_head || method == "GET";
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  parser.body_limit(boost::none);
  parser.skip(is_head);
  std::string bytes;
  while (!parser.is_done()) {
    auto part = from.receive(left(until));
    if (!part) return part.error().code == errc::timeout ? no_answer_in_time(is_read) : answer_lost(is_read);
    boost::system::error_code ec;
    if (part->empty()) {
      if (!parser.got_some()) return answer_lost(is_read); // closed without a byte: put_eof requires at least one
      parser.put_eof(ec);
      if (ec || !parser.is_done()) return answer_lost(is_read);
      break;
    }
    bytes += *part;
    while (!awaits_chunk(parser, bytes)) {
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
    auto opened = raw_connection::open(host_, port_, limit_, security_.tls);
    if (!opened) return fail(errc::unavailable, opened.error().message);
    connection_ = std::move(*opened);
  }
  std::string out{method};
  (out += ' ') += target;
  out += " HTTP/1.1\r\nHost: " + authority_of(host_, port_) + "\r\n";
  const bool names_key = std::ranges::any_of(headers, [](const auto& h) { return boost::beast::iequals(h.first, "Authorization"); });
  if (!security_.key.empty() && !names_key) out += "Authorization: Bearer " + security_.key + "\r\n";
  for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
  if (!body.empty()) out += "Content-Type: application/json\r\n";
  if (!body.empty() || method == "POST" || method == "PUT")
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  out += "\r\n";
  out += body;
  bool keep = false;
  auto sent = connection_.send(out, limit_);
  auto answer = sent || sent.error().code == errc::unavailable // a server that refuses early has answered already
                  ? read_answer(connection_, method, limit_, keep)
                  : result<client_response>{sent.error()};
  if (!answer || !keep) connection_.close();
  return answer;
}

} // namespace troupe::edge
