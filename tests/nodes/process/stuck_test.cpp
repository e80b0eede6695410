// Faults in a real node: what hangs or spins. Its handle bounces, its scope is halted, and the watchdog ends the process.

#include "tests/nodes/process/faults.hpp"
#include "tests/nodes/process/load.hpp"

#include <array>
#include <csignal>

#include <sys/stat.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/supervision");

TEST_CASE("hang and spin: the handle bounces, other slots trade on, and the process ends within five seconds") {
  for (const std::string how : {"hang", "spin"}) {
    CAPTURE(how);
    temporary_directory dir;
    node_process node{{dir.path() / "data", {}, {"--allow-faults"}}}; // five seconds is what is declared: desk/configuration
    REQUIRE_MESSAGE(node.start(), node.log());
    REQUIRE(inject(node, slot_of_f, how) == 202);
    const auto began = std::chrono::steady_clock::now();
    CHECK(eventually([&] { return json_field(actor_row(node, slot_of_f), "status") == "HUNG"; }));
    CHECK(node.client().post("/v1/orders", order_of_f)->status == 503);
    const auto checked = node.client().post("/v1/orders/check", order_of_f); // places nothing, so nothing of it is unknown
    CHECK(checked->status == 503);
    CHECK(json_field(checked->body, "message").ends_with("; ask again"));
    CHECK(node.client().post("/v1/orders", order_load::body_of("other"))->status == 201);
    REQUIRE(node.join(30s));
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    MESSAGE("ended " << took.count() << " ms after it was made to " << how);
#if !defined(__SANITIZE_ADDRESS__)
    CHECK(took <= 5s);
#endif
    CHECK(node.exit_code() == 5);
    REQUIRE_MESSAGE(node.start(), node.log()); // and the next start is a normal one, which has on record why the last one ended
    CHECK(eventually([&] {
      const auto record = node.client().get("/v1/actors/history?name=supervision&limit=100")->body;
      return record.find("it ended itself: watchdog: ") != std::string::npos && record.find("\"child\":\"process\"") != std::string::npos;
    }));
    CHECK(eventually([&] { return !std::filesystem::exists(dir.path() / "data/last_words"); }));
  }
}

TEST_CASE("a handler that never returns ends the process with 5 also when the disk does not take its last words") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  const auto words = dir.path() / "data/last_words"; // whoever opens a pipe for writing waits for a reader, as for a disk that stands still
  REQUIRE(::mkfifo(words.c_str(), 0600) == 0);
  REQUIRE(inject(node, slot_of_f, "hang") == 202);
  REQUIRE(node.join(30s));
  CHECK(node.exit_code() == 5);
  CHECK(node.log().find("watchdog: ") != std::string::npos);
  REQUIRE(std::filesystem::is_fifo(words));
  std::filesystem::remove(words);
  REQUIRE_MESSAGE(node.start(), node.log());
}

namespace {

/// A node for each way of not returning, both at once: what they wait for is the watchdog's patience.
struct stuck_nodes {
  temporary_directory dir;
  node_process hung;
  node_process spinning;
  const std::array<std::pair<const char*, node_process*>, 2> all{{{"hang", &hung}, {"spin", &spinning}}};

  explicit stuck_nodes(const std::vector<std::string>& settings)
    : hung{with_strategy(dir.path() / "hung", settings)}, spinning{with_strategy(dir.path() / "spinning", settings)} {}

  /// The watchdog ended it, saying `why`, and it starts.
  static void start_again(node_process& node, const std::string& why) {
    REQUIRE(node.join(30s));
    CHECK(node.exit_code() == 5);
    CHECK(node.log().find(why) != std::string::npos);
    REQUIRE_MESSAGE(node.start(), node.log());
  }
};

} // namespace

