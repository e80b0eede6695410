#pragma once
// Blocking clients for the command line and the tests: bytes over TCP or TLS, HTTP/1.1 over one kept connection, WebSocket.
// Each object belongs to one thread; every call has a time limit.

#include "runtime/core/result.hpp"
#include "runtime/edge/tls.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/socket.h>

namespace troupe::edge {

using milliseconds = std::chrono::milliseconds;

class tls_session;

/// How a client knows whom it talks to, and shows who it is. Nothing set: a plain connection, without a key.
struct client_security {
  tls_context tls{};               // https and wss: of make_client_tls
  std::string key{};               // sent as "Authorization: Bearer KEY"
  bool key_as_subprotocol = false; // of WebSockets: as browsers have to
};

/// A TCP connection as it is. `host` is an IP address or "localhost"; where names are taken, any that the system knows.
class raw_connection {
public:
  raw_connection();
  ~raw_connection();
  raw_connection(raw_connection&& other) noexcept;
  raw_connection& operator=(raw_connection&& other) noexcept;

  /// With `tls` bytes are TLS' from here on, and the server has shown a certificate for `host`. Errors: unavailable (nobody listens, or nobody who is
  /// trusted), timeout, invalid_argument (not an address; with `tls` names are taken).
  [[nodiscard]] static result<raw_connection> open(const std::string& host, std::uint16_t port, milliseconds limit, const tls_context& tls = {});
  /// Sends everything. Errors: unavailable (the peer closed), timeout.
  [[nodiscard]] result<void> send(std::string_view bytes, milliseconds limit);
  /// What arrives next, at most 64 KiB; empty when the peer ended its side. Errors: unavailable (reset), timeout.
  [[nodiscard]] result<std::string> receive(milliseconds limit);
  /// Everything until `end` appears or the peer ends its side. Errors as `receive`.
  [[nodiscard]] result<std::string> receive_until(std::string_view end, milliseconds limit);
  /// Everything until the peer ends its side; a reset ends it too. Errors: timeout.
  [[nodiscard]] result<std::string> receive_all(milliseconds limit);
  /// Ends our side; the peer may still send.
  void shut_down_sending() noexcept;
  void close() noexcept;
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  /// True when the peer has ended its side or sent something nobody asked for: not fit for another request.
  [[nodiscard]] bool is_stale() noexcept;

private:
  [[nodiscard]] bool wait(short events, milliseconds limit) const noexcept;
  [[nodiscard]] result<void> connect(const sockaddr* to, socklen_t size, milliseconds limit);
  [[nodiscard]] result<void> secure(const tls_context& tls, const std::string& host, milliseconds limit);
  [[nodiscard]] result<void> send_bytes(std::string_view bytes, milliseconds limit);
  [[nodiscard]] result<std::string> receive_bytes(milliseconds limit);
  int fd_ = -1;
  std::unique_ptr<tls_session> tls_; // null: plain
};

struct client_response {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// The value of a header, whatever the case of its name; empty when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

using client_headers = std::vector<std::pair<std::string, std::string>>;

class http_client {
public:
  http_client(std::string host, std::uint16_t port, milliseconds limit = milliseconds{5000}, client_security security = {});

  /// One request over the kept connection, opened again when the server has closed it. A non-empty body is sent as
  /// application/json. Errors: unavailable (no connection: nothing was sent), timeout (no answer in time, or the connection
  /// ended while it was awaited, as the message says: the outcome is unknown), malformed (the answer is not HTTP).
  [[nodiscard]] result<client_response> request(std::string_view method, std::string_view target,
                                                std::string_view body = {}, const client_headers& headers = {});
  [[nodiscard]] result<client_response> get(std::string_view target) { return request("GET", target); }
  [[nodiscard]] result<client_response> post(std::string_view target, std::string_view body) {
    return request("POST", target, body);
  }

private:
  std::string host_;
  std::uint16_t port_;
  milliseconds limit_;
  client_security security_;
  raw_connection connection_;
};

class websocket_client {
public:
  /// Errors: unavailable (no connection, or to nobody who is trusted), timeout, unsupported (the server refused the upgrade; the status is told).
  [[nodiscard]] static result<websocket_client> open(const std::string& host, std::uint16_t port,
                                                     const std::string& target, milliseconds limit,
                                                     const std::string& origin = {}, const client_security& security = {});
  ~websocket_client();
  websocket_client(websocket_client&&) noexcept;
  websocket_client& operator=(websocket_client&&) noexcept;

  [[nodiscard]] result<void> send(std::string_view text, milliseconds limit);
  /// The next message. Errors: timeout (the connection is then unusable), unavailable (closed; see close_code).
  [[nodiscard]] result<std::string> receive(milliseconds limit);
  /// The code the server closed with; 0 while open or when it closed without one.
  [[nodiscard]] unsigned close_code() const noexcept;
  /// The subprotocol that the server chose; empty: none.
  [[nodiscard]] const std::string& protocol() const noexcept;

private:
  struct state;
  explicit websocket_client(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace troupe::edge
