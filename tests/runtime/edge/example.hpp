#pragma once
// A small desk for the tests of the edge: two surfaces, handlers that answer at once, later, never, or throw.

#include "runtime/edge/builtin.hpp"
#include "runtime/edge/client.hpp"
#include "runtime/edge/server.hpp"
#include "runtime/edge/stream_hub.hpp"
#include "tests/support/hostile_requests.hpp"
#include "tests/support/test.hpp"

#include "runtime/core/bounded.hpp"
#include "runtime/core/decimal.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace edge_example {

using namespace std::chrono_literals;
using namespace troupe;

/// Long enough for a loaded machine; nothing waits it out when things work.
inline constexpr auto patience = 10s;

enum class side : std::uint8_t { buy, sell };
BOOST_DESCRIBE_ENUM(side, buy, sell)

struct leg {
  text<16> symbol;
  positive<troupe::quantity> size;
  friend bool operator==(const leg&, const leg&) = default;
};
BOOST_DESCRIBE_STRUCT(leg, (), (symbol, size))

struct new_order {
  text<16> account;
  edge_example::side direction = edge_example::side::buy;
  std::vector<leg> legs;
  std::optional<price> limit;
  friend bool operator==(const new_order&, const new_order&) = default;
};
BOOST_DESCRIBE_STRUCT(new_order, (), (account, direction, legs, limit))

struct order_query {
  text<16> order_id;
  std::optional<bounded<int, 1, 100>> depth;
  with_default<bool, false> active_only;
  friend bool operator==(const order_query&, const order_query&) = default;
};
BOOST_DESCRIBE_STRUCT(order_query, (), (order_id, depth, active_only))

struct order_path {
  text<16> order_id;
  friend bool operator==(const order_path&, const order_path&) = default;
};
BOOST_DESCRIBE_STRUCT(order_path, (), (order_id))

/// Every member may be missing, so the body may be too.
struct note {
  with_default<bool, false> loud;
  friend bool operator==(const note&, const note&) = default;
};
BOOST_DESCRIBE_STRUCT(note, (), (loud))

struct order_view {
  std::string order_id;
  int depth = 0;
  std::vector<leg> legs;
  friend bool operator==(const order_view&, const order_view&) = default;
};
BOOST_DESCRIBE_STRUCT(order_view, (), (order_id, depth, legs))

/// Server and handlers; stopped at the end of the scope.
class desk {
public:
  /// `native` is given its name and surfaces.
  explicit desk(edge::server_options options = {}, std::size_t stream_queue = 64, edge::listener native = {});
  ~desk();

  edge::route_table table;
  std::shared_ptr<edge::stream_hub> hub;
  std::unique_ptr<edge::server> server;
  std::optional<std::string> not_ready;

  [[nodiscard]] std::uint16_t port() const { return server->port("native"); }
  [[nodiscard]] edge::http_client client(const std::string& listener = "native") const {
    return {"127.0.0.1", server->port(listener), patience};
  }
  [[nodiscard]] edge::raw_connection raw() const;
  [[nodiscard]] edge::websocket_client stream(const std::string& target) const;
  /// Sends `bytes` on a connection of its own and returns everything the server says until it closes.
  [[nodiscard]] std::string conversation(const std::string& bytes) const;

  /// Waits for the n-th request of /v1/hold or POST /v1/stop and returns its responder, oldest first.
  [[nodiscard]] edge::responder held();
  [[nodiscard]] std::size_t orders_seen() const { return orders_seen_.load(); }

private:
  void add_routes();
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<edge::responder> held_;
  std::atomic<std::size_t> orders_seen_{0};
};

/// Repeats until `condition` holds; false when it did not within `patience`.
template <class Condition>
bool eventually(Condition&& condition) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

/// A valid body for POST /v1/orders.
inline constexpr const char* good_order =
  R"({"account":"alpha","direction":"BUY","legs":[{"symbol":"BTCUSDT","size":"0.5"}],"limit":"61800.3"})";

using test::get_text;
using test::hostile_requests;
using test::post_text;
using test::status_of;

} // namespace edge_example
