// The whole cluster from a seed: whatever links and nodes do, nothing acknowledged is lost, nothing is done twice, and when they are well
// again everything is as if nothing had happened. TROUPE_CLUSTER_SEEDS=N runs N scenarios, from TROUPE_CLUSTER_FIRST_SEED on, TROUPE_CLUSTER_SEED=S
// one of them.

#include "nodes/desk/crash_points.hpp"
#include "tests/nodes/desk/simulated_cluster.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t seeds = 20;
#else
constexpr std::uint64_t seeds = 200;
#endif

std::uint64_t number_in(const char* variable, std::uint64_t fallback) {
  const char* given = std::getenv(variable);
  return given ? std::strtoull(given, nullptr, 10) : fallback;
}

const auto crash_points = desk::all_crash_points();

/// One thing that goes wrong, or that a client does.
void misfortune(simulated_cluster& c) {
  auto& random = c.random();
  const auto who = random() % simulated_cluster::size;
  switch (random() % 14) {
  case 0: c.kill(who); break;
  case 2: c.cut(who, (who + 1 + random() % 2) % simulated_cluster::size); break;
  case 3: c.heal_all(); break;
  case 4: {
    cluster::network_faults f;
    f.drop_permille = static_cast<int>(random() % 100);
    f.duplicate_permille = static_cast<int>(random() % 100);
    f.delay_max = std::chrono::microseconds{50 + random() % 20'000};
    f.reorders = random() % 2 == 0;
    c.network().set(f);
    break;
  }
  case 5: c.network().set({}); break;
  case 6: // of an account that trades
    c.move(who, trading::slot_of(trading::tenant_id{"main"}, trading::account_id{"sim-" + std::to_string(random() % 9)}), random() % simulated_cluster::size);
    break;
  case 7: // for less than the others would notice
    c.stand_still(who, true);
    c.run(std::chrono::milliseconds{1 + random() % 500});
    c.stand_still(who, false);
    break;
  case 10:
  case 11: c.halt(who, "o" + std::to_string(1 + random() % 10)); break;
  case 1:
  case 8:
  case 9: c.kill_at_point(who, crash_points[random() % crash_points.size()], 1 + random() % 6); break;
  default:
    if (!c.is_alive(who)) c.start(who);
  }
}

struct outcome {
  std::string wrong;
  std::string hash;
  std::size_t acknowledged = 0;
  std::size_t halts = 0; // answered
  std::size_t withdrawn = 0;
  std::size_t moves = 0; // slots that are elsewhere than they began
  std::map<std::string, std::uint64_t, std::less<>> deaths;
  disk_losses losses;
};

outcome scenario(std::uint64_t seed) {
  std::vector<std::string> sets;
  if (seed % 3 == 0) sets.push_back("risk.firm_exposure_max=6400"); // a dozen orders use it up
  simulated_cluster c{seed, std::move(sets)};
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.start(i);
  c.run(400ms);
  std::uint64_t orders = 0;
  for (int round = 0; round < 10; ++round) {
    for (auto n = c.random()() % 4; n > 0; --n) c.place(c.random()() % simulated_cluster::size, "o" + std::to_string(++orders));
    c.run(std::chrono::microseconds{c.random()() % 20'000}); // they are on their way
    misfortune(c);
    c.run(std::chrono::milliseconds{1 + c.random()() % 250});
  }
  c.heal_all();
  c.network().set({});
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) {
    c.kill_at_point(i, {}, 0);
    if (!c.is_alive(i)) c.start(i);
  }
  c.run(2s); // leases, sessions, and what waits to be sent again
  outcome o;
  for (int i = 0; i < 5 && c.unknown() > 0; ++i) {
    c.ask_again();
    c.run(500ms);
  }
  if (c.unknown() > 0) o.wrong = std::to_string(c.unknown()) + " orders have no answer although everything is well\n";
  c.run(1500ms); // what was too old to leave is told so, and all is acknowledged
  c.hold_feeds(true);
  c.run(500ms); // and nothing new begins
  o.wrong += c.violations();
  o.wrong += c.strays();
  o.wrong += c.unfinished_moves();
  o.wrong += c.open_under_halts();
  o.halts = c.halts();
  o.withdrawn = c.withdrawn();
  o.moves = c.moves();
  o.hash = c.history_hash();
  o.acknowledged = c.acknowledged().size();
  o.deaths = c.deaths();
  o.losses = c.losses();
  return o;
}

} // namespace

TEST_SUITE_BEGIN("desk/cluster");

TEST_CASE("three nodes from a seed: links that lose, nodes that die at any step and slots that move take nothing acknowledged along and do nothing twice") {
  const auto one = number_in("TROUPE_CLUSTER_SEED", 0);
  const auto first = one != 0 ? one : number_in("TROUPE_CLUSTER_FIRST_SEED", 1), count = one != 0 ? 1 : number_in("TROUPE_CLUSTER_SEEDS", seeds);
  const auto began = std::chrono::steady_clock::now();
  std::atomic<std::uint64_t> next{first};
  std::mutex sums;
  std::size_t acknowledged = 0, halts = 0, withdrawn = 0, moves = 0;
  std::map<std::string, std::uint64_t> deaths;
  disk_losses losses;
  const auto work = [&] { // scenarios share nothing
    for (auto seed = next++; seed < first + count; seed = next++) {
      const auto o = scenario(seed);
      if (!o.wrong.empty()) FAIL_CHECK("TROUPE_CLUSTER_SEED=" << seed << " build/bin/troupe_tests -tc='three nodes from a seed*'\n" << o.wrong);
      std::lock_guard guard{sums};
      acknowledged += o.acknowledged;
      halts += o.halts;
      withdrawn += o.withdrawn;
      moves += o.moves;
      for (const auto& [point, n] : o.deaths) deaths[point] += n;
      losses.lost += o.losses.lost;
      losses.kept += o.losses.kept;
    }
  };
  std::vector<std::future<void>> workers;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) workers.push_back(std::async(std::launch::async, work));
  for (auto& w : workers) w.get();
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  CHECK(acknowledged > count);
  if (count >= 200) {
    CHECK(moves * 5 >= count);
    CHECK(halts * 5 >= count);
    CHECK(withdrawn * 5 >= count);
    for (const auto& point : crash_points) CHECK_MESSAGE(deaths[point] > 0, "no node died at " << point);
    CHECK(losses.lost * 8 >= count);
    CHECK(losses.kept > 0);
  }
  std::uint64_t died = 0;
  for (const auto& [point, n] : deaths) died += n;
  MESSAGE(count << " scenarios, " << acknowledged << " orders acknowledged, " << halts << " accounts halted and " << withdrawn << " orders withdrawn by that, " << moves << " slots moved, " << died << " deaths at crash points, "
                << losses.lost << " batches lost that were not synced and " << losses.kept << " kept, "
                << static_cast<int>(60 * static_cast<double>(count) / took) << " scenarios a minute");
}

