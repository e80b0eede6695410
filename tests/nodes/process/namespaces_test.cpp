// `tools/cluster up`: the three nodes in network namespaces of their own, and what networks do to them while orders go in.

#include "tests/nodes/process/outage.hpp"
#include "tests/nodes/process/proof.hpp"
#include "tests/support/shell.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <future>

#include <fcntl.h>
#include <sched.h>
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
    std::string up = "up --";
    for (const auto& s : sets_) up += " --set '" + s + "'";
    const auto done = cluster(up);
    REQUIRE_MESSAGE(done.exit_code == 0, done.output);
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

  /// Makes a thread's network that of this node's host.
  [[nodiscard]] std::function<void()> host_of(const std::string& node) const {
    return [space = "/run/netns/" + name_ + "-" + node] {
      const int fd = ::open(space.c_str(), O_RDONLY | O_CLOEXEC);
      CHECK_MESSAGE((fd >= 0 && ::setns(fd, CLONE_NEWNET) == 0), space);
      ::close(fd);
    };
  }
  [[nodiscard]] result<edge::client_response> ask(const std::string& node, const std::string& method, const std::string& target,
                                                  const std::string& body = {}) const {
    return std::async(std::launch::async, [&] {
      host_of(node)();
      return edge::http_client{"127.0.0.1", edge_port, 10s}.request(method, target, body);
    }).get();
  }
  [[nodiscard]] order_entry orders_at(const std::string& node) const {
    return [this, node](const std::string& body) { return ask(node, "POST", "/v1/orders", body); };
  }
  /// Stops all once nothing is under way; every invariant holds over the three folders, given what clients were told.
  void stop_and_check(const std::map<std::string, std::string>& acknowledged) const {
    await_settled([&] {
      std::vector<std::string> all;
      for (const char* node : names) {
        const auto metrics = ask(node, "GET", "/metrics");
        REQUIRE(metrics);
        all.push_back(metrics->body);
      }
      return all;
    });
    const auto down = cluster("down");
    CHECK_MESSAGE((down.exit_code == 0 && down.output.find("is killed") == std::string::npos), down.output);
    std::vector<std::filesystem::path> folders;
    for (const char* node : names) folders.push_back(dir_.path() / "cluster" / node / "data");
    std::vector<std::string> configuration{"--config", (source_dir() / "config/cluster/a.json").string()};
    for (const auto& s : sets_) configuration.insert(configuration.end(), {"--set", s});
    check_folders(folders, configuration, acknowledged, true);
  }

  static constexpr std::uint16_t edge_port = 8080; // of each, on loopback of its own host
  static constexpr const char* names[] = {"a", "b", "c"};

private:
  const std::vector<std::string> sets_{"journal.write_buffer_mib=4", "journal.reserve_mib=0", "journal.ballast_mib=0",
                                       "feeds.0.step_ms=1", "strategies=[]", "risk.open_orders_max=100000"};
  temporary_directory dir_;
  const std::string name_ = "t" + std::to_string(::getpid() % 100'000);
};

} // namespace

TEST_SUITE_BEGIN("process/namespaces");

