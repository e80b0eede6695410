#include "actors/platform/placement/core.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::placement;

namespace {

const node_name a{"a"}, b{"b"}, c{"c"};

/// One node's keeper of four slots, of which 0 and 1 are declared on a, 2 on b, 3 on c.
struct keeper {
  placement::core core;
  placement::state state;
  placement::core::view view;
  actor::turn_context at;
  std::vector<placement::core::event> events;  // all there were
  std::vector<std::pair<actor_name, take_over>> effects;

  explicit keeper(node_name self) : core{{self, {a, a, b, c}}} {
    at.message.principal = principal_id{"operator:one"};
    at.decided_boot = boot_ns{std::chrono::seconds{10}};
  }
  template <class C>
  auto operator()(const C& what) {
    placement::core::output out;
    const auto commit = [&] {
      for (const auto& e : out.events) {
        actor::archive closed;
        core.evolve(state, e, closed);
        core.react(state, e, [&](const actor_name& to, const take_over& t) { effects.emplace_back(to, t); });
        events.push_back(e);
      }
    };
    if constexpr (std::is_void_v<decltype(core.decide(state, view, what, at, out))>) {
      core.decide(state, view, what, at, out);
      commit();
    } else {
      auto reply = core.decide(state, view, what, at, out);
      commit();
      return reply.refused;
    }
  }
  /// Its actor begins to end for `to`, as the wiring has it.
  std::uint64_t leave(std::uint32_t slot, node_name to, std::uint64_t ticket) {
    view.leaving[slot] = {to, ticket};
    return ticket;
  }
  [[nodiscard]] move_row row(std::uint32_t slot) const {
    for (const auto& r : core.answer(state, view, moves_query{}).moves)
      if (r.slot == slot) return r;
    return {};
  }
};

const end_of_stream end{41, text<64>{std::string(64, '7')}, 5, boot_ns{std::chrono::seconds{9}}};

} // namespace

TEST_SUITE_BEGIN("placement");

TEST_CASE("a slot is given away once and to one node, and from then on it is not here, whatever is asked") {
  keeper k{a};
  (void)k.leave(0, b, 1);
  CHECK(k(hand_over{0, b}).empty());
  CHECK(k(hand_over{0, c}).find("is leaving for node b") != std::string::npos);
  CHECK(k.events.empty());
  CHECK(k.core.has(k.state, 0));
  k(slot_ended{0, 1, end});
  REQUIRE(k.effects.size() == 1);
  CHECK(k.effects[0].first == actor_name{"placement/b"});
  CHECK(k.effects[0].second == take_over{0, a, 1, end});
  CHECK_FALSE(k.core.has(k.state, 0));
  CHECK(k.core.has(k.state, 1));
  CHECK(k(hand_over{0, b}).empty()); // the answer was lost
  placement::core::output out;
  CHECK(k.core.decide(k.state, k.view, hand_over{0, b}, k.at, out).given == 1);
  CHECK(k(hand_over{0, c}).find("it went to node b") != std::string::npos);
  CHECK(k(hand_over{2, c}).find("is not on node a") != std::string::npos);
  k(slot_ended{0, 1, end});
  CHECK(k.events.size() == 1);
}

TEST_CASE("that a slot ended says nothing when another life of the keeper had asked for it, or another time of this one") {
  keeper k{a};
  k(slot_ended{0, 1, end});
  (void)k.leave(0, b, 2);
  k(slot_ended{0, 1, end});
  CHECK(k.events.empty());
  CHECK(k.core.has(k.state, 0));
  k(slot_ended{0, 2, end});
  CHECK(k.events.size() == 1);
}

TEST_CASE("a slot that does not end stays, and whoever asks is told why, once; then it may be asked for again") {
  keeper k{a};
  (void)k.leave(0, b, 1);
  k(slot_stays{0, 1, "oms/0 does not run as it should"});
  CHECK(k.view.leaving.empty());
  CHECK(k(hand_over{0, b}) == "oms/0 does not run as it should");
  CHECK(k(hand_over{0, b}).empty());
  CHECK(k.events.empty());
}

