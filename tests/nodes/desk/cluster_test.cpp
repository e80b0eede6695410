// The whole cluster from a seed: whatever links and nodes do, nothing acknowledged is lost, nothing is done twice, and when they are well
// again everything is as if nothing had happened. TROUPE_CLUSTER_SEEDS=N runs N scenarios, from TROUPE_CLUSTER_FIRST_SEED on, TROUPE_CLUSTER_SEED=S
// one of them.

#include "actors/platform/placement/core.hpp"
#include "actors/trading/oms/core.hpp"
#include "nodes/desk/crash_points.hpp"
#include "nodes/desk/slot_mover.hpp"
#include "runtime/supervise/supervisor.hpp"
#include "tests/nodes/desk/simulated_cluster.hpp"
#include "tests/support/turns.hpp"

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

namespace {

/// As one node's actor would be told by another, or by itself.
template <class... Ts>
void tell(simulated_cluster& c, std::size_t node, const actor_name& whom, const Ts&... what) {
  c.node(node).parts().env.names->ref(whom)->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, what...), nullptr);
}

/// Three nodes, with the slot on the third: from the first it went by the second.
struct moved_on {
  simulated_cluster cluster{11};
  std::uint32_t slot = 0;

  moved_on() {
    for (std::size_t i = 0; i < simulated_cluster::size; ++i) cluster.start(i);
    cluster.run(400ms);
    cluster.place(0, "o1");
    cluster.run(100ms);
    slot = another();
    move_to(1);
    move_to(2);
  }
  /// One that is on the first node.
  [[nodiscard]] std::uint32_t another() {
    std::uint32_t one = 0;
    while (cluster.node(0).nodes().node_of(trading::slot_name(one)) != cluster.name(0)) ++one;
    return one;
  }
  void move_to(std::size_t node) {
    cluster.move(0, slot, node);
    cluster.run(2s);
    REQUIRE(cluster.strays().empty());
    REQUIRE(cluster.node(0).nodes().node_of(trading::slot_name(slot)) == cluster.name(node));
  }
};

} // namespace

TEST_CASE("a node that was told once more that a slot had to arrive, when it had come and gone, takes it again") {
  moved_on desk;
  placement::take_over earlier{desk.slot, desk.cluster.name(0), 1, {}};
  SUBCASE("and could not make it what it was") {}
  SUBCASE("and waits for what nobody has") { earlier.at.sequence = 1'000'000; }
  tell(desk.cluster, 1, desk::slot_mover_name, desk::finish_order{earlier});
  desk.cluster.run(3s);
  desk.move_to(1);
  CHECK(desk.cluster.unfinished_moves().empty());
}

TEST_CASE("slots of which something is missing that nobody has, told of again and again, hold up no other") {
  moved_on desk;
  auto& c = desk.cluster;
  std::vector<std::uint32_t> gone;
  for (int i = 0; i < 2; ++i) {
    gone.push_back(desk.slot = desk.another());
    desk.move_to(2);
  }
  const auto waiting = desk.another();
  const auto again = [&] {
    for (const auto slot : gone) {
      placement::take_over never{slot, c.name(0), 1, {}};
      never.at.sequence = 1'000'000;
      tell(c, 1, desk::slot_mover_name, desk::finish_order{never});
    }
    c.run(1s);
  };
  c.hold_feeds(true);
  again();
  c.move(0, waiting, 1);
  for (int i = 0; i < 70; ++i) again();
  CHECK(c.unfinished_moves().empty());
  CHECK(c.strays().empty());
  CHECK(c.node(0).nodes().node_of(trading::slot_name(waiting)) == c.name(1));
}

TEST_CASE("a slot does not leave for a node that has another history of it, however long that is") {
  moved_on desk;
  auto& c = desk.cluster;
  desk.slot = desk.another();
  const auto stream = trading::slot_name(desk.slot);
  std::uint64_t turns = 1;
  for (const auto& h : *c.node(0).parts().journal->heads())
    if (h.stream == stream) turns += h.sequence;
  SUBCASE("a longer one") { turns += 100; }
  SUBCASE("a shorter one") { turns = 1; }
  c.kill(1);
  const auto other = c.backup(1);
  auto head = *other->open_stream(stream);
  for (; turns > 0; --turns) append_turn<oms::core>(*other, head, {});
  c.restore(1, other);
  c.start(1);
  c.run(2s);
  c.move(0, desk.slot, 1);
  c.run(3s);
  CHECK(c.node(2).nodes().node_of(stream) == c.name(0));
  CHECK(c.unfinished_moves().empty());
  CHECK(c.strays().empty());
}

