// Orders of the Trade2026 surface over their life: what a repeat gets, what the UI reads, and which orders are shown.

#include "tests/nodes/process/trade2026.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

const std::string market = R"({"symbol":"BTCUSDT","side":"buy","quantity":0.001,"type":"market","client_order_id":"fills"})";
const std::string resting_order = R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":42000,"client_order_id":"rests"})";
const std::string refused = R"({"symbol":"BTCUSDT","side":"sell","quantity":900,"price":45000,"client_order_id":"refused"})";

/// The answer as it came.
std::string post(const node_process& node, const std::string& body) {
  auto answer = node.client_of("oms").post("/orders", body);
  REQUIRE(answer);
  CHECK_MESSAGE(answer->status == 200, answer->body);
  return answer->body;
}

std::string status_of(const trade2026_node& n, const std::string& id) { return n.get("oms", "/orders/" + id)["status"]; }

} // namespace

TEST_SUITE_BEGIN("process/trade2026_orders");

TEST_CASE_FIXTURE(trade2026_node, "an answer to a new order has what the web client reads, whichever name it uses for the type") {
  await_market();
  const auto limit = ask("oms", "POST", "/orders", R"({"symbol":"btc/usdt","side":"Buy","quantity":0.01,"price":42000.5,"order_type":"limit"})");
  CHECK(keys_of(limit) == key_set{"order_id", "status", "symbol", "side", "order_type", "quantity", "price", "stop_price", "filled_quantity",
                                  "error_message", "created_at"});
  CHECK(limit["status"] == "SENT");
  CHECK(limit["side"] == "BUY");
  CHECK(limit["order_type"] == "LIMIT");
  CHECK(limit["quantity"] == 0.01);
  CHECK(limit["price"] == 42000.5);
  CHECK(limit["stop_price"].is_null());
  CHECK(limit["filled_quantity"] == 0);
  CHECK(limit["error_message"].is_null());
  const std::string id = limit["order_id"];
  CHECK(limit["created_at"] == get("oms", "/orders/" + id)["created_at"]);
  CHECK(json::parse(post(node, market))["order_type"] == "MARKET");
  const auto no = json::parse(post(node, refused));
  CHECK(no["status"] == "RISK_REJECTED");
  CHECK(no["error_message"].is_string());
}

TEST_CASE_FIXTURE(trade2026_node, "posts without an id are orders of their own, and what is wrong is 400 with a sentence") {
  const std::string keyless = R"({"symbol":"BTCUSDT","side":"BUY","quantity":0.01,"price":42000})";
  CHECK(json::parse(post(node, keyless))["order_id"] != json::parse(post(node, keyless))["order_id"]);
  for (const char* bad : {R"({"side":"BUY","quantity":1})", R"({"symbol":"BTCUSDT","side":"BUY","quantity":1,"type":"STOP"})",
                          R"({"symbol":"BTCUSDT","side":"BUY","quantity":1})", R"({"symbol":"BTCUSDT","side":"SELL","quantity":1,"type":"MARKET","stop_price":44000})",
                          R"({"symbol":"BTCUSDT","side":"SELL","quantity":1,"price":43900,"stop_price":44000})"}) {
    CAPTURE(bad);
    CHECK(ask("oms", "POST", "/orders", bad, 400)["detail"].is_string());
  }
  const std::string off_tick = ask("oms", "POST", "/orders", R"({"symbol":"BTCUSDT","side":"BUY","quantity":0.01,"price":42000.001})", 400)["detail"];
  CHECK_MESSAGE(off_tick.starts_with("price: "), off_tick); // the name that the client sent
  CHECK(get("oms", "/orders").size() == 2); // what was wrong is on no record
  CHECK_FALSE(json::parse(post(node, R"({"symbol":"BTCUSDT","side":"BUY","quantity":0.01,"price":42000,"stop_price":null})"))["order_id"].is_null());
}

TEST_CASE_FIXTURE(trade2026_node, "a repeat has the bytes of the first answer: after the fill, after the cancel, after kill -9, and when risk refused") {
  await_market();
  const auto filled = post(node, market), cancelled = post(node, resting_order), rejected = post(node, refused);
  const std::string filled_id = json::parse(filled)["order_id"], cancelled_id = json::parse(cancelled)["order_id"];
  CHECK(post(node, resting_order) == cancelled); // while it rests
  REQUIRE(eventually([&] { return status_of(*this, filled_id) == "FILLED"; }));
  CHECK(post(node, market) == filled);
  CHECK(ask("oms", "DELETE", "/orders/" + cancelled_id)["success"] == true);
  REQUIRE(eventually([&] { return status_of(*this, cancelled_id) == "CANCELLED"; }));
  CHECK(post(node, resting_order) == cancelled);
  CHECK(post(node, refused) == rejected);
  node.kill();
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(post(node, market) == filled);
  CHECK(post(node, resting_order) == cancelled);
  CHECK(post(node, refused) == rejected);
  CHECK(get("oms", "/orders").size() == 3);
}

TEST_CASE_FIXTURE(trade2026_node, "a cancel says whether the venue is asked, with the same status for every id") {
  const std::string id = json::parse(post(node, resting_order))["order_id"];
  CHECK(ask("oms", "DELETE", "/orders/" + id) ==
        json{{"status", "cancellation requested"}, {"order_id", id}, {"success", true}, {"message", "cancellation requested"}});
  REQUIRE(eventually([&] { return status_of(*this, id) == "CANCELLED"; }));
  const auto finished = ask("oms", "DELETE", "/orders/" + id);
  CHECK(finished["success"] == false);
  CHECK_FALSE(finished["message"].get<std::string>().empty());
  for (const char* unknown : {"1-999999", "no-such-order"}) {
    const auto no = ask("oms", "DELETE", std::string{"/orders/"} + unknown);
    CHECK(no == json{{"status", "cancellation requested"}, {"order_id", unknown}, {"success", false},
                     {"message", std::string{"Order "} + unknown + " not found"}});
  }
}

