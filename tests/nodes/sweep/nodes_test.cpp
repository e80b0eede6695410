// Sweeps over workers that run already: over TLS with certificates of the sweep's own authority, from whichever host.

#include "tests/nodes/sweep/sweep_hosts.hpp"

#include "nodes/sweep/sweep_link.hpp"
#include "nodes/sweep/sweep_run.hpp"
#include "runtime/cluster/certificate.hpp"

#include <csignal>
#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("sweep/nodes");

namespace {

std::size_t rows_of(const std::vector<sweep::trial_result>& rows, const char* worker) {
  return static_cast<std::size_t>(std::ranges::count_if(rows, [&](const auto& r) { return r.worker.value.view() == worker; }));
}

struct nobody final : cluster::link_events {
  void up(const cluster::greeting&) override {}
  void down(const node_name&, const std::string&) override {}
  void received(const node_name&, lane, std::string_view, nanoseconds) override {}
};

} // namespace

TEST_CASE("over two hosts: the table is that of one machine, each host has fetched the feed once, and both took part") {
  sweep_hosts hosts{2};
  const auto feed = write_market(hosts.path(), 100);
  const auto trials = desk_trials(feed, "2:10:1", "11:20:1");
  hosts.worker(0).start();
  hosts.worker(1).start();
  std::string out;
  REQUIRE_MESSAGE(run_program("troupe", hosts.run_arguments("far", trials), out) == 0, out);
  const auto table = table_of(out);
  const auto rows = rows_in(hosts.folder_of("far"));
  REQUIRE(rows.size() == 90);
  CHECK(rows_of(rows, "a1") > 0);
  CHECK(rows_of(rows, "a2") > 0);
  for (int i = 0; i < 2; ++i) {
    const auto cached = hosts.cache_of(i) / sweep_node::hash_file(feed).value().hash.value.str() / feed.filename();
    CHECK(std::filesystem::file_size(cached) == std::filesystem::file_size(feed));
    CHECK(hosts.worker(i).is_running()); // for the next sweep
  }
  // The next sweep finds the feed there; its hash is that of one worker on this machine.
  REQUIRE_MESSAGE(run_program("troupe", hosts.run_arguments("again", trials), out) == 0, out);
  CHECK(table_of(out) == table);
  const auto log = hosts.worker(0).output();
  CHECK(log.find("fetched the feed") != std::string::npos);
  CHECK(log.find("fetched the feed") == log.rfind("fetched the feed"));
  auto local = trials;
  local.insert(local.begin(), {"run", "here", "--workers", "1"});
  REQUIRE_MESSAGE(troupe_sweep(hosts.path(), local, out) == 0, out);
  CHECK(table_of(out) == table);
  hosts.worker(0).signal(SIGTERM);
  CHECK(hosts.worker(0).join(10s) == 0);
}

TEST_CASE("a worker that joins half-way takes its share") {
  sweep_hosts hosts{2};
  hosts.worker(0).start();
  program run{"troupe", hosts.run_arguments("late", {"--idle", "--set", "idle.us=10000", "--set", "idle.number=0:799:1"}), hosts.path() / "run.log"};
  run.start();
  REQUIRE_MESSAGE(eventually([&] { return rows_in(hosts.folder_of("late")).size() >= 200; }, 60s), run.output());
  hosts.worker(1).start();
  REQUIRE_MESSAGE(run.join(60s) == 0, run.output());
  const auto rows = rows_in(hosts.folder_of("late"));
  REQUIRE(rows.size() == 800);
  MESSAGE("a1 " << rows_of(rows, "a1") << ", a2, which came late, " << rows_of(rows, "a2"));
  CHECK(rows_of(rows, "a2") > 80); // half of 600 when it comes at once
}

TEST_CASE("a worker that is not there is said by name and reason, and the sweep can be resumed") {
  sweep_hosts hosts{1};
  std::string out;
  const std::vector<std::string> trials{"--idle", "--set", "idle.number=0:9:1", "--wait", "1"};
  CHECK(run_program("troupe", hosts.run_arguments("alone", trials), out) == 3);
  CHECK(out.find("no worker was there for 1 s: a1: connecting") != std::string::npos);
  hosts.worker(0).start();
  CHECK_MESSAGE(troupe_sweep(hosts.path(), {"resume", "alone", "--data-dir", hosts.folder_of("alone").string()}, out) == 0, out);
}

