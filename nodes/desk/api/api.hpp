#pragma once
// What HTTP handlers may use. Handlers run on the edge's thread: they ask actors through the port, and never wait for a disk here.

#include "nodes/desk/api/background_reader.hpp"
#include "nodes/desk/api/last_values.hpp"
#include "nodes/desk/api/order_counts.hpp"
#include "nodes/desk/desk.hpp"
#include "nodes/desk/edge_port.hpp"
#include "runtime/edge/route.hpp"
#include "runtime/edge/stream_hub.hpp"
#include "runtime/telemetry/metrics.hpp"

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace troupe::desk {

struct api {
  desk* node = nullptr;
  edge_port* port = nullptr;
  edge::stream_hub* hub = nullptr;
  telemetry::metrics_registry* metrics = nullptr;
  background_reader* reader = nullptr;
  text<16> boot_id; // the server's too
  time_ns started_at{};
  std::function<std::map<std::string, std::string>()> addresses; // of the listeners, by name; once they are bound
  std::shared_ptr<order_counts> counts = std::make_shared<order_counts>(); // filled by the order stream
  std::shared_ptr<other_totals> others = std::make_shared<other_totals>();
  std::shared_ptr<last_values> trade2026_tickers = std::make_shared<last_values>();   // so are these
  std::shared_ptr<last_values> trade2026_trades = std::make_shared<last_values>();

  /// The context of a command that came over HTTP: cause "http-BOOT" and NUMBER of the request "BOOT-NUMBER", principal as its key says
  /// or "http".
  [[nodiscard]] context context_of(const edge::request_context& request, const principal_id& who = principal_id{"http"}) const;
  /// Of the whole desk, as far as its nodes are up.
  [[nodiscard]] order_totals totals() const { return others->with(totals_of(*counts)); }
  /// Runs `read` on the reader's thread and sends what it returns.
  void read_then_reply(edge::responder reply, std::function<edge::response()> read) const {
    reader->run([reply = std::move(reply), read = std::move(read)] {
      try { // its bug costs its request, as a handler's
        reply.send(read());
      } catch (const std::exception& x) {
        reply.fail(fail(errc::internal, std::string{"the handler failed: "} + x.what()));
      }
    });
  }
};

/// Surface "v1": /v1/orders, /v1/positions, /v1/cash, /v1/fills, /v1/marks, /v1/limits, /v1/halts, /v1/actors, /v1/stream.
void add_v1_routes(edge::route_table& table, std::shared_ptr<api> a);
/// Surfaces trade2026_oms, trade2026_risk, trade2026_gateway, trade2026_console.
void add_trade2026_routes(edge::route_table& table, std::shared_ptr<api> a);

} // namespace troupe::desk
