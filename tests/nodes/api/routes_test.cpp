// The route table as a whole: every route documented, names unique, Trade2026's endpoints present. No handler runs.

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/api.hpp"
#include "runtime/edge/builtin.hpp"
#include "runtime/edge/openapi.hpp"
#include "runtime/edge/router.hpp"
#include "tests/support/test.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using namespace troupe;

namespace {

/// Routes without a desk behind them.
struct whole_table {
  std::shared_ptr<edge::stream_hub> hub = std::make_shared<edge::stream_hub>();
  edge::route_table table;

  whole_table() {
    auto a = std::make_shared<desk::api>();
    a->hub = hub.get();
    edge::add_builtin_routes(table, {});
    desk::add_v1_routes(table, a);
    desk::add_trade2026_routes(table, a);
  }
};

const std::vector<std::string> all_surfaces{"v1", "trade2026_oms", "trade2026_risk", "trade2026_gateway", "trade2026_console"};

std::string lower(std::string s) {
  std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return s;
}

} // namespace

TEST_SUITE_BEGIN("nodes/api/routes");

TEST_CASE("every route is in the document of its surface, with a summary and an id of its own") {
  whole_table t;
  std::set<std::string> ids;
  for (const auto& name : all_surfaces) {
    CAPTURE(name);
    const auto doc = nlohmann::json::parse(edge::openapi_json(t.table, {name}, "test", "0"));
    std::size_t documented = 0;
    for (const auto& r : t.table.routes()) {
      if (r.surface->name != name) continue;
      CAPTURE(r.path);
      ++documented;
      const auto& paths = doc.at("paths");
      REQUIRE(paths.contains(r.path));
      const auto verb = lower(std::string{edge::to_string(r.verb)});
      REQUIRE(paths[r.path].contains(verb));
      CHECK(paths[r.path][verb]["summary"].get<std::string>().ends_with('.'));
      CHECK(ids.insert(paths[r.path][verb]["operationId"].get<std::string>()).second);
    }
    CHECK(documented > 0);
  }
}

TEST_CASE("every reply that is JSON of ours has a schema; only inspected states, which differ by actor, have none") {
  whole_table t;
  for (const auto& r : t.table.routes()) {
    if (r.surface->name == "ops" || r.upgrade) continue;
    CAPTURE(r.path);
    const bool raw = r.path == "/v1/actors/state" || r.path == "/v1/actors/history";
    CHECK(r.reply.schema.empty() == raw);
  }
}

TEST_CASE("what is only under way when it is answered, or wants another's consent, is documented as 202") {
  whole_table t;
  std::set<std::string> under_way;
  for (const auto& r : t.table.routes())
    if (std::ranges::find(r.taken, 202U) != r.taken.end()) under_way.insert(std::string{edge::to_string(r.verb)} + " " + r.path);
  CHECK(under_way == std::set<std::string>{"DELETE /v1/orders/by_client_id", "DELETE /v1/orders/{order_id}", "PATCH /v1/orders/{order_id}", "POST /trading/resume", "POST /v1/actors/fault",
                                           "POST /v1/actors/restart", "POST /v1/cluster/leave", "POST /v1/cluster/moves", "POST /v1/halts/resume",
                                           "POST /v1/orders/mass_cancel"});
}

TEST_CASE("native routes refuse unknown fields; Trade2026's count them") {
  whole_table t;
  CHECK(t.table.find_surface("v1")->rules.unknown == wire::unknown_fields::refuse);
  for (std::size_t i = 1; i < all_surfaces.size(); ++i)
    CHECK(t.table.find_surface(all_surfaces[i])->rules.unknown == wire::unknown_fields::count);
}

TEST_CASE("under a key that is nobody's nothing is changed by native routes; Trade2026's clients send tokens of their own") {
  whole_table t;
  CHECK_FALSE(t.table.find_surface("v1")->rules.takes_unknown_keys);
  for (std::size_t i = 1; i < all_surfaces.size(); ++i) CHECK(t.table.find_surface(all_surfaces[i])->rules.takes_unknown_keys);
}

