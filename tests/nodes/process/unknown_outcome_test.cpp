// An order whose answer does not come in time: the client is told that nobody knows, asks again, and has one order.

#include "actors/trading/ids.hpp"
#include "tests/nodes/process/proof.hpp"
#include "tests/support/count_of.hpp"

#include <nlohmann/json.hpp>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

std::string patient_order(const std::string& client_id) {
  return R"({"account":"p","client_order_id":")" + client_id + R"(","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})";
}

} // namespace

TEST_SUITE_BEGIN("process/unknown_outcome");

TEST_CASE("an order into a slot that hangs is answered 504, retriable, outcome unknown; asked again with the same id behind the hang it is one order") {
  temporary_directory dir;
  // The hang is no verdict here: the watchdog waits for longer than it lasts.
  node_process node{{dir.path() / "data", {"node.hang_after_ms=10000", "node.stuck_after_ms=20000", "edge.answer_timeout_ms=300"},
                     {"--allow-faults"}, {{"TROUPE_HANG_MS", "2000"}}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  std::map<std::string, std::string> acknowledged;
  REQUIRE(eventually([&] { // there is a market, and the slot has its lease
    auto first = node.client().post("/v1/orders", patient_order("first"));
    if (!first || first->status != 201) return false;
    acknowledged["first"] = json_field(first->body, "order_id");
    return true;
  }));
  const auto slot = "oms/" + std::to_string(trading::slot_of({"main"}, {"p"}));
  REQUIRE(node.client().post("/v1/actors/fault", R"({"name":")" + slot + R"(","fault":"hang"})")->status == 202);
  std::string id;
  edge::client_response answer;
  REQUIRE(eventually([&] { // the first orders may still pass in front of the fault
    id = "p" + std::to_string(acknowledged.size());
    auto got = node.client().post("/v1/orders", patient_order(id));
    REQUIRE(got);
    answer = std::move(*got);
    if (answer.status == 201) acknowledged[id] = json_field(answer.body, "order_id");
    return answer.status != 201;
  }, 5s));
  CAPTURE(answer.body);
  CHECK(answer.status == 504);
  const auto body = nlohmann::json::parse(answer.body);
  CHECK(body["code"] == "timeout");
  CHECK(body["retriable"] == true);
  CHECK(body["message"].get<std::string>().find("the outcome is unknown: ask again with the same id") != std::string::npos);
  CHECK(body["fields"].empty());
  CHECK_FALSE(body["request_id"].get<std::string>().empty());

  edge::client_response found;
  REQUIRE(eventually([&] { // what became of it can be asked first; that places nothing
    auto got = node.client().get("/v1/orders/by_client_id?account=p&client_order_id=" + id);
    REQUIRE(got);
    found = std::move(*got);
    return found.status != 504;
  }));
  CAPTURE(found.body);
  CHECK((found.status == 200 || found.status == 404));

  REQUIRE(eventually([&] {
    auto again = node.client().post("/v1/orders", patient_order(id));
    REQUIRE(again);
    answer = std::move(*again);
    return answer.status != 504;
  }));
  CAPTURE(answer.body);
  CHECK((answer.status == 200 || answer.status == 201));
  const auto order = json_field(answer.body, "order_id");
  if (found.status == 200) CHECK(json_field(found.body, "order_id") == order);
  CHECK(json_field(node.client().get("/v1/orders/by_client_id?account=p&client_order_id=" + id)->body, "order_id") == order);
  CHECK(node.client().get("/v1/orders/" + order)->status == 200);
  CHECK(json_field(node.client().post("/v1/orders", patient_order(id))->body, "order_id") == order);
  acknowledged[id] = order;
  stop_settled(node);
  std::string turns;
  REQUIRE(run_program("troupe", {"journal", "export", node.options().data_dir.string(), "--stream", slot}, turns) == 0);
  // The lease may have run out meanwhile: then it is one rejected order.
  CHECK(count_of("\"kind\":\"order_accepted\"", turns) + count_of("\"kind\":\"order_rejected\"", turns) == acknowledged.size());
  check_invariants(node, acknowledged, true); // I2: one order for each client id
}
