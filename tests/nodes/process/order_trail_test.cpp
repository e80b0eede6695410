// What an order over HTTP leaves behind: counters at each step, and its cause in every turn.

#include "tests/nodes/process/running_node.hpp"

#include <nlohmann/json.hpp>

#include <map>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/orders");

TEST_CASE_FIXTURE(running_node, "a thousand POSTs raise each counter on the order path by exactly a thousand") {
  const std::string answers = R"(troupe_edge_answers_total{class="2xx",route="POST /v1/orders",surface="v1"})";
  const std::vector<std::string> path{"troupe_edge_orders_asked_total",      "troupe_edge_orders_answered_total",
                                      answers,                               "troupe_oms_orders_accepted_total",
                                      "troupe_venue_orders_submitted_total", "troupe_oms_orders_acknowledged_total"};
  std::map<std::string, double> before;
  for (const auto& name : path) before[name] = metric(name);
  const auto requests = metric("troupe_edge_requests_total");
  auto client = node.client();
  for (int i = 0; i < 1000; ++i) REQUIRE(client.post("/v1/orders", order_named("n" + std::to_string(i)))->status == 201);
  CHECK(metric("troupe_edge_requests_total") - requests == 1001); // and the scrape itself
  for (const auto& name : path) {
    CAPTURE(name);
    CHECK(before[name] == 0);
    CHECK(eventually([&] { return metric(name) >= before[name] + 1000; })); // what follows the answer takes its time
    CHECK(metric(name) == before[name] + 1000);
  }
  CHECK(metric("troupe_oms_orders_open") == 1000);
  for (const char* none : {"troupe_oms_fills_total", "troupe_oms_orders_canceled_total", "troupe_oms_orders_not_sent_total",
                           "troupe_venue_cancels_submitted_total", R"(troupe_edge_refusals_total{reason="in_flight"})"})
    CHECK_MESSAGE(metric(none) == 0, none);
  // Repeats are answered and place nothing.
  for (int i = 0; i < 10; ++i) REQUIRE(client.post("/v1/orders", order_named("n" + std::to_string(i)))->status == 201);
  CHECK(metric("troupe_edge_orders_answered_total") == 1010);
  CHECK(metric("troupe_oms_orders_accepted_total") == 1000);
  CHECK(metric("troupe_venue_orders_submitted_total") == 1000);
}

TEST_CASE_FIXTURE(running_node, "refusals, cancels and fills are counted where they happen, by reason") {
  auto client = node.client();
  REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  const std::string large = R"({"client_order_id":"%","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"900","limit_price":"44000"})";
  REQUIRE(client.post("/v1/orders", order_named("l1", large))->status == 200);
  REQUIRE(client.post("/v1/orders", order_named("l1", large))->status == 200); // a repeat is no second refusal
  REQUIRE(client.post("/v1/orders", order_named("t1", R"({"client_order_id":"%","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"1","limit_price":"44000.001"})"))->status == 400);
  const auto resting_id = json_field(client.post("/v1/orders", order_named("c1"))->body, "order_id");
  REQUIRE(client.request("PATCH", "/v1/orders/" + resting_id, R"({"quantity":"900"})")->status == 200);
  REQUIRE(client.request("DELETE", "/v1/orders/" + resting_id)->status == 202);
  REQUIRE(client.request("DELETE", "/v1/orders/3-999999")->status == 404);
  REQUIRE(client.post("/v1/orders", R"({"instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET"})")->status == 201);
  const std::map<std::string, double> expected{
    {R"(troupe_oms_orders_refused_total{reason="order_notional_max"})", 2}, // the order and the replace
    {R"(troupe_oms_orders_refused_total{reason="unknown_order"})", 1},
    {R"(troupe_oms_orders_refused_total{reason="off_tick"})", 1},
    {"troupe_oms_orders_accepted_total", 2},
    {"troupe_oms_orders_canceled_total", 1},
    {"troupe_venue_cancels_submitted_total", 1},
    {"troupe_oms_orders_filled_total", 1},
    {"troupe_oms_orders_open", 0},
    {R"(troupe_edge_answers_total{class="4xx",route="POST /v1/orders",surface="v1"})", 1}};
  for (const auto& [name, value] : expected) {
    CAPTURE(name);
    CHECK(eventually([&] { return metric(name) == value; }));
  }
  REQUIRE(client.get("/v1/nothing")->status == 404);
  CHECK(metric(R"(troupe_edge_refusals_total{reason="route_not_found"})") == 1);
  for (int i = 0; i < 128; ++i) REQUIRE(client.get("/alive")->status == 200);
  CHECK(metric("troupe_edge_request_seconds_count") >= 2); // one request in 64
}

TEST_CASE_FIXTURE(running_node, "the request id that a client holds names the cause of every turn its order led to, in the slot and at the venue") {
  auto client = node.client();
  const auto placed = client.post("/v1/orders", R"({"account":"a","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","limit_price":"44000"})");
  REQUIRE(placed);
  REQUIRE_MESSAGE(placed->status == 201, placed->body);
  const std::string request_id{placed->header("X-Request-Id")};
  const auto dash = request_id.rfind('-');
  REQUIRE(dash != std::string::npos);
  CHECK(request_id.substr(0, dash) == json_field(node.ready_line(), "boot_id"));
  CHECK(json_field(placed->body, "client_order_id") == "http-" + request_id);
  const auto id = json_field(placed->body, "order_id");
  REQUIRE(eventually([&] { return json_field(client.get("/v1/orders/" + id)->body, "status") == "NEW"; }));
  const auto cause_of = [&](const std::string& actor, const std::string& kind) {
    const auto history = nlohmann::json::parse(client.get("/v1/actors/history?name=" + actor)->body);
    for (const auto& record : history.at("turns"))
      for (const auto& event : record.at("turn").at("events"))
        if (event.at("kind") == kind) return record.at("cause");
    return nlohmann::json{};
  };
  const nlohmann::json cause{{"source", "http-" + request_id.substr(0, dash)}, {"number", std::stoull(request_id.substr(dash + 1))}};
  const auto slot = "oms/" + id.substr(0, id.find('-'));
  CHECK(cause_of(slot, "order_accepted") == cause);
  CHECK(cause_of("venue/SIM", "order_opened") == cause);
  CHECK(cause_of(slot, "execution") == cause); // the venue's report
}

TEST_CASE_FIXTURE(running_node, "what risk lends a slot is on record with the slot's request as its cause") {
  const auto history = nlohmann::json::parse(node.client().get("/v1/actors/history?name=risk")->body);
  std::size_t lent = 0;
  for (const auto& record : history.at("turns"))
    for (const auto& event : record.at("turn").at("events"))
      if (event.at("kind") == "budget_set") {
        ++lent;
        CHECK(record.at("cause").at("source") == "oms/" + std::to_string(event.at("slot").get<int>()));
        CHECK(record.at("cause").at("number").get<std::uint64_t>() > 0);
      }
  CHECK(lent > 0);
}