TEST_CASE("a node does not start when risk has its record there and is to run on another one; where it was it starts as before") {
  simulated_cluster c{1};
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.start(i);
  c.run(2s);
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.kill(i);
  c.configure({R"(cluster.members.0.runs=["oms/0-21","feed/*"])", R"(cluster.members.1.runs=["risk","oms/22-42","venue/*"])"});
  const auto refused = c.try_start(0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::invalid_argument);
  REQUIRE(refused.error().fields.size() == 1);
  CHECK(refused.error().fields.front().field == "risk");
  CHECK(refused.error().fields.front().message == "is to run on node b");
  c.configure({});
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.start(i);
  c.run(2s);
  CHECK(c.strays().empty());
}

TEST_CASE("a scenario runs the same way every time") {
  const auto first = scenario(7), second = scenario(7);
  CHECK(first.hash == second.hash);
  CHECK(first.acknowledged == second.acknowledged);
}

namespace {

/// The feed to its end on three nodes that are as one.
void run_until_done(simulated_cluster& c) {
  c.be_as_one();
  c.hold_feeds(true);
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.start(i);
  c.run(1s);
  c.hold_feeds(false);
  while (!c.have_feeds_ended()) c.run(100ms);
  c.run(3s);
  CHECK(c.violations().empty());
}

const std::string short_walk = R"(feeds=[{"name":"walk","seed":7,"quotes":3000}])";

} // namespace

TEST_CASE("a run until done has one hash, on one node and on three") {
  simulated_cluster c{1, {short_walk, R"(strategies=[{"name":"mm","kind":"quoter","account":"mm","parameters":["spread_ticks=2","size=0.01","position_max=0.1","skew_ticks=1"]}])"}};
  run_until_done(c);
  CHECK(c.history_hash() == c.on_one_node().history);
}

TEST_CASE("of two strategies that act at the same instant every decision is the same on one node and on three; which turn of the venue carries an acknowledgement is not") {
  simulated_cluster c{1, {short_walk}};
  run_until_done(c);
  CHECK(c.decisions_hash() == c.on_one_node().decisions);
}

TEST_SUITE_END();
