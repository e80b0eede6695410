// Instruments on a real node that are not traded any more, or shall have another quote.

#include "tests/nodes/process/running_node.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/orders");

TEST_CASE("an account's exposure counts what it holds of every instrument at the mark of the moment, also of one that it has long not traded") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {R"(feeds=[{"name":"walk","seed":1,"step_ms":1,"quotes":6000}])", "risk.mark_age_max_ms=600000"}, {}, {}, false}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  const auto ask = [&](const std::string& target) { return nlohmann::json::parse(client.get(target)->body); };
  const auto number = [](const nlohmann::json& text) { return std::stod(text.get<std::string>()); };
  REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  const auto bought = client.post("/v1/orders", R"({"account":"a","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"1","type":"MARKET"})");
  REQUIRE_MESSAGE(bought->status == 201, bought->body);
  const auto id = json_field(bought->body, "order_id");
  REQUIRE(eventually([&] { return json_field(client.get("/v1/orders/" + id)->body, "status") == "FILLED"; }));
  REQUIRE(eventually([&] { return ask("/v1/feeds")["feeds"][0]["status"] == "ENDED"; }, 30s));
  const auto mark = ask("/v1/marks/BTCUSDT.SIM");
  const auto worth = (number(mark["bid"]) + number(mark["ask"])) / 2;
  REQUIRE(std::abs(worth - number(ask("/v1/orders/" + id)["average_price"])) > 1); // the market has moved
  const auto other = client.post("/v1/orders", R"({"account":"a","instrument":"ETHUSDT.SIM","side":"BUY","quantity":"0.01","limit_price":"2000"})");
  REQUIRE_MESSAGE(other->status == 201, other->body); // nobody sells at 2000: it rests
  const auto turns = ask("/v1/actors/history?limit=500&name=oms%2F" + id.substr(0, id.find('-')))["turns"];
  const auto taken = std::ranges::find_if(turns, [&](const auto& t) { return !t["turn"]["events"].empty() && t["turn"]["events"][0].value("id", "") == json_field(other->body, "order_id"); });
  REQUIRE(taken != turns.end());
  const auto read = number((*taken)["turn"]["inputs"]["account_exposure"]["amount"]);
  CHECK(std::abs(read - worth) < 0.1);
}

TEST_CASE("an instrument that has been traded keeps its quote: another one does not start, and says how it was; set back, everything is there") {
  temporary_directory dir;
  const auto with = [&](std::vector<std::string> sets) { return node_process{{dir.path() / "data", std::move(sets)}}; };
  {
    auto node = with({});
    REQUIRE_MESSAGE(node.start(), node.log());
    auto client = node.client();
    REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
    const auto bought = client.post("/v1/orders", R"({"account":"a","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET","time_in_force":"IOC"})");
    REQUIRE_MESSAGE(bought->status == 201, bought->body);
    REQUIRE(eventually([&] { return json_field(client.get("/v1/orders/" + json_field(bought->body, "order_id"))->body, "status") == "FILLED"; })); // nothing is open
    REQUIRE(eventually([&] { return client.get("/v1/positions?account=a")->body.find("BTCUSDT") != std::string::npos; }));
    node.kill();
  }
  auto other = with({"instruments.3.quote=USD", "risk.quotes_at_par=true"});
  CHECK_FALSE(other.start());
  CHECK(other.exit_code() == 3);
  CHECK_MESSAGE(other.log().find("is configured with the quote USD, but account a has traded it in USDT") != std::string::npos, other.log());
  auto back = with({});
  REQUIRE_MESSAGE(back.start(), back.log());
  CHECK(back.client().get("/v1/positions?account=a")->body.find("BTCUSDT") != std::string::npos);
}

TEST_CASE("an instrument with an open order keeps its quote though nothing of it is filled; without one it may have another") {
  temporary_directory dir;
  const auto with = [&](std::vector<std::string> sets) { return node_process{{dir.path() / "data", std::move(sets)}}; };
  const std::vector<std::string> in_dollars{"instruments.3.quote=USD", "risk.quotes_at_par=true"};
  std::string id;
  {
    auto node = with({});
    REQUIRE_MESSAGE(node.start(), node.log());
    auto client = node.client();
    REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
    const auto placed = client.post("/v1/orders", order_named("one"));
    REQUIRE_MESSAGE(placed->status == 201, placed->body);
    id = json_field(placed->body, "order_id");
    REQUIRE(eventually([&] { return json_field(client.get("/v1/orders/" + id)->body, "status") == "NEW"; })); // behind its lease it would not be sent any more
    node.kill();
  }
  auto other = with(in_dollars);
  CHECK_FALSE(other.start());
  CHECK(other.exit_code() == 3);
  CHECK_MESSAGE(other.log().find("is configured with the quote USD, but order " + id + " of account a is open in USDT") != std::string::npos, other.log());
  {
    auto back = with({});
    REQUIRE_MESSAGE(back.start(), back.log());
    const auto cancelled = back.client().request("DELETE", "/v1/orders/" + id);
    REQUIRE_MESSAGE(cancelled->status < 300, cancelled->body);
    REQUIRE(eventually([&] { return json_field(back.client().get("/v1/orders/" + id)->body, "status") == "CANCELED"; }));
    back.kill();
  }
  auto free = with(in_dollars);
  CHECK_MESSAGE(free.start(), free.log());
}

TEST_CASE("an instrument that is not configured any more is blocked and halted while something is open in it, which is withdrawn; one that nobody had is refused") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"strategies=[]"}}};
  start_without_an_instrument_that_has_an_order(node);
  auto client = node.client();
  const auto refused = client.post("/v1/halts", R"({"scope":"INSTRUMENT","key":"DOGEUSDT.SIM"})");
  CHECK(refused->status == 404);
  CHECK(refused->body.find("there are BTCUSDT.SIM") != std::string::npos);
  CHECK(nlohmann::json::parse(client.get("/v1/halts")->body)["halts"].empty());
  const auto block = [&](const char* what) {
    return client.request("POST", "/v1/instruments/" + std::string{what} + "/block", "", {{"Authorization", "Bearer " + node.operator_key(1)}})->status;
  };
  CHECK(block("DOGEUSDT.SIM") == 404);
  CHECK(block("ETHUSDT.SIM") == 200);
  const auto halted = client.post("/v1/halts", R"({"scope":"INSTRUMENT","key":"ETHUSDT.SIM"})");
  CHECK_MESSAGE(halted->status == 200, halted->body);
  CHECK(eventually([&] { return nlohmann::json::parse(client.get("/v1/orders?status=OPEN")->body)["orders"].empty(); }));
  CHECK(nlohmann::json::parse(client.get("/v1/halts")->body)["halts"].size() == 1);
}
