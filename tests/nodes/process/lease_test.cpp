// Risk stands still for longer than a lease lasts, under load.

#include "tests/nodes/process/proof.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

const char* probe = R"({"account":"r","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})";

/// What became of one order: "" when it was accepted, else the name of its refusal.
std::string refusal_of_a_new_order(const node_process& node) {
  auto answer = node.client().post("/v1/orders", probe);
  REQUIRE(answer);
  if (answer->status == 201) return {};
  REQUIRE_MESSAGE(answer->status == 200, answer->body);
  return json_field(answer->body, "refusal");
}

} // namespace

TEST_SUITE_BEGIN("process/lease");

TEST_CASE("risk stopped for 5 s under load: no order leaves after the lease ran out, the first one is refused by name, cancels pass, then all goes on") {
  temporary_directory dir;
  // It is not taken for a hang here: nobody takes the handle away or ends the process meanwhile.
  node_process node{{dir.path() / "data", {"node.hang_after_ms=10000", "node.stuck_after_ms=20000"}, {"--allow-faults"},
                     {{"TROUPE_HANG_MS", "5000"}}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  auto placed = node.client().post("/v1/orders", probe);
  REQUIRE(placed);
  const auto resting = json_field(placed->body, "order_id");
  order_load load{2};
  load.start(node);
  REQUIRE(eventually([&] { return load.acknowledged().size() > 20; }));

  constexpr auto pause = 5s;
  const auto began = steady_clock::now();
  REQUIRE(node.client().post("/v1/actors/fault", R"({"name":"risk","fault":"hang"})")->status == 202);
  std::string first_refusal;
  REQUIRE(eventually([&] { return !(first_refusal = refusal_of_a_new_order(node)).empty(); }, 4s));
  CHECK(first_refusal == "NO_LEASE");
  CHECK(node.client().request("DELETE", "/v1/orders/" + resting)->status == 202);
  CHECK(eventually([&] { return json_field(node.client().get("/v1/orders/" + resting)->body, "status") == "CANCELED"; }, 3s));
  int refused = 0;
  for (;;) {
    const auto refusal = refusal_of_a_new_order(node);
    if (steady_clock::now() - began >= pause) break; // this one may have met risk again
    REQUIRE(refusal == "NO_LEASE");
    ++refused;
    std::this_thread::sleep_for(10ms);
  }
  CHECK(refused > 10);
  CHECK(eventually([&] { return refusal_of_a_new_order(node).empty(); }));
  const auto answered = load.answered();
  CHECK(eventually([&] { return load.answered() > answered + 50; }));
  load.stop();
  CHECK(load.strange().empty());
  stop_settled(node);
  check_invariants(node, load.acknowledged(), true); // I8: nothing opened without a live lease
}
