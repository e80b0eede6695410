#pragma once
// The HTTP/1.1 and WebSocket server: one I/O thread of its own that accepts, reads, validates, dispatches and writes.
// Owned by the node; every public function may be called from any thread unless it says otherwise.

#include "runtime/core/result.hpp"
#include "runtime/core/text.hpp"
#include "runtime/edge/metrics.hpp"
#include "runtime/edge/route.hpp"
#include "runtime/edge/tls.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace troupe::edge {

/// One address and the surfaces served there. Beyond loopback only with TLS, and then every request needs a key.
struct listener {
  std::string name = "edge";
  std::string address = "127.0.0.1";
  std::uint16_t port = 0; // 0: any free port; see server::port
  std::vector<std::string> surfaces;
  std::optional<tls_files> tls{};      // absent: plain
  bool keys_required = false;          // on loopback too: 401 without one, but for routes that are `open`
  std::vector<std::string> hosts{};    // further names, without a port, under which clients call it; none, where keys are required: any
};

/// Beyond `connections_max`: one request each, which has to come within a second and is answered when it is of the control lane (halts, cancels)
/// or asks whether the node is well, else refused with 503.
inline constexpr std::size_t connections_reserved = 64;

/// TLS handshakes that a listener begins in a tenth of a second; who comes beyond them waits in its queue. Each costs the server's one thread a
/// signature, of which a flood must not take what orders and halts of those who are in, and of other listeners, need.
inline constexpr std::uint32_t handshakes_per_tenth = 25;

/// Every limit and the time of every phase of a request.
struct server_options {
  std::size_t header_bytes = 8 * 1024;  // 431
  std::size_t target_bytes = 4 * 1024;  // 414; the request line's middle part
  std::size_t body_bytes = 64 * 1024;   // 413
  std::chrono::milliseconds header_time{5'000};  // from a request's first byte to the end of its header: 408; before, of a TLS handshake
  std::chrono::milliseconds body_time{10'000};   // from there to the body's last byte: 408
  std::chrono::milliseconds idle_time{30'000};   // between requests: the connection closes
  std::chrono::milliseconds handler_time{30'000}; // until a handler answers: 504
  std::chrono::milliseconds write_time{10'000};  // without the client reading anything: the connection closes
  std::size_t connections_max = 1024;            // 503
  std::size_t requests_max = 8192;               // handed to handlers and not yet answered, all connections: 503; see lane_limits
  std::size_t requests_reserved = 256;           // beyond them, for routes of the control lane only
  std::size_t requests_per_connection = 64;      // the same, pipelined on one connection: 429; twice for control
  /// Of this run of the process: request ids are "BOOT-NUMBER" with the request's number, so that those of two runs differ. Empty: drawn.
  text<16> boot_id;
  /// Web pages that may call this server ("http://localhost:5173"). A request with any other Origin, or under a Host that is neither theirs nor
  /// loopback's, is refused (403) unless the page came from this server, so that no site in the operator's browser can trade, nor load
  /// what is here without naming its origin (`Sec-Fetch-Site`); a link may be followed from anywhere.
  std::vector<std::string> allowed_origins;
  /// Whose key it is; nothing: nobody's. On the server's thread: be quick, and compare in a time that tells nothing. Needed by listeners that require
  /// keys. A key that is known counts everywhere: who shows one for reading does not trade with it.
  std::function<std::optional<caller>(std::string_view key)> caller_of;
  /// Hears of every answer before it leaves, on the server's thread: be quick. Empty: nobody.
  std::function<void(const request_context&, unsigned status)> answered;
  /// Hears what was thrown on the server's thread by anything but a handler: a bug of ours, which costs what it was about and not the server.
  /// On that thread. Empty: nobody.
  std::function<void(std::string_view what)> failed;
};

class server {
public:
  /// `table` outlives the server and does not change after `start`; responders may outlive both.
  server(const route_table& table, server_options options);
  /// Stops at once.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Takes the port of every listener, or none; who connects is refused until `start`. Errors: unsupported (beyond loopback without
  /// TLS), invalid_argument (not an address, or keys are required and nobody knows any), unavailable (port in use), conflict and not_found (see
  /// router::make), and those of make_server_tls.
  [[nodiscard]] result<void> bind(const std::vector<listener>& listeners);
  /// Listens where it is bound and starts the thread. Errors: unavailable; then nothing is bound any more.
  [[nodiscard]] result<void> start();
  /// Both.
  [[nodiscard]] result<void> start(const std::vector<listener>& listeners);

  /// Stops accepting, lets requests under way finish for at most `limit`, then closes everything and ends the thread. A request that
  /// came too late for its client to know is answered 503; of a limit above 2 s, the last second is for telling requests that still
  /// have no answer so: 504, ask again, or 408 when they have not come whole. Returns whether nothing had to be cut. Idempotent. Not
  /// from the edge's own thread.
  bool stop(std::chrono::milliseconds limit);

  /// The bound port of the listener called `name`; 0 before start or when there is none.
  [[nodiscard]] std::uint16_t port(const std::string& name) const noexcept;

  /// What the listener called `name` shows from the next connection on; those that are there go on with what they were shown. Of make_server_tls; a
  /// listener that is plain, or not there, stays so. After bind.
  void show(const std::string& name, tls_context renewed);

  /// Runs `fn` on the edge's thread. After stop it is dropped.
  void post(std::function<void()> fn);
  /// What the thread runs: for an actor that lives on it. Valid as long as the server.
  [[nodiscard]] boost::asio::io_context& context() noexcept;

  [[nodiscard]] const server_metrics& metrics() const noexcept;
  [[nodiscard]] const route_table& table() const noexcept;

private:
  struct core;
  std::unique_ptr<core> core_;
};

} // namespace troupe::edge
