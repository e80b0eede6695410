// A halt on a real node withdraws what is open in its scope: once asked, over kill -9, and for strategies that quote.

#include "tests/nodes/process/load.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <vector>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

std::string resting_order_of(const std::string& account) {
  return R"({"account":")" + account + R"(","instrument":"SOLUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"50"})";
}

std::size_t open_orders(const node_process& node, const std::string& account) {
  const auto answer = node.client().get("/v1/orders?status=OPEN&limit=500&account=" + account);
  REQUIRE(answer);
  REQUIRE_MESSAGE(answer->status == 200, answer->body);
  return nlohmann::json::parse(answer->body)["orders"].size();
}

} // namespace

TEST_SUITE_BEGIN("process/halt");

TEST_CASE("a halt withdraws what is open in its scope and nothing else; its principal is on record") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"strategies=[]"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  REQUIRE(eventually([&] { return client.get("/v1/marks/SOLUSDT.SIM")->status == 200; }));
  std::string withdrawn;
  for (const char* account : {"stopped", "stopped", "stopped", "other"}) {
    const auto answer = client.post("/v1/orders", resting_order_of(account));
    REQUIRE_MESSAGE(answer->status == 201, answer->body);
    if (withdrawn.empty()) withdrawn = json_field(answer->body, "order_id");
  }
  REQUIRE(client.post("/v1/halts", R"({"scope":"ACCOUNT","key":"stopped","reason":"drill"})")->status == 200);
  CHECK(eventually([&] { return open_orders(node, "stopped") == 0; }));
  const auto shown = client.get("/v1/orders/" + withdrawn)->body;
  CHECK(json_field(shown, "status") == "CANCELED");
  CHECK(json_field(shown, "reason") == "account stopped is halted by http: drill");
  CHECK(open_orders(node, "other") == 1);
  const auto slot = "oms/" + withdrawn.substr(0, withdrawn.find('-'));
  const auto turns = nlohmann::json::parse(client.get("/v1/actors/history?limit=500&name=" + slot)->body)["turns"];
  std::set<std::string> by;
  for (const auto& t : turns)
    if (t.dump().find("order_withdrawn") != std::string::npos) by.insert(t.at("turn").at("principal").get<std::string>());
  CHECK(by == std::set<std::string>{"http"});
}

TEST_CASE("a halt that is answered withdraws everything although the node is killed at once") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"risk.orders_per_second_max=100000", "risk.open_orders_max=2000", "strategies=[]"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  constexpr std::size_t count = 450; // more than a turn withdraws
  {
    auto client = node.client();
    REQUIRE(eventually([&] { return client.get("/v1/marks/SOLUSDT.SIM")->status == 200; }));
    for (std::size_t i = 0; i < count; ++i) REQUIRE(client.post("/v1/orders", resting_order_of("a"))->status == 201);
    REQUIRE(client.post("/v1/orders", resting_order_of("b"))->status == 201);
    REQUIRE(open_orders(node, "a") == count);
    REQUIRE(client.post("/v1/halts", R"({"scope":"ACCOUNT","key":"a","reason":"drill"})")->status == 200);
  }
  node.kill();
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(eventually([&] { return open_orders(node, "a") == 0; }));
  CHECK(open_orders(node, "b") == 1);
}

TEST_CASE("a strategy that is halted, by hand or because it was given up, leaves no quotes in the market") {
  temporary_directory dir;
  node_process node{{.data_dir = dir.path() / "data", .arguments = {"--allow-faults"}, .with_strategies = true}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  REQUIRE(eventually([&] { return open_orders(node, "mm") > 0; }));
  REQUIRE(client.post("/v1/halts", R"({"scope":"STRATEGY","key":"mm","reason":"drill"})")->status == 200);
  CHECK(eventually([&] { return open_orders(node, "mm") == 0; }));
  const auto lift = [&] { return client.request("POST", "/v1/halts/resume", R"({"scope":"STRATEGY","key":"mm"})", {{"Authorization", "Bearer " + node.operator_key(1)}})->status; };
  REQUIRE(lift() == 200);
  REQUIRE(eventually([&] { return open_orders(node, "mm") > 0; }));
  REQUIRE(eventually([&] {
    CHECK(client.post("/v1/actors/fault", R"({"name":"strategy/mm","fault":"die"})"));
    return client.get("/v1/halts")->body.find("STRATEGY") != std::string::npos;
  }));
  CHECK(eventually([&] { return open_orders(node, "mm") == 0; }));
}

TEST_CASE("what a slot that was given up has open is withdrawn at its venue, unless halts leave orders; its restart shows it, and other slots keep theirs") {
  for (const bool withdraws : {true, false}) {
    CAPTURE(withdraws);
    temporary_directory dir;
    node_process node{{dir.path() / "data", {"strategies=[]", std::string{"halt.cancels_orders="} + (withdraws ? "true" : "false")}, {"--allow-faults"}}};
    REQUIRE_MESSAGE(node.start(), node.log());
    auto client = node.client();
    REQUIRE(eventually([&] { return client.get("/v1/marks/SOLUSDT.SIM")->status == 200; }));
    std::vector<std::string> lost, kept;
    for (int i = 0; i < 3; ++i) lost.push_back(json_field(client.post("/v1/orders", resting_order_of("a"))->body, "order_id"));
    kept.push_back(json_field(client.post("/v1/orders", resting_order_of("b"))->body, "order_id"));
    const auto slot_of = [](const std::string& id) { return "oms/" + id.substr(0, id.find('-')); };
    REQUIRE(slot_of(lost.front()) != slot_of(kept.front()));
    const auto at_venue = [&](const std::vector<std::string>& ids) {
      const auto state = client.get("/v1/actors/state?name=venue%2FSIM")->body;
      return std::ranges::count_if(ids, [&](const auto& id) { return state.find("\"id\":\"" + id + "\"") != std::string::npos; });
    };
    REQUIRE(eventually([&] { return at_venue(lost) == 3 && at_venue(kept) == 1; }));
    const auto status = [&] { return json_field(client.get("/v1/actors/info?name=" + slot_of(lost.front()))->body, "status"); };
    REQUIRE(eventually([&] {
      CHECK(client.post("/v1/actors/fault", R"({"name":")" + slot_of(lost.front()) + R"(","fault":"die"})"));
      return status() == "HALTED";
    }));
    if (withdraws) CHECK(eventually([&] { return at_venue(lost) == 0; }));
    REQUIRE(client.request("POST", "/v1/actors/restart", R"({"name":")" + slot_of(lost.front()) + "\"}", {{"Authorization", "Bearer " + node.operator_key(1)}})->status == 202);
    REQUIRE(eventually([&] { return status() == "RUNNING" && open_orders(node, "a") == (withdraws ? 0 : 3); }));
    CHECK(at_venue(lost) == (withdraws ? 0 : 3));
    CHECK(at_venue(kept) == 1);
    for (const auto& id : lost) {
      if (!withdraws) continue;
      const auto shown = client.get("/v1/orders/" + id)->body;
      CHECK(json_field(shown, "status") == "CANCELED");
      CHECK_MESSAGE(json_field(shown, "reason").find("more than 1 restart") != std::string::npos, shown); // the venue's words, or the halt's when the slot saw that first
    }
    CHECK(client.get("/v1/halts")->body.find("\"a\"") != std::string::npos);
  }
}

TEST_SUITE_END();