TEST_CASE("a slot that is given is ours when everything has arrived, with the pause since it stopped there; told twice changes nothing") {
  keeper k{b};
  CHECK(k(fetch_slot{0, a}).empty());
  CHECK(k.row(0).status == move_status::copying);
  CHECK(k(fetch_slot{0, a}).empty());
  CHECK(k.events.size() == 1);
  CHECK(std::get<fetch_begun>(k.events[0]).by == principal_id{"operator:one"});
  k(take_over{0, a, 1, end});
  CHECK(k.row(0).status == move_status::arriving);
  CHECK_FALSE(k.core.has(k.state, 0));
  k(slot_arrived{0, 2});
  CHECK(k.row(0).status == move_status::arriving);
  k(slot_arrived{0, 1});
  CHECK(k.row(0).status == move_status::done);
  CHECK(k.row(0).pause == std::chrono::seconds{1});
  CHECK(k.core.has(k.state, 0));
  CHECK(k.core.seat_of(k.state, 0).generation == 1);
  k(take_over{0, a, 1, end});
  k(slot_arrived{0, 1});
  CHECK(k.events.size() == 3);
}

TEST_CASE("to and fro: each move counts on, and old news of an earlier one is not taken for a new one") {
  keeper at_a{a}, at_b{b};
  (void)at_a.leave(0, b, 1);
  at_a(slot_ended{0, 1, end});
  at_b(at_a.effects.back().second);
  at_b(slot_arrived{0, 1});
  (void)at_b.leave(0, a, 1);
  at_b(slot_ended{0, 1, end});
  CHECK(at_b.effects.back().second.generation == 2);
  at_a(at_b.effects.back().second);
  at_a(slot_arrived{0, 2});
  CHECK(at_a.core.has(at_a.state, 0));
  CHECK_FALSE(at_b.core.has(at_b.state, 0));
  const auto events = at_b.events.size();
  at_b(take_over{0, a, 1, end});
  CHECK(at_b.events.size() == events);
}

TEST_CASE("a slot that was given away is listed until some other record tells that it was taken") {
  keeper k{a};
  (void)k.leave(0, b, 1);
  k(slot_ended{0, 1, end});
  const auto row = k.row(0);
  CHECK(row.status == move_status::given);
  CHECK(row.from == a);
  CHECK(row.to == b);
  CHECK(row.generation == 1);
  CHECK(row.why.find("node b has not told since that it serves there") != std::string::npos);
  k.core.observe(k.view, seats_told{{{1, c, 1}}}); // another slot's
  CHECK(k.row(0).status == move_status::given);
  k.core.observe(k.view, seats_told{{{0, c, 2}}}); // taken, and on its way since
  CHECK(k.core.answer(k.state, k.view, moves_query{}).moves.empty());
}

TEST_CASE("a slot is given again to whoever lost it, by the same move, and to nobody else") {
  keeper k{a};
  (void)k.leave(0, b, 1);
  k(slot_ended{0, 1, end});
  const auto asked = [&](const give_again& what) {
    k.view.ends[what.slot] = end;
    k(what);
    CHECK(k.view.ends.empty());
    return k.effects.size();
  };
  CHECK(asked({0, c, 1}) == 1);
  CHECK(asked({0, b, 2}) == 1);
  CHECK(asked({1, b, 1}) == 1); // it is here
  CHECK(asked({9, b, 1}) == 1);
  k(give_again{0, b, 1}); // nobody knows where its stream ends
  CHECK(k.effects.size() == 1);
  CHECK(asked({0, b, 1}) == 2);
  CHECK(k.effects.back() == k.effects.front());
  CHECK(k.core.seat_of(k.state, 0).node == b);
  CHECK(k.core.seat_of(k.state, 0).generation == 1);
  k(fetch_slot{0, b}); // its stream may grow here
  CHECK(asked({0, b, 1}) == 2);
  k(fetch_failed{0, "it is not there"});
  k.core.observe(k.view, seats_told{{{0, c, 2}}}); // b had it, and gave it on
  CHECK(asked({0, b, 1}) == 2);
}