TEST_CASE("a worker that can run nothing says why, and the sweep is not waited for without end") {
  sweep_hosts hosts{1};
  const auto feed = write_market(hosts.path(), 10);
  std::ofstream{hosts.cache_of(0)} << "a file where the cache's folder should be";
  hosts.worker(0).start();
  std::string out;
  auto words = hosts.run_arguments("stuck", desk_trials(feed, "2,3", "4"));
  words.insert(words.end(), {"--wait", "3"});
  CHECK(run_program("troupe", words, out) == 3);
  CHECK(out.find("worker a1 can run nothing: cannot create ") != std::string::npos);
  CHECK(out.find("no worker was there for 3 s: a1: cannot create ") != std::string::npos);
  std::filesystem::remove(hosts.cache_of(0));
  CHECK_MESSAGE(troupe_sweep(hosts.path(), {"resume", "stuck", "--data-dir", hosts.folder_of("stuck").string()}, out) == 0, out);
}

TEST_CASE("who has no certificate of the sweep's authority gets no work from it and gives none") {
  sweep_hosts hosts{1}, foreign{1};
  hosts.worker(0).start();
  auto words = hosts.run_arguments("x", {"--idle", "--set", "idle.number=0:9:1", "--wait", "2"});
  for (auto& w : words)
    if (w.ends_with("certificates/orchestrator")) w = (foreign.path() / "certificates" / "orchestrator").string();
  std::string out;
  CHECK(run_program("troupe", words, out) == 3);
  CHECK(out.find("no worker was there") != std::string::npos);
  CHECK(rows_in(hosts.folder_of("x")).empty());
}

TEST_CASE("a node that trades is let in by no worker, whatever certificate it holds, and the reason says what differs") {
  sweep_hosts hosts{1};
  hosts.worker(0).start();
  const auto certificates = hosts.path() / "certificates" / "orchestrator";
  auto o = sweep_node::link_options(node_name{"orchestrator"}, 7, certificates);
  o.rule.members.insert(node_name{"a1"});
  o.peers[node_name{"a1"}] = {"127.0.0.1", hosts.port_of(0)};
  o.listen = {"127.0.0.1", 0};
  o.dials = cluster::dialing::always;
  const auto state_as = [&](const cluster::greeting& who) {
    nobody events;
    auto x = o;
    x.self = who;
    auto link = cluster::open_tls_link(x, events);
    REQUIRE_MESSAGE(link.has_value(), to_string(link.error()));
    cluster::peer_view last;
    CHECK(eventually([&] {
      last = (*link)->peers().at(0);
      return last.state == cluster::peer_state::up || last.state == cluster::peer_state::refused;
    }));
    return last;
  };
  auto trading = o.self;
  trading.configuration = "hash of the cluster-wide configuration";
  CHECK(state_as(trading).problem.find("the cluster-wide configuration differs") != std::string::npos);
  trading = o.self;
  trading.schema = "layouts of a desk";
  CHECK(state_as(trading).problem.find("layouts differs") != std::string::npos);
  CHECK(state_as(o.self).state == cluster::peer_state::up); // else this could not fail
}

TEST_CASE("a worker is written [NAME@]HOST:PORT; the host is its name when none is given") {
  using sweep_node::parse_worker;
  CHECK(parse_worker("host-b:7420").value().first == node_name{"host-b"});
  CHECK(parse_worker("a1@10.0.0.7:7420").value().first == node_name{"a1"});
  CHECK(parse_worker("a1@10.0.0.7:7420").value().second.host == "10.0.0.7");
  CHECK(parse_worker("a1@10.0.0.7:7420").value().second.port == 7420);
  for (const char* wrong : {"", "host", "host:", "host:0", "host:70000", "host:x", ":7420", "@host:7420", "a b@host:7420"}) {
    CAPTURE(wrong);
    CHECK(parse_worker(wrong).error().code == errc::invalid_argument);
  }
}

TEST_CASE("a worker's command line is checked before anything starts") {
  temporary_directory dir;
  std::string out;
  CHECK(run_program("troupe-worker", {"--check"}, out) == 0);
  CHECK(run_program("troupe-worker", {"--check", "--set", "orchestrator.address=10.0.0.1"}, out) == 2);
  CHECK(out.find("orchestrator.port") != std::string::npos);
  CHECK(run_program("troupe-worker", {"--check", "--set", "listen.port=0"}, out) == 2);
  CHECK(run_program("troupe-worker", {"--check", "--set", "role=trader"}, out) == 2);
  CHECK(run_program("troupe-worker", {"--check", "--set", "runers=1"}, out) == 2);
  CHECK(out.find("runners") != std::string::npos);
  CHECK(run_program("troupe-worker", {"--set", "certificates=" + (dir.path() / "none").string()}, out) == 3);
  CHECK(out.find("none/ca.crt") != std::string::npos);
}

TEST_SUITE_END();