TEST_CASE("each surface of Trade2026 can be served beside the native one and the documentation") {
  whole_table t;
  CHECK(edge::router::make(t.table, {"v1", "ops"}).has_value());
  for (std::size_t i = 1; i < all_surfaces.size(); ++i) {
    CAPTURE(all_surfaces[i]);
    CHECK(edge::router::make(t.table, {all_surfaces[i], "ops"}).has_value());
    CHECK(edge::router::make(t.table, {all_surfaces[i], "v1"}).has_value());
  }
  CHECK(edge::router::make(t.table, {"trade2026_gateway", "trade2026_console"}).has_value());
}

TEST_CASE("the configuration's check refuses just what a listener cannot serve") {
  whole_table t;
  std::vector<std::string> names{"ops"};
  names.insert(names.end(), all_surfaces.begin(), all_surfaces.end());
  for (const auto& first : names)
    for (const auto& second : names)
      for (const auto& third : names) {
        const std::vector<std::string> all{first, second, third};
        CAPTURE(all);
        CHECK(desk::clash_of_surfaces(all).has_value() != edge::router::make(t.table, all).has_value());
      }
}

TEST_CASE("the endpoints of Trade2026 that we claim are served") {
  whole_table t;
  using row = std::tuple<const char*, edge::method, const char*>;
  using enum edge::method;
  const row rows[] = {
    {"trade2026_oms", get, "/health"}, {"trade2026_oms", post, "/orders"}, {"trade2026_oms", get, "/orders/x"},
    {"trade2026_oms", del, "/orders/x"}, {"trade2026_oms", get, "/orders"}, {"trade2026_oms", get, "/stats"},
    {"trade2026_oms", get, "/positions"}, {"trade2026_oms", get, "/positions/x"}, {"trade2026_oms", get, "/fills"},
    {"trade2026_oms", get, "/orders/x/fills"},
    {"trade2026_risk", get, "/health"}, {"trade2026_risk", get, "/stats"}, {"trade2026_risk", get, "/risk/portfolio"},
    {"trade2026_risk", get, "/risk/limits"}, {"trade2026_risk", post, "/risk/symbol/x/block"},
    {"trade2026_risk", del, "/risk/symbol/x/block"}, {"trade2026_risk", post, "/check"}, {"trade2026_risk", get, "/limits"},
    {"trade2026_gateway", get, "/"}, {"trade2026_gateway", get, "/health"}, {"trade2026_gateway", get, "/stats"},
    {"trade2026_gateway", get, "/tickers"}, {"trade2026_gateway", get, "/ticker/x"}, {"trade2026_gateway", get, "/tickers/x"},
    {"trade2026_gateway", get, "/candles/x"}, {"trade2026_gateway", get, "/orderbook/x"}, {"trade2026_gateway", get, "/trades/x"},
    {"trade2026_gateway", get, "/symbols"}, {"trade2026_gateway", get, "/symbols/x"}, {"trade2026_gateway", get, "/symbols/search"},
    {"trade2026_gateway", get, "/ws/ticker/x"}, {"trade2026_gateway", get, "/ws/trades/x"},
    {"trade2026_console", get, "/system/health"}, {"trade2026_console", get, "/services/status"},
    {"trade2026_console", post, "/trading/halt"}, {"trade2026_console", post, "/trading/resume"},
    {"trade2026_oms", get, "/api/health"}, {"trade2026_oms", get, "/api/oms/health"},
    {"trade2026_risk", get, "/api/health"}, {"trade2026_risk", get, "/api/risk/health"},
    {"trade2026_gateway", get, "/api/health"}, {"trade2026_gateway", get, "/api/gateway/health"},
    {"trade2026_console", get, "/api/console/health"},
  };
  for (const auto& [surface, verb, path] : rows) {
    CAPTURE(surface);
    CAPTURE(path);
    auto router = edge::router::make(t.table, {surface});
    REQUIRE(router);
    CHECK(router->find(path).routes[static_cast<std::size_t>(verb)] != nullptr);
  }
}

