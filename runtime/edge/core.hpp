#pragma once
// Internal: what sessions share on the edge's thread. Includes Asio; only .cpp files of this folder include it.

#include "runtime/edge/edge_stream.hpp"
#include "runtime/edge/exchange.hpp"
#include "runtime/edge/router.hpp"
#include "runtime/edge/server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::edge {

using tcp_acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, executor>;
using http_request = boost::beast::http::request<boost::beast::http::string_body>;

/// One bound listener.
struct listening {
  listener declared;
  router routes;
  const surface* answers_errors; // its first surface: formats errors of requests without a route
  std::string directions;        // for somebody who asked for a path that is not there
  tcp_acceptor acceptor;
  boost::asio::steady_timer pause;
  tls_context tls;       // null: plain; connections that were opened with an earlier one keep what they need of it
  bool needs_key = false; // of every request, but for routes that are `open`
  std::int64_t tenth = 0;   // of a second, by the steady clock, in which the newest handshake began
  std::uint32_t begun = 0;  // handshakes in it
};

/// A connection that leaves HTTP for a WebSocket.
struct websocket_upgrade {
  edge_stream socket;
  http_request request;
  request_context context;
  std::shared_ptr<void> counted; // keeps the connection in the server's count
  std::optional<sha256_digest> key; // that let it in; nothing: it needs none
};

class shared_core {
public:
  shared_core(const route_table& t, server_options o) : table{t}, options{std::move(o)} {}

  const route_table& table;
  const server_options options;
  const std::shared_ptr<server_metrics> metrics = std::make_shared<server_metrics>();
  boost::asio::io_context io{1};
  std::shared_ptr<completions> answers;
  bool draining = false;
  std::int64_t answer_by_ns = std::numeric_limits<std::int64_t>::max(); // while draining: for what is under way, whatever its phase
  text<16> boot_id; // begins every request id
  std::uint64_t requests = 0;
  std::string date; // the Date header's value, renewed each second

  /// Sessions in no order; each knows its place.
  std::vector<std::shared_ptr<session>> sessions;
  std::size_t reserved = 0; // of them: those beyond connections_max
  /// Requests whose client left: aged out like the others if their handler never answers.
  std::vector<std::shared_ptr<exchange>> orphans;

  void add(std::shared_ptr<session> s);
  void remove(session& s);
};

} // namespace troupe::edge