TEST_CASE("a slot is missing that another record says is here and ours does not know; nothing is missing that is known, is coming or went on") {
  keeper k{b};
  const auto missing = [&] { return k.core.missing(k.state, k.view).size(); };
  k.core.observe(k.view, seats_told{{{0, b, 3}, {1, c, 1}, {2, b, 2}, {9, b, 0}}}); // 2 serves here, as declared
  REQUIRE(missing() == 1);
  CHECK(k.row(0).status == move_status::arriving);
  CHECK(k.row(0).generation == 3);
  CHECK(k.row(0).why.find("has lost its record of the move") != std::string::npos);
  const auto what = k.core.missing(k.state, k.view)[0];
  CHECK(what.slot == 0);
  CHECK(what.to == b);
  CHECK(what.generation == 3);
  k(fetch_slot{0, a});
  CHECK(missing() == 0);
  k(fetch_failed{0, "it was not handed over"});
  CHECK(missing() == 1);
  k(take_over{0, a, 3, end});
  CHECK(missing() == 0);
  const auto events = k.events.size();
  k(take_over{0, a, 3, end}); // given twice
  CHECK(k.events.size() == events);
  k(slot_arrived{0, 3});
  CHECK(missing() == 0);
  CHECK(k.row(0).status == move_status::done);
  CHECK(k.core.has(k.state, 0));
  keeper later{b};
  later.core.observe(later.view, seats_told{{{0, b, 3}}});
  later.core.observe(later.view, seats_told{{{0, c, 4}}});
  CHECK(later.core.missing(later.state, later.view).empty());
}

TEST_CASE("a slot on its way here that went elsewhere by another record, by the same move or a later one, never arrives, and may come by a later one still") {
  keeper k{b};
  k(take_over{0, a, 2, end});
  k(fetch_failed{0, "nobody says so"});
  k.core.observe(k.view, seats_told{{{0, c, 1}}}); // it came from there
  CHECK(k.core.passed_by(k.state, k.view, 0) == nullptr);
  CHECK(k.row(0).status == move_status::arriving);
  std::uint64_t generation = 2;
  SUBCASE("by the same") {}
  SUBCASE("by a later one") { generation = 3; }
  k.core.observe(k.view, seats_told{{{0, c, generation}}});
  REQUIRE(k.core.passed_by(k.state, k.view, 0) != nullptr);
  CHECK(k.core.passed_by(k.state, k.view, 0)->node == c);
  k(fetch_failed{0, "it went to node c"});
  CHECK(k.state.arriving.empty());
  CHECK(k.row(0).status == move_status::failed);
  CHECK(k.row(0).from == a);
  CHECK(k.row(0).why == "it went to node c");
  k(slot_arrived{0, 2});
  CHECK_FALSE(k.core.has(k.state, 0));
  k(take_over{0, c, generation + 1, end});
  k(slot_arrived{0, generation + 1});
  CHECK(k.core.has(k.state, 0));
}

TEST_CASE("a record that knows nothing of a move away does not keep the slot from coming back, nor the node from leaving, and gives nothing away") {
  keeper k{b}; // 2 was declared here
  k.core.observe(k.view, seats_told{{{2, a, 1}}});
  (void)k.leave(2, c, 1);
  k(slot_ended{2, 1, end});
  CHECK(k.events.empty());
  CHECK(k(leave_desk{}).empty());
  CHECK(k(fetch_slot{2, a}).empty());
  k(take_over{2, a, 2, end});
  k(slot_arrived{2, 2});
  CHECK(k.core.has(k.state, 2));
  CHECK_FALSE(k(leave_desk{}).empty());
}

