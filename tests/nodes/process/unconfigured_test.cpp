// A strategy that is taken out of the configuration of a real node and put back, over kill -9.

#include "tests/nodes/process/proof.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/unconfigured");

namespace {

const std::string one_quoter = R"(strategies=[{"name":"mm","kind":"quoter","account":"mm","instrument":"BTCUSDT.SIM","parameters":["spread_ticks=2000","size=0.01","position_max=0.1"]}])";

nlohmann::json told_at(const node_process& node, const std::string& path) {
  const auto answer = node.client().get(path);
  REQUIRE(answer);
  REQUIRE_MESSAGE(answer->status == 200, answer->body);
  return nlohmann::json::parse(answer->body);
}
nlohmann::json open_of_mm(const node_process& node) { return told_at(node, "/v1/orders?status=OPEN&limit=500&account=mm")["orders"]; }

bool has_logged(const node_process& node, const std::string& words) {
  return eventually([&] { return node.log().find(words) != std::string::npos; });
}

} // namespace

TEST_CASE("a strategy that is taken out: its orders are withdrawn over kill -9, the log names it, its record is shown; put back it trades when an operator lifts its halt, and every invariant holds") {
  temporary_directory dir;
  node_process node{{.data_dir = dir.path() / "data", .sets = {one_quoter}, .with_strategies = true}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return !open_of_mm(node).empty(); }));
  node.kill();

  node.options().sets = {"strategies=[]"};
  REQUIRE_MESSAGE(node.start(), node.log());
  node.kill(); // whatever it has come to
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(eventually([&] { return open_of_mm(node).empty(); }));
  CHECK(has_logged(node, "strategy mm is not configured any more and has "));
  const auto halts = told_at(node, "/v1/halts")["halts"];
  REQUIRE(halts.size() == 1);
  CHECK(halts[0]["key"] == "mm");
  CHECK(halts[0]["halted_by"] == "configuration");
  const auto newest = told_at(node, "/v1/orders?status=ALL&sort=NEWEST&limit=50&account=mm")["orders"];
  CHECK(std::ranges::any_of(newest, [](const auto& o) { return o.value("reason", "") == "strategy mm is halted by configuration: it was not configured any more"; }));
  CHECK(told_at(node, "/v1/actors/state?name=strategy%2Fmm")["state"].dump().find("\"position\"") != std::string::npos);
  CHECK_FALSE(told_at(node, "/v1/actors/history?limit=1&name=strategy%2Fmm")["turns"].empty());
  CHECK(node.client().get("/v1/actors/state?name=strategy%2Fnn")->status == 404);
  CHECK(node.client().get("/v1/actors/history?name=strategy%2Fnn")->status == 404);
  node.kill();

  node.options().sets = {one_quoter};
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(has_logged(node, "it opens nothing until an operator lifts that: `troupe resume strategy mm`"));
  CHECK(open_of_mm(node).empty());
  const auto lifted = node.client().request("POST", "/v1/halts/resume", R"({"scope":"STRATEGY","key":"mm"})", {{"Authorization", "Bearer " + node.operator_key(1)}});
  REQUIRE(lifted);
  REQUIRE_MESSAGE(lifted->status == 200, lifted->body);
  CHECK(eventually([&] { return !open_of_mm(node).empty(); }, 20s)); // it pauses behind refusals
  node.signal(SIGTERM);
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == 0);
  check_invariants(node, {});
}
