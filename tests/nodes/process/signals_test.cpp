// Signals to a real node: it drains, reports and ends, and a second one ends it at once.

#include "tests/nodes/process/faults.hpp"
#include "tests/nodes/process/load.hpp"

#include <csignal>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/supervision");

TEST_CASE("Ctrl-C prints the report: quotes, orders, fills, positions, P&L and the journal") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return json_field(node.client().post("/v1/orders", at_market)->body, "status") != "REJECTED"; }));
  REQUIRE(eventually([&] { return node.client().get("/v1/fills")->body.find("\"quantity\"") != std::string::npos; }));
  node.signal(SIGINT);
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == 0);
  const auto report = node.log();
  CAPTURE(report);
  for (const std::string part : {" quotes (", " orders, ", "1 fills\n", "positions: f 0.001 BTCUSDT.SIM", "P&L: 0 USDT realized", " durable turns in ", "0 waiting"})
    CHECK_MESSAGE(report.find(part) != std::string::npos, part);
}

TEST_CASE("the report counts after the last drain: nothing waits, whatever was under way at Ctrl-C") {
  temporary_directory dir;
  node_process node{with_strategy(dir.path() / "data", {"journal.snapshot_interval=0"})};
  REQUIRE_MESSAGE(node.start(), node.log());
  order_load load{4};
  load.start(node);
  REQUIRE(eventually([&] { return load.answered() > 200; }));
  node.signal(SIGINT);
  REQUIRE(node.join(20s));
  load.stop();
  CHECK(node.exit_code() == 0);
  const auto report = node.log().substr(node.log().rfind("ran "));
  CAPTURE(report);
  CHECK(report.find(" flushes, 0 waiting\n") != std::string::npos);
  const auto journal = report.substr(report.find("journal: ") + 9);
  std::string verified; // and every turn is in the count: an epoch of this start is no turn
  REQUIRE(run_program("troupe", {"check", "invariants", "--data-dir", (dir.path() / "data").string(), "--json"}, verified) == 0);
  CHECK(journal.substr(0, journal.find(' ')) == json_field(verified, "turns"));
}

TEST_CASE("the same signal twice at once, as `timeout` sends it, is one: the node drains") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  node.signal(SIGTERM);
  node.signal(SIGINT);
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == 0);
  CHECK(node.log().find("second signal") == std::string::npos);
}

TEST_CASE("a second signal ends a drain at once and says what was not done") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"node.hang_after_ms=9000", "node.stuck_after_ms=30000"}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(inject(node, slot_of_f, "hang") == 202);
  node.signal(SIGINT);
  REQUIRE(eventually([&] { return node.log().find("draining") != std::string::npos; }));
  CHECK_FALSE(node.join(1s)); // it waits for the hung slot
  node.signal(SIGINT);
  REQUIRE(node.join(2s));
  CHECK(node.exit_code() == 1);
  const auto log = node.log();
  CAPTURE(log);
  CHECK(log.find("ended by the second signal, before it was drained: 0 requests were not answered, ") != std::string::npos);
}

TEST_CASE("a signal before the node is ready ends it cleanly, and nobody was told that it is ready") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}, {{"TROUPE_SYNC_DELAY", "700:0"}}}};
  REQUIRE_FALSE(node.start(1s)); // its first syncs take their time
  REQUIRE(node.is_running());
  node.signal(SIGINT);
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == 0);
  CHECK(node.ready_line().empty());
  CHECK(node.log().find("stopped before it was ready") != std::string::npos);
}

TEST_CASE("SIGTERM drains: every accepted request is answered and the exit code is 0") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  order_load load{4};
  load.start(node);
  REQUIRE(eventually([&] { return load.answered() > 200; }));
  node.signal(SIGTERM);
  REQUIRE(node.join(10s));
  load.stop();
  CHECK(node.exit_code() == 0);
  CHECK(load.strange().empty());
}