TEST_CASE_FIXTURE(trade2026_node, "an account or client order id of white space alone is refused by name, as is an account that is called as a venue in dispute, and nothing is placed") {
  for (const char* field : {"account", "client_order_id"})
    for (const char* blank : {"", " ", "   "}) {
      const auto no = ask("oms", "POST", "/orders", std::string{R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":42000,")"} + field + "\":\"" + blank + "\"}", 400);
      CHECK_MESSAGE(no["detail"].get<std::string>().starts_with(field), no.dump());
    }
  const std::string as_venue = R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":42000,"account":"venue/SIM"})";
  CHECK(ask("oms", "POST", "/orders", as_venue, 400) == json{{"detail", "account: must not begin with venue/: venues in dispute are called so"}});
  CHECK(ask("risk", "POST", "/check", as_venue)["reason"] == "account must not begin with venue/: venues in dispute are called so");
  for (const char* path : {"/v1/orders", "/v1/orders/check"}) {
    const auto native = node.client().post(path, R"({"account":"venue/SIM","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","limit_price":"42000"})");
    CHECK_MESSAGE(native->status == 400, native->body);
    CHECK_MESSAGE(native->body.find(R"("field":"account")") != std::string::npos, native->body);
  }
  CHECK(get("oms", "/orders").empty());
  CHECK(ask("edge", "POST", "/trading/halt", R"({"scope":"account","key":" "})", 400)["detail"].get<std::string>().starts_with("key"));
  CHECK(get("edge", "/system/health")["trading_halted"] == false);
  CHECK(json::parse(node.client().get("/v1/halts")->body)["halts"].empty());
}

TEST_CASE_FIXTURE(trade2026_node, "active_only takes Python's words for yes and no, and refuses others with a sentence") {
  const auto filled = filled_order();
  const std::string open = json::parse(post(node, resting_order))["order_id"];
  for (const char* yes : {"True", "true", "1", "yes", "ON"}) {
    const auto orders = get("oms", std::string{"/orders?active_only="} + yes);
    CAPTURE(yes);
    REQUIRE(orders.size() == 1);
    CHECK(orders[0]["order_id"] == open);
  }
  for (const char* no : {"False", "0", "no", "off"}) CHECK(get("oms", std::string{"/orders?active_only="} + no).size() == 2);
  CHECK(ask("oms", "GET", "/orders?active_only=maybe", {}, 400)["detail"].get<std::string>().starts_with("active_only"));
}

TEST_CASE_FIXTURE(trade2026_node, "another tenant's account of the same name is not shown: orders, positions and fills are those of main") {
  await_market();
  const std::string of_desk2 = R"({"tenant":"desk2","account":"default","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.002","type":"MARKET"})";
  REQUIRE(node.client().post("/v1/orders", of_desk2)->status == 201);
  REQUIRE(eventually([&] { return node.client().get("/v1/positions?tenant=desk2")->body.find("\"quantity\":\"0.002\"") != std::string::npos; }));
  for (const char* list : {"/orders", "/positions", "/fills", "/fills?account=default"}) CHECK_MESSAGE(get("oms", list).empty(), list);
  (void)ask("oms", "GET", "/positions/BTCUSDT", {}, 404);
  (void)post(node, market);
  REQUIRE(eventually([&] { return get("oms", "/positions").size() == 1; }));
  CHECK(get("oms", "/positions/BTCUSDT")["quantity"] == 0.001);
}

TEST_CASE_FIXTURE(trade2026_node, "the position of a symbol without an account is the default account's, or else that of the first account that has one") {
  await_market();
  const auto buy = [&](const std::string& account, const char* much) {
    const auto order = json{{"symbol", "BTCUSDT"}, {"side", "buy"}, {"quantity", std::stod(much)}, {"type", "MARKET"}, {"account", account}};
    CHECK(ask("oms", "POST", "/orders", order.dump())["status"] == "SENT");
    REQUIRE(eventually([&] { return get("oms", "/positions?account=" + account).size() == 1; }));
  };
  (void)ask("oms", "GET", "/positions/BTCUSDT", {}, 404);
  buy("fund-b", "0.002");
  CHECK(get("oms", "/positions/BTCUSDT")["account"] == "fund-b");
  buy("default", "0.001");
  CHECK(get("oms", "/positions/BTCUSDT")["account"] == "default");
  CHECK(get("oms", "/positions/BTCUSDT?account=fund-b")["quantity"] == 0.002);
  (void)ask("oms", "GET", "/positions/BTCUSDT?account=nobody", {}, 404);
}

TEST_CASE_FIXTURE(trade2026_node, "members that nobody declared are ignored, and counted for whoever looks at the metrics") {
  const auto counted = [&] {
    const auto text = node.client().get("/metrics")->body;
    const std::string series = "troupe_edge_unknown_fields_total{surface=\"trade2026_oms\"} ";
    const auto at = text.find(series);
    REQUIRE(at != std::string::npos);
    return std::stoi(text.substr(at + series.size()));
  };
  CHECK(counted() == 0);
  CHECK(ask("oms", "POST", "/orders", R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":42000,"colour":"red","metadata":{"a":1}})")
          ["status"] == "SENT");
  CHECK(counted() == 1); // metadata is the original's own: it is known, and not read
  (void)get("oms", "/orders?colour=red");
  CHECK(counted() == 2);
}
