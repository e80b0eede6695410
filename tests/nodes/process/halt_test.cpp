// A halt on a real node withdraws what is open in its scope: once asked, over kill -9, and for strategies that quote.

#include "tests/nodes/process/load.hpp"

#include <nlohmann/json.hpp>

#include <set>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

std::string order_of(const std::string& account) {
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
    const auto answer = client.post("/v1/orders", order_of(account));
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
    for (std::size_t i = 0; i < count; ++i) REQUIRE(client.post("/v1/orders", order_of("a"))->status == 201);
    REQUIRE(client.post("/v1/orders", order_of("b"))->status == 201);
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

TEST_SUITE_END();