TEST_CASE("each kind of actor that hangs or spins: its handle bounces, its scope is halted, the watchdog ends the process, a start recovers") {
  // Threads, because each of them keeps one for good; patience, to look at all of them before the end.
  stuck_nodes nodes{{"node.threads=16", "node.stuck_after_ms=15000"}};
  std::vector<std::string> stuck;
  std::set<std::string> halted;
  for (const auto& [name, scopes] : kinds) {
    if (name == "operations" || name == "risk") continue; // one records the others' faults, one their halts
    stuck.push_back(name);
    halted.insert(scopes.begin(), scopes.end());
  }
  for (const auto& [how, node] : nodes.all) {
    REQUIRE_MESSAGE(node->start(), node->log());
    REQUIRE(node->client().post("/v1/orders", order_of_f)->status == 201);
    for (const auto& name : stuck) REQUIRE(inject(*node, name, how) == 202);
  }
  for (const auto& [how, node] : nodes.all) {
    INFO(how);
    for (const auto& name : stuck) {
      CAPTURE(name);
      CHECK(eventually([&, n = node] { return json_field(actor_row(*n, name), "status") == "HUNG"; }));
    }
    CHECK(node->client().post("/v1/orders", order_of_f)->status == 503); // the slot's handle leads nowhere
    CHECK(eventually([&, n = node] { return halts_of(*n) == halted; }));
  }
  for (const auto& [how, node] : nodes.all) {
    INFO(how);
    nodes.start_again(*node, "a handler has not returned for");
    CHECK(halts_of(*node) == halted);
    node->kill();
    REQUIRE_MESSAGE(node->start(), node->log());
    CHECK(halts_of(*node) == halted);
    CHECK(json_field(node->client().post("/v1/orders", order_of_f)->body, "refusal") == "HALTED");
    for (const auto& [name, scopes] : kinds) CHECK(json_field(actor_row(*node, name), "status") == "RUNNING");
  }
}

TEST_CASE("risk hangs or spins: nothing can halt a scope then and nothing needs to, the watchdog ends the process, and a start trades") {
  stuck_nodes nodes{{}};
  for (const auto& [how, node] : nodes.all) {
    REQUIRE_MESSAGE(node->start(), node->log());
    REQUIRE(inject(*node, "risk", how) == 202);
  }
  for (const auto& [how, node] : nodes.all) {
    INFO(how);
    nodes.start_again(*node, "risk: a handler has not returned");
    CHECK(halts_of(*node).empty());
    CHECK(node->client().post("/v1/orders", order_of_f)->status == 201);
  }
}

TEST_CASE("operations hangs or spins: what must go on record is refused, orders go on, the watchdog ends the process, and a start trades") {
  stuck_nodes nodes{{"node.stuck_after_ms=10000"}};
  for (const auto& [how, node] : nodes.all) {
    REQUIRE_MESSAGE(node->start(), node->log());
    REQUIRE(inject(*node, "operations", how) == 202);
  }
  for (const auto& [how, node] : nodes.all) {
    INFO(how);
    REQUIRE(eventually([&, n = node] { return json_field(actor_row(*n, "operations"), "status") == "HUNG"; }));
    CHECK(inject(*node, "portfolio", "die") == 503);
    CHECK(json_field(actor_row(*node, "portfolio"), "restarts") == "0");
    CHECK(node->client().post("/v1/orders", order_of_f)->status == 201);
    CHECK(halts_of(*node).empty());
  }
  for (const auto& [how, node] : nodes.all) {
    INFO(how);
    nodes.start_again(*node, "operations: a handler has not returned");
    CHECK(node->client().post("/v1/orders", order_of_f)->status == 201);
  }
}

TEST_CASE("a stop that cannot end is ended: a hung actor does not keep the process") {
  temporary_directory dir;
  node_process node{with_strategy(dir.path() / "data", {"node.stuck_after_ms=60000", "node.hang_after_ms=10000", "node.stop_within_ms=3000"})};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(inject(node, "portfolio", "hang") == 202);
  node.signal(SIGTERM);
  REQUIRE(node.join(30s));
  CHECK(node.exit_code() == 5);
  CHECK(node.log().find("the node does not stop") != std::string::npos);
  REQUIRE_MESSAGE(node.start(), node.log());
}
