// Faults are for nodes that were started for them: the switch is on the command line, not in the environment that a node inherits.

#include "tests/nodes/process/load.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// Everything the environment can ask for: each of it would end the node, or hold it up for longer than the case waits.
const std::map<std::string, std::string> armed_environment{{"TROUPE_CRASH_AT", "journal.batch_built:1"}, {"TROUPE_SYNC_DELAY", "60000:0"},
                                                           {"TROUPE_SYNC_FAIL_AT", "1"},                 {"TROUPE_LOSE_UNSYNCED", "1"},
                                                           {"TROUPE_HANG_MS", "60000"}};

/// The actor's row of /v1/actors.
nlohmann::json row_of(const node_process& node, const std::string& actor) {
  auto answer = node.client().get("/v1/actors");
  REQUIRE(answer);
  const auto rows = nlohmann::json::parse(answer->body);
  for (const auto& row : rows["actors"])
    if (row["name"] == actor) return row;
  FAIL("there is no actor " << actor);
  return {};
}

} // namespace

TEST_SUITE_BEGIN("process/fault_switch");

TEST_CASE("without --allow-faults a fault is 403 and does nothing, what the environment asks for is not heeded, and the node ends with 0") {
  temporary_directory dir;
  node_process node{{.data_dir = dir.path() / "data", .environment = armed_environment}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  auto client = node.client();
  for (const char* fault : {"throw", "die", "hang", "spin"}) {
    auto refused = client.post("/v1/actors/fault", std::string{R"({"name":"risk","fault":")"} + fault + "\"}");
    REQUIRE(refused);
    CAPTURE(refused->body);
    CHECK(refused->status == 403);
    CHECK(json_field(refused->body, "code") == "forbidden");
    CHECK(refused->body.find("--allow-faults") != std::string::npos);
  }
  for (int n = 0; n < 200; ++n) {
    auto placed = client.post("/v1/orders", order_load::body_of("s" + std::to_string(n)));
    REQUIRE(placed);
    REQUIRE_MESSAGE(placed->status == 201, placed->body);
  }
  const auto risk = row_of(node, "risk");
  CHECK(risk["status"] == "RUNNING");
  CHECK(risk["restarts"] == 0);
  CHECK(row_of(node, "operations")["sequence"] == 0); // what is refused is no operation
  node.signal(SIGTERM);
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == 0);

  // The same words on a node that was started for them.
  node.options().arguments = {"--allow-faults"};
  node.options().environment = {{"TROUPE_CRASH_AT", armed_environment.at("TROUPE_CRASH_AT")}};
  if (node.start()) (void)node.client().post("/v1/orders", order_load::body_of("last"));
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == -SIGKILL);
}
