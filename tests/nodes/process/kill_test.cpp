// Real processes, killed at any instant. What was acknowledged is there afterwards, once; what was not is there at most
// once; venue and OMS agree; and the node is ready again within two seconds.

#include "tests/nodes/process/load.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include <csignal>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// The independent checker says that all invariants hold, given what the clients were told.
void check_invariants(const node_options& o, const std::map<std::string, std::string>& acknowledged, bool drained) {
  const auto list = o.data_dir.string() + ".acked";
  {
    std::ofstream out{list};
    for (const auto& [client_id, order_id] : acknowledged) out << order_id << '\n';
  }
  std::vector<std::string> arguments{"check", "invariants", "--data-dir", o.data_dir.string(), "--acked", list};
  if (drained) arguments.push_back("--drained");
  std::string output;
  const int code = run_program("troupe", arguments, output);
  CAPTURE(output);
  CHECK(code == 0);
}

/// Every acknowledged order answers a GET, and a repeat of its POST gets the same id.
void check_acknowledged(const node_process& node, const std::map<std::string, std::string>& acknowledged, std::size_t sample) {
  auto client = node.client();
  std::size_t step = std::max<std::size_t>(1, acknowledged.size() / sample);
  std::size_t n = 0;
  for (const auto& [client_id, order_id] : acknowledged) {
    if (n++ % step != 0) continue;
    CAPTURE(client_id);
    CAPTURE(order_id);
    auto found = client.get("/v1/orders/" + order_id);
    REQUIRE(found);
    CHECK(found->status == 200);
    CHECK(json_field(found->body, "client_order_id") == client_id);
    auto again = client.post("/v1/orders", order_load::body_of(client_id));
    REQUIRE(again);
    CHECK(json_field(again->body, "order_id") == order_id);
  }
}

int cycles() {
  const char* given = std::getenv("TROUPE_KILL_CYCLES");
  return given ? std::max(1, std::atoi(given)) : 20;
}

} // namespace

TEST_SUITE_BEGIN("process/kill");

TEST_CASE("kill -9 at random times under load loses nothing that was acknowledged and doubles nothing") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  order_load load;
  std::chrono::milliseconds slowest{0};
  for (int cycle = 0; cycle < cycles(); ++cycle) {
    CAPTURE(cycle);
    REQUIRE_MESSAGE(node.start(), node.log());
    if (cycle > 0) slowest = std::max(slowest, node.ready_after());
    (void)load.resolve(node);
    load.start(node);
    std::this_thread::sleep_for(std::chrono::milliseconds{100 + random() % 600});
    node.kill();
    load.stop();
    if (cycle % 5 == 4) check_invariants(node.options(), load.acknowledged(), false);
  }
  MESSAGE("slowest restart to ready: " << slowest.count() << " ms, " << load.answered() << " orders answered");
  CHECK(load.strange().empty());
  CHECK(load.answered() > 0);
  REQUIRE(node.start());
  (void)load.resolve(node);
  check_acknowledged(node, load.acknowledged(), 200);
  std::this_thread::sleep_for(1s); // effects that were under way arrive
  node.signal(SIGTERM);
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == 0);
  check_invariants(node.options(), load.acknowledged(), true);
}

TEST_CASE("dying at every declared crash point loses nothing that was acknowledged and doubles nothing") {
  std::string names;
  REQUIRE(run_program("troupe-node", {"--list-crash-points"}, names) == 0);
  std::istringstream lines{names};
  std::string point;
  int points = 0;
  while (std::getline(lines, point)) {
    CAPTURE(point);
    temporary_directory dir;
    node_process node{{dir.path() / "data", {}, {"--allow-faults"}, {{"TROUPE_CRASH_AT", point + ":120"}}}};
    order_load load{4};
    const bool survived_start = node.start();
    if (survived_start) {
      load.start(node);
      const bool died = node.join(20s);
      if (!died) node.kill();
      load.stop();
      CHECK_MESSAGE(died, "the point was never passed 120 times");
    }
    CHECK(node.exit_code() == -SIGKILL);
    node.options().environment.clear();
    REQUIRE_MESSAGE(node.start(), node.log());
    CHECK(load.strange().empty());
    (void)load.resolve(node);
    check_acknowledged(node, load.acknowledged(), 20);
    std::this_thread::sleep_for(500ms);
    node.signal(SIGTERM);
    REQUIRE(node.join(20s));
    check_invariants(node.options(), load.acknowledged(), true);
    ++points;
  }
  CHECK(points >= 8);
}

TEST_CASE("a read never shows what a crash then takes back") {
  temporary_directory dir;
  // From the 200th sync on each takes two seconds: what is decided then stays undecided for the disk for long.
  node_process node{{dir.path() / "data", {"edge.answer_timeout_ms=20000"}, {"--allow-faults"}, {{"TROUPE_SYNC_DELAY", "2000:200"}}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  std::string slow; // the order that was posted and not answered
  for (int i = 0; i < 2000 && slow.empty(); ++i) {
    const auto id = "r" + std::to_string(i);
    auto answer = node.client(1s).post("/v1/orders", order_load::body_of(id));
    if (!answer) slow = id;
  }
  REQUIRE_FALSE(slow.empty());
  const auto list = "/v1/orders?status=all&limit=500&account=" + json_field(order_load::body_of(slow), "account");
  const auto shows = [&](const std::string& body) { return body.find("\"" + slow + "\"") != std::string::npos; };
  const auto posted = "p" + slow; // another one for the same moment, and a read behind it
  std::thread poster{[&] { (void)node.client(3s).post("/v1/orders", order_load::body_of(posted)); }};
  auto read = node.client(1200ms).get(list);
  const bool was_shown = read && read->status == 200 && shows(read->body);
  node.kill();
  poster.join();
  node.options().environment.clear();
  REQUIRE_MESSAGE(node.start(), node.log());
  auto after = node.client().get(list);
  REQUIRE(after);
  REQUIRE(after->status == 200);
  CHECK((!was_shown || shows(after->body)));
}

TEST_CASE("a failed fdatasync ends the node: nothing is acknowledged after it, and the next start is clean") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}, {{"TROUPE_SYNC_FAIL_AT", "400"}}}};
  order_load load{4};
  if (node.start()) {
    load.start(node);
    const bool ended = node.join(30s);
    if (!ended) node.kill();
    load.stop();
    REQUIRE_MESSAGE(ended, "the sync never failed");
  }
  CHECK(node.exit_code() == 4);
  const auto acknowledged = load.acknowledged();
  node.options().environment.clear();
  REQUIRE_MESSAGE(node.start(), node.log());
  check_acknowledged(node, acknowledged, 100);
  node.signal(SIGTERM);
  REQUIRE(node.join(20s));
  check_invariants(node.options(), acknowledged, false);
}