TEST_CASE("what stops or withdraws is in the control lane, what opens is in the order lane, what only shows is data") {
  whole_table t;
  std::set<std::string> control;
  for (const auto& r : t.table.routes()) {
    const auto name = std::string{edge::to_string(r.verb)} + " " + r.path;
    if (r.lane == lane::control) control.insert(name);
    if (r.verb == edge::method::get) CHECK_MESSAGE(r.lane == lane::data, name);
  }
  CHECK(control == std::set<std::string>{"POST /v1/halts", "DELETE /v1/orders/{order_id}", "DELETE /v1/orders/by_client_id", "POST /v1/orders/mass_cancel", "POST /v1/instruments/{instrument}/block",
                                         "DELETE /orders/{order_id}", "POST /trading/halt", "POST /risk/symbol/{symbol}/block"});
}

TEST_CASE("every native list is paged by cursor and limit") {
  whole_table t;
  for (const char* path : {"/v1/orders", "/v1/fills", "/v1/positions", "/v1/cash", "/v1/marks", "/v1/instruments", "/v1/halts", "/v1/actors",
                           "/v1/feeds", "/v1/limits"}) {
    CAPTURE(path);
    const auto& routes = t.table.routes();
    const auto r = std::find_if(routes.begin(), routes.end(), [&](const auto& one) { return one.path == path && one.verb == edge::method::get; });
    REQUIRE(r != routes.end());
    std::set<std::string> names;
    for (const auto& p : r->parameters) names.insert(p.name);
    CHECK(names.contains("cursor"));
    CHECK(names.contains("limit"));
    const auto reply = nlohmann::json::parse(r->reply.schema);
    CHECK(reply["properties"].contains("next"));
  }
}

TEST_CASE("the console's halt and resume document a body that may be missing") {
  whole_table t;
  const auto doc = nlohmann::json::parse(edge::openapi_json(t.table, {"trade2026_console"}, "test", "0"));
  for (const char* path : {"/trading/halt", "/trading/resume"}) {
    const auto& body = doc["paths"][path]["post"]["requestBody"];
    CHECK(body["required"] == false);
    CHECK(body["content"]["application/json"]["schema"].contains("$ref"));
  }
}

TEST_CASE("of all routes only those that say whether the node is well, and the page that takes a key, are open to who has no key, and every change wants more than a key for reading") {
  whole_table t;
  std::set<std::string> open;
  for (const auto& r : t.table.routes()) {
    const auto name = std::string{edge::to_string(r.verb)} + " " + r.path;
    if (r.is_open) open.insert(name);
    if (r.needs_authorisation) CHECK_MESSAGE(r.verb != edge::method::get, name); // what an operator alone may do is a change
    if (r.reads_body || r.lane != lane::data) CHECK_MESSAGE(r.verb != edge::method::get, name); // a GET is for whoever reads
  }
  CHECK(open == std::set<std::string>{"GET /alive", "GET /api/docs", "GET /ready"});
}

TEST_CASE("what lifts a stop, changes a limit or corrects a position wants an operator; what stops does not") {
  whole_table t;
  std::set<std::string> with_key;
  for (const auto& r : t.table.routes())
    if (r.needs_authorisation) with_key.insert(std::string{edge::to_string(r.verb)} + " " + r.path);
  for (const char* locked : {"PUT /v1/limits", "DELETE /v1/limits", "POST /v1/halts/resume", "POST /v1/journal/backup", "POST /v1/actors/log_level",
                             "POST /v1/actors/restart", "POST /v1/instruments/{instrument}/block", "DELETE /v1/instruments/{instrument}/block",
                             "POST /v1/positions/corrections", "POST /v1/strategies/{name}/corrections", "POST /trading/resume", "DELETE /risk/symbol/{symbol}/block"})
    CHECK_MESSAGE(with_key.contains(locked), locked);
  for (const char* open : {"POST /v1/halts", "POST /trading/halt", "DELETE /v1/orders/{order_id}", "DELETE /v1/orders/by_client_id"})
    CHECK_FALSE_MESSAGE(with_key.contains(open), open);
}
