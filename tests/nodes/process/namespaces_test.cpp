// `tools/cluster up`: the three nodes in network namespaces of their own, and what networks do to them.

#include "tests/support/node_process.hpp"
#include "tests/support/shell.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

#include <unistd.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::steady_clock;

namespace {

bool has_namespaces() { return ::geteuid() == 0 && run_in_shell("ip netns add troupe-try && ip netns delete troupe-try").exit_code == 0; }

/// The cluster in a folder of the test, under a name of its own, beside whatever runs here.
class spaced_cluster {
public:
  spaced_cluster() {
    ::setenv("TROUPE_CLUSTER_DIR", (dir_.path() / "cluster").c_str(), 1);
    ::setenv("TROUPE_CLUSTER_NAME", name_.c_str(), 1);
    ::setenv("TROUPE_BIN", binary_dir().c_str(), 1);
    const auto up = cluster("up -- --set journal.write_buffer_mib=4 --set journal.reserve_mib=0 --set journal.ballast_mib=0 --set feeds.0.step_ms=1");
    REQUIRE_MESSAGE(up.exit_code == 0, up.output);
    REQUIRE(is_well());
  }
  ~spaced_cluster() {
    (void)cluster("down");
    for (const char* v : {"TROUPE_CLUSTER_DIR", "TROUPE_CLUSTER_NAME", "TROUPE_BIN"}) ::unsetenv(v);
  }
  shell_outcome cluster(const std::string& arguments) const { return run_in_shell("'" + (source_dir() / "tools/cluster").string() + "' " + arguments); }
  shell_outcome on(const std::string& node, const std::string& command) const { return cluster("exec " + node + " " + command); }
  void ip(const std::string& node, const std::string& command) const {
    const auto done = run_in_shell("ip -n " + name_ + "-" + node + " " + command);
    REQUIRE_MESSAGE(done.exit_code == 0, done.output);
  }
  /// All nodes are up and ready, as node a sees it.
  [[nodiscard]] bool is_well(std::chrono::milliseconds limit = 20s) const {
    return eventually([&] { return on("a", "troupe cluster status").exit_code == 0; }, limit);
  }
  /// What node `at` says about node `of`: "UP", "CONNECTING", ...
  [[nodiscard]] std::string state(const std::string& at, const std::string& of) const {
    const auto all = on(at, "troupe cluster members --json");
    if (all.exit_code != 0) return all.output;
    const auto shown = json::parse(all.output);
    for (const auto& m : shown["members"])
      if (m["name"] == of) return m["status"];
    return "unknown";
  }
  /// Places an order for an account of slot 0 (node a), 38 (b) or 57 (c) at node `at`; "" when it was taken.
  [[nodiscard]] std::string place(const std::string& at, const std::string& owner) const {
    const auto account = owner == "a" ? "u0" : owner == "b" ? "u2" : "u3";
    const auto done = on(at, std::string{"troupe order BUY 0.001 BTCUSDT.SIM --account "} + account);
    return done.exit_code == 0 ? "" : done.output;
  }

private:
  temporary_directory dir_;
  const std::string name_ = "t" + std::to_string(::getpid() % 100'000);
};

} // namespace

TEST_SUITE_BEGIN("process/namespaces");

TEST_CASE("three nodes in three namespaces: trade from any, and come back by themselves from partitions, flapping and one-way cuts") {
  if (!has_namespaces()) return skip("no network namespaces");
  spaced_cluster desk;
  for (const char* at : {"a", "b", "c"})
    for (const char* owner : {"a", "b", "c"}) CHECK(desk.place(at, owner).empty());

  SUBCASE("a node that is cut off is away on both sides within two seconds, and everything serves within four after its return") {
    desk.ip("c", "link set eth0 down");
    CHECK(eventually([&] { return desk.state("a", "c") != "UP" && desk.state("c", "a") != "UP"; }, 3s));
    CHECK(desk.place("a", "c").find("on node c, which is away") != std::string::npos);
    CHECK(desk.place("c", "a").find("on node a, which is away") != std::string::npos);
    CHECK(desk.place("b", "a").empty());
    desk.ip("c", "link set eth0 up");
    const auto began = steady_clock::now();
    CHECK(eventually([&] { return desk.place("a", "c").empty(); }, 10s));
    MESSAGE("an order of the node that was cut off is taken " << std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began).count()
                                                             << " ms after the network was back");
  }
  SUBCASE("a cut in one direction is a cut for both") {
    desk.ip("b", "route add blackhole 10.77.0.3/32");
    CHECK(eventually([&] { return desk.state("c", "b") != "UP" && desk.state("b", "c") != "UP"; }, 4s));
    CHECK(desk.state("a", "b") == "UP");
    CHECK(desk.place("a", "b").empty()); // its venue and risk are not behind the cut
    desk.ip("b", "route delete blackhole 10.77.0.3/32");
  }
  SUBCASE("a network that loses packets slows what goes over it, and takes nothing down for good") {
    // A bucket that holds little and queues less drops what comes at once; TCP sends it again.
    REQUIRE(desk.on("c", "tc qdisc add dev eth0 root tbf rate 4mbit burst 4kb limit 4kb").exit_code == 0);
    std::size_t asked = 0, taken = 0;
    std::string shown;
    const auto loses = [&] {
      (void)desk.on("a", "troupe inspect tree"); // c answers with a lot at once
      ++asked;
      taken += desk.place("a", "c").empty() ? 1 : 0;
      shown = desk.on("c", "tc -s qdisc show dev eth0").output;
      return asked >= 20 && shown.find("dropped") != std::string::npos && shown.find("dropped 0,") == std::string::npos;
    };
    CHECK(eventually(loses, 60s));
    MESSAGE(taken << " of " << asked << " orders were taken over it; " << shown);
    CHECK(taken > 0);
    CHECK(desk.place("a", "b").empty());
    REQUIRE(desk.on("c", "tc qdisc del dev eth0 root").exit_code == 0);
  }
  SUBCASE("a network that comes and goes leaves nothing behind") {
    for (int i = 0; i < 8; ++i) {
      desk.ip("b", "link set eth0 down");
      std::this_thread::sleep_for(300ms);
      desk.ip("b", "link set eth0 up");
      std::this_thread::sleep_for(400ms);
    }
  }
  REQUIRE(desk.is_well());
  for (const char* at : {"a", "b", "c"})
    for (const char* owner : {"a", "b", "c"}) CHECK(eventually([&] { return desk.place(at, owner).empty(); }));
}

TEST_SUITE_END();