TEST_CASE("three nodes in three namespaces: trade from any, and come back by themselves from partitions, flapping and one-way cuts") {
  if (!has_namespaces()) return skip("no network namespaces");
  spaced_cluster desk;
  for (const char* at : desk.names)
    for (const char* owner : desk.names) CHECK(desk.place(at, owner).empty());
  order_load load{2};
  load.start(desk.edge_port, desk.host_of("a"));

  SUBCASE("a node that is cut off is away on both sides: its orders answer 503 within a second, and are taken within two after its return") {
    check_outage({
      .node = "c",
      .account = three_nodes::account_on(2),
      .orders = desk.orders_at("a"),
      .breaks = [&] { desk.ip("c", "link set eth0 down"); },
      .meanwhile = [&] {
        CHECK(eventually([&] { return desk.state("a", "c") != "UP" && desk.state("c", "a") != "UP"; }, 3s));
        CHECK(desk.place("a", "c").find("on node c, which is away") != std::string::npos);
        CHECK(desk.place("c", "a").find("on node a, which is away") != std::string::npos);
        CHECK(desk.place("b", "a").empty());
      },
      .mends = [&] { desk.ip("c", "link set eth0 up"); },
    });
  }
  SUBCASE("a cut in one direction, whichever it is, is a cut for both") {
    const std::pair<const char*, const char*> cuts[] = {{"b", "10.77.0.3/32"}, {"c", "10.77.0.2/32"}};
    for (const auto& [from, to] : cuts) {
      const std::string end = from, route = std::string{" blackhole "} + to;
      CAPTURE(end);
      check_outage({
        .node = "c",
        .account = three_nodes::account_on(2),
        .orders = desk.orders_at("b"),
        .breaks = [&] { desk.ip(end, "route add" + route); },
        .meanwhile = [&] {
          CHECK(eventually([&] { return desk.state("c", "b") != "UP" && desk.state("b", "c") != "UP"; }, 4s));
          CHECK(desk.state("a", "b") == "UP");
          CHECK(desk.place("a", "b").empty()); // its venue and risk are not behind the cut
        },
        .mends = [&] { desk.ip(end, "route delete" + route); },
      });
    }
  }
  SUBCASE("a node that is cut off from risk alone opens nothing once its lease has run out; its cancels go out") {
    const auto account = three_nodes::account_on(2);
    const auto placed = desk.ask("c", "POST", "/v1/orders", order_of(account, "rests", true));
    REQUIRE(placed);
    REQUIRE_MESSAGE(placed->status == 201, placed->body);
    const auto order = "/v1/orders/" + json_field(placed->body, "order_id");
    const auto is = [&](const char* status) {
      const auto shown = desk.ask("b", "GET", order);
      return shown && shown->status == 200 && json_field(shown->body, "status") == status;
    };
    REQUIRE(eventually([&] { return is("NEW"); })); // the venue has it
    desk.ip("a", "route add blackhole 10.77.0.3/32");
    desk.ip("c", "route add blackhole 10.77.0.1/32");
    check_lease_runs_out(desk.orders_at("c"), account, steady_clock::now());
    CHECK(desk.state("c", "a") != "UP");
    CHECK(desk.state("c", "b") == "UP"); // the venue's
    const auto withdrawn = desk.ask("c", "DELETE", order);
    REQUIRE(withdrawn);
    CHECK_MESSAGE(withdrawn->status == 202, withdrawn->body);
    CHECK(eventually([&] { return is("CANCELED"); }));
    CHECK(desk.state("c", "a") != "UP");
    desk.ip("a", "route delete blackhole 10.77.0.3/32");
    desk.ip("c", "route delete blackhole 10.77.0.1/32");
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
    CHECK(eventually(loses, 180s)); // under the sanitizers an order over it takes seconds
    MESSAGE(taken << " of " << asked << " orders were taken over it; " << shown);
    CHECK(taken > 0);
    CHECK(desk.place("a", "b").empty());
    REQUIRE(desk.on("c", "tc qdisc del dev eth0 root").exit_code == 0);
  }
  SUBCASE("a network that comes and goes, for less and for more than a node may be silent, leaves nothing behind") {
    for (const auto away : {300ms, 1500ms, 300ms, 1500ms, 300ms, 1500ms, 300ms, 300ms}) {
      desk.ip("b", "link set eth0 down");
      std::this_thread::sleep_for(away);
      if (away > 1s) CHECK(desk.state("a", "b") != "UP");
      desk.ip("b", "link set eth0 up");
      std::this_thread::sleep_for(400ms);
    }
  }
  REQUIRE(desk.is_well());
  for (const char* at : desk.names)
    for (const char* owner : desk.names) CHECK(eventually([&] { return desk.place(at, owner).empty(); }));
  load.stop();
  CHECK(load.acknowledged().size() > 100);
  CHECK(load.cut().empty());
  CHECK(load.strange().empty());
  desk.stop_and_check(load.acknowledged());
}

TEST_SUITE_END();