TEST_CASE("a slot of which the node that gave it has lost the end stays on its way, until an operator says that what is there of it is to count") {
  simulated_cluster c{15};
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.start(i);
  c.run(400ms);
  std::uint32_t slot = 0;
  while (c.node(0).nodes().node_of(trading::slot_name(slot)) != c.name(0)) ++slot;
  const auto stream = trading::slot_name(slot);
  actor::inbox<placement::take_over> handed_over; // by a life of the first node's keeper of which nothing is left
  handed_over.from = placement::keeper_of(c.name(0));
  handed_over.epoch = 1;
  handed_over.items.push_back({1, {slot, c.name(0), 1, {1'000'000, text<64>{std::string(64, '7')}, 7, {}}}, {}, {}});
  tell(c, 1, placement::keeper_of(c.name(1)), handed_over);
  c.run(5s);
  CHECK_FALSE(c.unfinished_moves().empty());
  CHECK(c.node(2).nodes().node_of(stream) == c.name(0));
  const auto restart = [&](bool is_older) {
    c.kill(1);
    if (is_older) c.restore(1, c.backup(1));
    c.start(1);
    c.run(8s);
  };
  restart(false);
  CHECK_FALSE(c.unfinished_moves().empty());
  restart(true);
  CHECK(c.unfinished_moves().empty());
  CHECK(c.node(2).nodes().node_of(stream) == c.name(1));
  CHECK(c.strays().empty());
}

TEST_CASE("what is all here needs nobody else to arrive, though the node that gave it has died") {
  moved_on desk;
  auto& c = desk.cluster;
  c.kill(0);
  placement::take_over what{trading::slot_count - 1, c.name(0), 1, {}};
  what.at.chain = text<64>{to_hex(sha256_digest{})};
  what.at.epoch = 7;
  tell(c, 1, desk::slot_mover_name, desk::finish_order{what});
  c.run(100ms);
  CHECK(c.node(1).parts().epochs[what.slot].load() == 7);
}

TEST_CASE("a slot that ended for a life of the keeper of placement that is over serves on, whether it had ended as it should or not") {
  moved_on desk;
  auto& c = desk.cluster;
  const auto slot = desk.another();
  bool is_gone = false;
  supervise::end_child(c.node(0).parts().env.names->ref(actor_name{"trading"}), trading::slot_name(slot), [&](bool) { is_gone = true; });
  c.run(100ms);
  REQUIRE(is_gone);
  REQUIRE_FALSE(c.strays().empty());
  SUBCASE("as it should") { tell(c, 0, placement::keeper_of(c.name(0)), context{}, placement::slot_ended{slot, 999, {}}); }
  SUBCASE("or not") { tell(c, 0, placement::keeper_of(c.name(0)), context{}, placement::slot_stays{slot, 999, "it was killed"}); }
  c.run(1s);
  CHECK(c.strays().empty());
}

TEST_CASE("a slot that is asked of a node that gave it away long ago is said to be gone, to whom it had been given as well") {
  moved_on desk;
  context c;
  c.cause = {"http-move", 1};
  c.principal = principal_id{"operator:one"};
  tell(desk.cluster, 1, placement::keeper_of(desk.cluster.name(1)), c, placement::fetch_slot{desk.slot, desk.cluster.name(0)});
  desk.cluster.run(3s);
  CHECK(desk.cluster.unfinished_moves().empty());
  CHECK(desk.cluster.strays().empty());
  desk.move_to(1);
}

TEST_CASE("a node that was restored from many starts ago is heard: what it hands over arrives") {
  simulated_cluster c{13};
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.start(i);
  c.run(400ms);
  const auto older = c.backup(2);
  for (int starts = 0; starts < 3; ++starts) {
    c.kill(2);
    c.start(2);
    c.run(2s);
  }
  const auto move_one = [&] {
    std::uint32_t slot = 0;
    while (c.node(0).nodes().node_of(trading::slot_name(slot)) != c.name(2)) ++slot;
    c.move(1, slot, 0);
    c.run(4s);
    CHECK(c.node(1).nodes().node_of(trading::slot_name(slot)) == c.name(0));
    CHECK(c.strays().empty());
  };
  move_one(); // of this life the first node has heard
  c.kill(2);
  c.restore(2, older);
  c.start(2);
  c.run(8s);
  move_one();
  CHECK(c.unfinished_moves().empty());
}

TEST_CASE("a slot whose node was restored from before it came there is given once more by whoever gave it, and can be moved on") {
  simulated_cluster c{12};
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.start(i);
  c.run(400ms);
  const auto older = c.backup(2);
  const auto node_of = [&](std::uint32_t slot) { return c.node(0).nodes().node_of(trading::slot_name(slot)); };
  std::uint32_t slot = 0;
  while (node_of(slot) != c.name(0)) ++slot;
  const auto move_to = [&](std::size_t node) {
    c.move(0, slot, node);
    c.run(2s);
    REQUIRE(node_of(slot) == c.name(node));
    REQUIRE(c.strays().empty());
  };
  move_to(2);
  c.kill(2);
  c.restore(2, older);
  c.start(2);
  c.run(3s);
  CHECK_FALSE(c.strays().empty()); // nobody serves it: it might be on its way
  c.run(9s);
  CHECK(node_of(slot) == c.name(2));
  CHECK(c.strays().empty());
  CHECK(c.unfinished_moves().empty());
  move_to(0);
  CHECK(c.unfinished_moves().empty());
}

TEST_SUITE_END();
