#include "nodes/desk/api/v1_routes.hpp"

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/api.hpp"

namespace troupe::desk {

void add_v1_routes(edge::route_table& table, std::shared_ptr<api> a) {
  table.declare("v1", {.title = "Orders, books, risk, actors"});
  add_order_routes(table, a);
  add_book_routes(table, a);
  add_correction_routes(table, a);
  add_strategy_routes(table, a);
  add_market_routes(table, a);
  add_risk_routes(table, a);
  add_actor_routes(table, a);
  add_cluster_routes(table, a);
  add_node_routes(table, a);
  add_stream_routes(table, a);
}

void add_stream_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  auto& hub = *a->hub;
  hub.declare("orders", {});
  hub.declare("fills", {.keys_max = 1000, .newest_only = true});
  hub.declare("corrections", {.keys_max = 1000, .newest_only = true});
  hub.declare("positions", {.conflate = true});
  hub.declare("tickers", {.conflate = true, .key_of = [a](std::string_view key) -> result<std::string> {
    const auto name = decltype(trading::instrument_id::value)::make(key);
    const auto& parts = a->node->parts();
    if (name && (parts.instruments.contains({*name}) || parts.board->one({*name}))) return std::string{key}; // a feed may show more than is traded
    return fail(errc::not_found, "there is no instrument \"" + std::string{key.substr(0, 64)} + "\"; /v1/instruments lists them");
  }});
  hub.serve(table, "v1", "/v1/stream",
            "WebSocket: open orders, newest fills, newest corrections, positions and tickers as a snapshot and numbered changes. Send "
            "{\"op\":\"subscribe\",\"channels\":[\"orders\"]}. A snapshot holds 10,000 values; where there are more it has \"incomplete\":true, and the lists have them all. While slots are given up what orders, fills, corrections and positions show of them is old: "
            "{\"type\":\"out_of_date\",\"channel\":\"orders\",\"slots\":[\"oms/17\"]} names them whenever they change, none when all is up to date again.");
}

} // namespace troupe::desk
