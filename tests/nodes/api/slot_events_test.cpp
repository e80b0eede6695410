// Every durable event of a slot is folded once, whatever becomes of the messages that announce it.

#include "nodes/desk/api/slot_events.hpp"

#include "actors/trading/oms/core.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tests/support/turns.hpp"

using namespace troupe;
using namespace troupe::desk;

namespace {

const actor_name stream{"oms/4"};

/// A slot's journal, written turn by turn, and what was folded of it.
struct slot_journal {
  std::shared_ptr<journal::journal> journal = journal::make_memory_journal();
  journal::stream_head head = *journal->open_stream(stream);
  std::vector<std::uint64_t> folded; // numbers of the orders
  slot_events events{journal, stream, 0, [this](std::uint64_t, const oms::event& e) {
    folded.push_back(std::get<oms::order_accepted>(e).id.number());
  }};

  static oms::event accepted(std::uint64_t number) {
    oms::order_accepted e;
    e.id = trading::order_id::make(4, number);
    return e;
  }

  /// One durable turn that accepts order `number`; returns what the slot would publish about it.
  actor::published<oms::event> turn(std::uint64_t number) {
    actor::turn<oms::core> t;
    t.events = {accepted(number)};
    test::append_turn(*journal, head, t);
    return {stream, head.sequence - 1, head.sequence, {{head.sequence, {}, {accepted(number)}}}};
  }
};

using numbers = std::vector<std::uint64_t>;

} // namespace

TEST_SUITE_BEGIN("nodes/api/slot_events");

TEST_CASE("messages that follow each other are folded as they come, and a repeat is not folded again") {
  slot_journal j;
  const auto first = j.turn(1), second = j.turn(2);
  REQUIRE(j.events.take(first));
  REQUIRE(j.events.take(second));
  REQUIRE(j.events.take(first));
  CHECK(j.folded == numbers{1, 2});
}

TEST_CASE("what a lost message held is read from the journal, in order and once") {
  slot_journal j;
  REQUIRE(j.events.take(j.turn(1)));
  (void)j.turn(2); // the slot died before it published
  (void)j.turn(3);
  const auto fourth = j.turn(4);
  REQUIRE(j.events.take(fourth));
  CHECK(j.folded == numbers{1, 2, 3, 4});
  REQUIRE(j.events.take(j.turn(5)));
  CHECK(j.folded == numbers{1, 2, 3, 4, 5});
}

TEST_CASE("a message leads no further than it says: what the journal has beyond it comes with its own message") {
  slot_journal j;
  (void)j.turn(1);
  const auto second = j.turn(2), third = j.turn(3);
  REQUIRE(j.events.take(second));
  CHECK(j.folded == numbers{1, 2});
  REQUIRE(j.events.take(third));
  CHECK(j.folded == numbers{1, 2, 3});
}

TEST_CASE("without any further message catching up finds what is durable, and the late message adds nothing") {
  slot_journal j;
  REQUIRE(j.events.take(j.turn(1)));
  const auto second = j.turn(2);
  REQUIRE(j.events.catch_up());
  CHECK(j.folded == numbers{1, 2});
  CHECK(j.events.upto() == 2);
  REQUIRE(j.events.take(second));
  REQUIRE(j.events.catch_up());
  CHECK(j.folded == numbers{1, 2});
}

TEST_CASE("what was durable before it began is not folded") {
  slot_journal j;
  (void)j.turn(1);
  slot_events late{j.journal, stream, 1, [&](std::uint64_t sequence, const oms::event&) { j.folded.push_back(sequence); }};
  REQUIRE(late.take(j.turn(2)));
  CHECK(j.folded == numbers{2});
}