TEST_CASE("a slot that serves where it was declared, by a record that was lost, is not taken once more, and goes on by a move above all that were told") {
  keeper k{b};
  k.core.observe(k.view, seats_told{{{2, b, 2}}});
  k(take_over{2, a, 2, end});
  CHECK(k.events.empty());
  (void)k.leave(2, c, 1);
  k(slot_ended{2, 1, end});
  REQUIRE(k.effects.size() == 1);
  CHECK(k.effects[0].second.generation == 3);
}

TEST_CASE("a fetch is refused for a slot that is not there, is here, or comes from elsewhere already, and a failed one says why") {
  keeper k{b};
  CHECK(k(fetch_slot{4, a}).find("slots are 0 to 3") != std::string::npos);
  CHECK(k(fetch_slot{2, a}).find("is on node b already") != std::string::npos);
  CHECK(k.events.empty());
  CHECK(k(fetch_slot{0, a}).empty());
  CHECK(k(fetch_slot{0, c}).find("is being fetched from node a") != std::string::npos);
  k(fetch_failed{0, "no space"});
  CHECK(k.row(0).status == move_status::failed);
  CHECK(k.row(0).why == "no space");
  k(fetch_failed{0, "again"});
  CHECK(k.events.size() == 2);
  CHECK(k(fetch_slot{0, c}).empty());
  CHECK(k.row(0).status == move_status::copying);
}

TEST_CASE("a slot that is here and, by another node's own record, there by the same move serves on neither, until that one gives it up or this one goes on by a move above both") {
  keeper k{b};
  k(take_over{0, a, 1, end});
  k(slot_arrived{0, 1});
  const auto other = [&] {
    const auto* at = k.core.contested(k.state, k.view, 0);
    return at ? at->node : node_name{};
  };
  k.core.observe(k.view, seats_told{{{0, c, 1}}, a}); // it gave it twice, and c may never have taken it
  k.core.observe(k.view, seats_told{{{0, b, 1}, {1, c, 1}}, c});
  CHECK(other() == node_name{});
  k.core.observe(k.view, seats_told{{{0, c, 1}}, c});
  CHECK(other() == c);
  CHECK(k.row(0).status == move_status::arriving);
  CHECK(k.row(0).from == c);
  CHECK(k.row(0).why.find("node c has it by the same move") != std::string::npos);
  const auto events = k.events.size();
  k(slot_arrived{0, 2}); // nobody knows how much of it is here
  k.view.ends[0] = end;
  k(slot_arrived{0, 3});
  CHECK(k.view.ends.empty());
  CHECK(k.events.size() == events);
  SUBCASE("that one gives it up") {
    k.core.observe(k.view, seats_told{{{1, c, 1}}, c});
    CHECK(k.core.seat_of(k.state, 0).generation == 1);
  }
  SUBCASE("this one goes on") {
    k.view.ends[0] = end;
    k(slot_arrived{0, 2});
    REQUIRE(k.events.size() == events + 1);
    CHECK(std::get<taken_over>(k.events.back()).from == c);
    CHECK(std::get<taken_over>(k.events.back()).sequence == end.sequence);
    CHECK(k.core.seat_of(k.state, 0).generation == 2);
    keeper loses{c};
    loses(take_over{0, a, 1, end});
    loses(slot_arrived{0, 1});
    loses.core.observe(loses.view, seats_told{{{0, b, 2}}, b});
    CHECK(loses.core.contested(loses.state, loses.view, 0) == nullptr);
    (void)loses.leave(0, a, 1);
    loses(slot_ended{0, 1, end});
    CHECK(loses.effects.empty());
  }
  CHECK(other() == node_name{});
  CHECK(k.row(0).status == move_status::done);
  CHECK(k.core.has(k.state, 0));
}

TEST_SUITE_END();
