// Slots that moved, and nodes that lost something of them or were told of it too late: what a slot waits for, and who gives it again.

#include "actors/platform/placement/core.hpp"
#include "actors/trading/oms/core.hpp"
#include "nodes/desk/slot_mover.hpp"
#include "runtime/supervise/supervisor.hpp"
#include "tests/nodes/desk/simulated_cluster.hpp"
#include "tests/support/turns.hpp"

#include <vector>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("desk/cluster");

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

TEST_CASE("a slot that was given twice, by a node that had lost its record in between, serves on neither that has it, until an operator says whose journal is to count") {
  simulated_cluster c{17};
  const auto start = [&](std::initializer_list<std::size_t> nodes) {
    for (const auto i : nodes) c.start(i);
    c.run(3s);
  };
  start({0, 1, 2});
  const auto older = c.backup(2);
  std::uint32_t slot = 0;
  while (c.node(0).nodes().node_of(trading::slot_name(slot)) != c.name(2)) ++slot;
  const auto stream = trading::slot_name(slot);
  c.move(2, slot, 1);
  c.run(2s);
  REQUIRE(c.node(0).nodes().node_of(stream) == c.name(1));
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.kill(i);
  c.restore(2, older);
  start({0, 2}); // nobody who runs knows of that move
  c.move(2, slot, 0);
  c.run(3s);
  REQUIRE(c.node(2).nodes().node_of(stream) == c.name(0));
  const auto serving = [&] {
    std::string all;
    for (std::size_t i = 0; i < simulated_cluster::size; ++i)
      if (c.node(i).parts().env.pulses->of(stream)->alive) all += c.name(i).value.str();
    return all;
  };
  start({1});
  CHECK(serving().empty());
  const auto away = c.node(1).why_unanswered(stream);
  REQUIRE(away);
  CHECK_MESSAGE(away->find("is on another node as well") != std::string::npos, *away);
  c.kill(1);
  c.restore(1, c.backup(1));
  start({1});
  c.run(5s);
  CHECK(serving() == "b");
  CHECK(c.strays().empty());
  CHECK(c.unfinished_moves().empty());
}

TEST_CASE("a slot that a venue fences does not leave: on another node its journal would pass for the newest") {
  moved_on desk;
  auto& c = desk.cluster;
  desk.slot = desk.another();
  auto& fenced = c.node(0).parts().fenced;
  fenced.fetch_or(std::uint64_t{1} << desk.slot);
  c.move(0, desk.slot, 2);
  c.run(2s);
  CHECK(c.node(2).nodes().node_of(trading::slot_name(desk.slot)) == c.name(0));
  CHECK(c.strays().empty());
  CHECK(c.unfinished_moves().empty());
  fenced.fetch_and(~(std::uint64_t{1} << desk.slot));
  desk.move_to(2);
}

TEST_SUITE_END();
