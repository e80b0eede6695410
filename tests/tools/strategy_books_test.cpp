// What the checker says of positions that strategies believe in: an honest one passes, what is on its way too, and each planted difference is found.

#include "tests/tools/journals.hpp"

using namespace troupe;
using namespace troupe::check;
using namespace troupe::check::test;

TEST_SUITE_BEGIN("tools/check strategies");

namespace {

const actor_name mm_books{"strategy/mm"};

/// A desk on which the strategy `mm` buys 2 BTCUSDT.SIM at a time for account alpha.
struct strategy_desk : desk_journals {
  [[nodiscard]] oms::new_order own_order(std::uint64_t number) const {
    auto r = request(("mm-" + std::to_string(number)).c_str());
    r.strategy = {"mm"};
    return r;
  }
  void intend(const oms::new_order& r) {
    strategy_turn t;
    t.command = actor::cited{};
    t.events.push_back(strategy::submitted{r});
    write<strategy_stored>(*desk, mm_books, t);
  }
  /// It hears of its slot up to turn `upto`: that this much of the order is filled, or nothing of its own.
  void hear(std::uint64_t upto, const oms::new_order& r, const char* filled, order_status status = order_status::filled) {
    oms::order_update u;
    u.client_id = r.client_id;
    u.instrument = r.instrument;
    u.side = r.side;
    u.status = status;
    u.filled = qty(filled);
    strategy_turn t;
    t.inbox = actor::inbox_mark{slot_name(slot()), 1, upto};
    t.command = actor::batch<oms::order_update>{{u}};
    t.events.push_back(strategy::update_folded{u});
    write<strategy_stored>(*desk, mm_books, t);
  }
  /// The slot takes the order, or gets it back from the venue, and the venue fills it. Returns the turn of the fill.
  std::uint64_t fill(std::uint64_t number, const oms::new_order& r, bool came_back = false) {
    if (came_back) {
      oms_turn t;
      t.decided_at = at(1);
      t.decided_boot = decided_boot;
      t.command = venue::fills_since{};
      t.events.push_back(oms::order_recovered{id(number), r, at(1)});
      t.events.push_back(oms::numbers_skipped{sim, number, at(1)});
      last_accepted = write<oms_stored>(*desk, slot_name(slot()), t);
    } else accept(number, r);
    const auto opened = report(("o" + std::to_string(number)).c_str(), number, venue::exec_type::new_, "0", "0", "2");
    const auto filled = report(("f" + std::to_string(number)).c_str(), number, venue::exec_type::trade, "2", "2", "0");
    apply(execution(r, opened, order_status::new_, "0", "2"), venue_opens(r, opened));
    apply(execution(r, filled, order_status::filled, "2", "0"), venue_fills(filled), done(number, r, order_status::filled, "2"));
    std::uint64_t last = 0;
    const auto heads = desk->heads();
    REQUIRE(heads);
    for (const auto& head : *heads)
      if (head.stream == slot_name(slot())) last = head.sequence;
    return last;
  }
  void correct(const char* correction, const char* change, const char* after, const char* by = "operator:ana", const char* principal = nullptr) {
    strategy_turn t;
    t.principal = {principal ? principal : by};
    strategy::strategy_position_corrected e{{{correction}, tenant, alpha, btc, qty(change), "compared with the books"}, {by}, qty(after), at(3)};
    t.command = e.correction;
    t.events.push_back(e);
    write<strategy_stored>(*desk, mm_books, t);
  }
  /// It has bought 2 and counts them; 2 more came back from the venue without its name.
  void restore() {
    const auto first = own_order(1);
    intend(first);
    hear(fill(1, first), first, "2");
    fill(2, nameless(), true);
  }
  /// As a venue gives it back: without its client id and strategy.
  [[nodiscard]] oms::new_order nameless() const {
    auto r = request("");
    r.client_id = {};
    return r;
  }
};

} // namespace

TEST_CASE("strategies: a position that is the sum of the fills of its orders passes, and so does what is on its way to the strategy") {
  strategy_desk d;
  const auto first = d.own_order(1), second = d.own_order(2);
  d.intend(first);
  const auto told = d.fill(1, first);
  CHECK(violated(d.check()) == ""); // it has heard nothing yet
  d.hear(told, first, "2");
  CHECK(violated(d.check()) == "");
  d.intend(second);
  const auto before = d.check().positions.checked;
  d.fill(2, second);
  CHECK(violated(d.check()) == "");
  CHECK(d.check().positions.checked == before); // the strategy's place is looked at, however often it trades there
  strategy_desk none;
  none.fill(1, none.own_order(1));
  CHECK(none.check().positions.checked + 1 == before); // of which there is no strategy's stream
}

TEST_CASE("strategies: a fill that a strategy has heard of and does not count, or counts and no order of its own had, is found") {
  strategy_desk lacks;
  const auto r = lacks.own_order(1);
  lacks.intend(r);
  lacks.hear(lacks.fill(1, r), r, "0", order_status::canceled);
  CHECK(violated(lacks.check()) == "I4");
  CHECK(says(lacks.check().positions, "strategy/mm takes its position in BTCUSDT.SIM for account alpha to be 0, the fills of its orders add up to 2"));

  strategy_desk more;
  more.intend(r);
  more.hear(more.fill(1, r), r, "3");
  CHECK(violated(more.check()) == "I4");
  CHECK(says(more.check().positions, "to be 3, the fills of its orders add up to 2"));
}

TEST_CASE("strategies: fills of orders that a venue gave back without a name are found where a strategy trades, and named as the cause") {
  strategy_desk d;
  const auto first = d.own_order(1);
  d.intend(first);
  d.hear(d.fill(1, first), first, "2");
  d.fill(2, d.nameless(), true);
  CHECK(violated(d.check()) == "I4");
  CHECK(says(d.check().positions, "to be 2, the fills of its orders add up to 2; fills of 2 are of orders that a venue gave back without the name of a strategy"));

  strategy_desk nobody; // the account is a person's: nobody believes anything
  nobody.fill(1, nobody.nameless(), true);
  CHECK(violated(nobody.check()) == "");
}

TEST_CASE("strategies: one that counts the fills whose orders came back without its name is right") {
  strategy_desk d; // its slot's journal was restored, its own was not
  const auto first = d.own_order(1), second = d.own_order(2);
  d.intend(first);
  d.hear(d.fill(1, first), first, "2");
  d.intend(second);
  const auto told = d.fill(2, d.nameless(), true);
  CHECK(violated(d.check()) == "I4");
  d.hear(told, second, "2");
  CHECK(violated(d.check()) == "");
}

TEST_CASE("strategies: an order that somebody enters in the name of a strategy is no order of its own") {
  for (const char* by_hand : {"by-hand", "mm", "mm-", "mm-2x", "nn-2", "mm2"}) {
    CAPTURE(by_hand);
    strategy_desk d;
    const auto first = d.own_order(1);
    d.intend(first);
    d.hear(d.fill(1, first), first, "2");
    auto other = d.request(by_hand);
    other.strategy = {"mm"};
    const auto told = d.fill(2, other);
    d.hear(told, first, "2"); // that it was told of it changes nothing
    CHECK(violated(d.check()) == "");
  }
}

TEST_CASE("strategies: of a slot whose stream is in none of the folders nothing is compared") {
  strategy_desk d;
  const auto first = d.own_order(1);
  d.intend(first);
  d.hear(7, first, "2");
  CHECK(violated(d.check()) == "");
}

TEST_CASE("strategies: what an operator says of a position counts from there on, whatever was missing before; what is missing after it is found") {
  strategy_desk d;
  d.restore();
  REQUIRE(violated(d.check()) == "I4");
  d.correct("k1", "2", "4");
  CHECK(violated(d.check()) == "");
  const auto third = d.own_order(3);
  d.intend(third);
  const auto told = d.fill(3, third);
  CHECK(violated(d.check()) == "");
  d.hear(told, third, "2");
  CHECK(violated(d.check()) == "");
  auto lacks = d.own_order(4);
  d.intend(lacks);
  d.hear(d.fill(4, lacks), lacks, "0", order_status::canceled);
  CHECK(violated(d.check()) == "I4");
  CHECK(says(d.check().positions, "to be 6, 2 of it since an operator corrected it, the fills of its orders add up to 4"));
  d.correct("k2", "2", "8");
  CHECK(violated(d.check()) == "");
  d.fill(5, d.nameless(), true); // another restore
  CHECK(violated(d.check()) == "I4");
}

TEST_CASE("strategies: an operator who has looked and found nothing missing says so with zero") {
  strategy_desk d;
  d.restore();
  d.correct("k1", "0", "2");
  CHECK(violated(d.check()) == "");
}

TEST_CASE("strategies: each violation of what a correction must keep is found") {
  strategy_desk sum;
  sum.restore();
  sum.correct("k1", "2", "3");
  CHECK(violated(sum.check()) == "I4");
  CHECK(says(sum.check().positions, "says that it takes 3 for its position after it, it is 4"));

  strategy_desk twice;
  twice.restore();
  twice.correct("k1", "1", "3");
  twice.correct("k1", "1", "4");
  CHECK(violated(twice.check()) == "I2");
  CHECK(says(twice.check().client_ids, "correction k1 is on record twice"));

  strategy_desk by_itself;
  by_itself.restore();
  by_itself.correct("k1", "2", "4", "strategy/mm");
  CHECK(violated(by_itself.check()) == "I17");
  CHECK(says(by_itself.check().audit, "by strategy/mm, who is no operator"));

  strategy_desk for_another;
  for_another.restore();
  for_another.correct("k1", "2", "4", "operator:ben", "operator:ana");
  CHECK(violated(for_another.check()) == "I17");
}

TEST_SUITE_END();
