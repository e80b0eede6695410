// Fills that venues report of orders that are not open: what is a repeat, who is halted for the others, and what of them may be booked.

#include "tests/actors/trading/oms/attended_slot.hpp"

#include "actors/trading/oms/correction_rows.hpp"
#include "runtime/wire/wire.hpp"

#include <algorithm>

using namespace troupe;
using namespace troupe::oms;
using namespace troupe::oms::test;

TEST_SUITE_BEGIN("oms/disputes");

namespace {

const account_id sim_itself = disputed_venue({"SIM"});
const instrument_id xrp_elsewhere{"XRPUSDT.OTHER"};

configuration two_venues() {
  auto c = two_instruments();
  c.instruments[xrp_elsewhere] = {xrp_elsewhere, {"OTHER"}, px("0.1"), qty("1"), "USDT"};
  return c;
}

new_order buy_elsewhere(const char* client_id) {
  auto o = buy(client_id, "1", "10");
  o.instrument = xrp_elsewhere;
  return o;
}

/// As a build wrote it that kept no executions.
void forget_executions(slot& s, order_id id) {
  std::string row;
  wire::encode(s.order(id), row);
  s.table.at(done_order_key(id)) = row;
}

/// What is on record of the fill: nothing about it changes anything more.
void check_nothing_happens(attended_slot& s, const venue::report& said, const char* from = "venue/SIM") {
  const auto before = s.state;
  const auto table = s.table;
  const auto repeated = s.view.repeated_reports;
  const auto impossible = s.view.impossible_reports;
  s.hear(said, from);
  CHECK(s.state == before);
  CHECK(s.table == table);
  CHECK_FALSE(s.recorded);
  CHECK(s.view.repeated_reports == repeated + 1);
  CHECK(s.view.impossible_reports == impossible);
}

} // namespace

TEST_CASE("a fill that an order took before it ended is passed over when its venue says it again: nobody is in dispute, and nobody books it") {
  for (const bool is_filled : {true, false}) {
    CAPTURE(is_filled);
    attended_slot s;
    const auto id = s(buy("a", "1", "50000")).order;
    s.say(id, venue::exec_type::new_);
    const auto first = s.trade(id, "0.4", "50000"), second = s.trade(id, is_filled ? "0.6" : "0.1", "50001");
    s.hear(first);
    s.hear(second);
    if (!is_filled) s.say(id, venue::exec_type::canceled);
    REQUIRE_FALSE(s.state.orders.contains(id));
    CHECK(decode_finished(s.table.at(done_order_key(id))).value() == finished_order{s.order(id), {first.id, second.id}});
    const auto held = s.held();
    for (int again = 0; again < 2; ++again)
      for (const auto& said : {first, second}) {
        check_nothing_happens(s, said);
        const auto refused = s(booking_of(said));
        CHECK(refused.refusal == correction_refusal::already_applied);
        CHECK(refused.reason == "order " + to_text(id) + " has execution " + said.id.value.str() + " already");
      }
    CHECK(s.held() == held);
  }
}

TEST_CASE("only a fill of an order that is not open is looked up in the table") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  const auto before = s.look_ups;
  s.say(id, venue::exec_type::new_);
  s.hear(s.trade(id, "0.4", "50000"));
  s.hear(s.trade(id, "2", "50000")); // in dispute
  const auto last = s.trade(id, "0.6", "50000");
  s.hear(last);
  s.say(id, venue::exec_type::cancel_rejected);
  CHECK(s.look_ups == before);
  s.hear(last);
  CHECK(s.look_ups == before + 2);
}

TEST_CASE("what was booked of an order while it was open is passed over when its venue says it again behind its end") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  const auto said = s.trade(id, "1.5", "50000");
  s.hear(said);
  REQUIRE(s(booking_of(said)).refusal == correction_refusal::none);
  s(close_dispute{alpha});
  s.say(id, venue::exec_type::canceled);
  check_nothing_happens(s, said);
  CHECK(s.held() == qty("1.5"));
}

TEST_CASE("an execution is its venue's: another one that says it of a finished order has told something else") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  const auto fill = s.trade(id, "1", "50000");
  s.hear(fill);
  s.hear(fill, "venue/OTHER");
  CHECK(s.state.disputed.contains(alpha));
  CHECK(s.table.contains(disputed_fill_key(17, {"OTHER"}, fill.id)));
  CHECK(s(booking_of(fill)).refusal == correction_refusal::already_applied);
  CHECK(s(booking_of(fill, "OTHER")).refusal == correction_refusal::none);
  CHECK(s.held() == qty("2"));
}

TEST_CASE("an execution of another venue that was booked of an open order keeps the order's own venue from nothing") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  const auto fill = s.trade(id, "0.4", "50000");
  s.hear(fill, "venue/OTHER");
  REQUIRE(s(booking_of(fill, "OTHER")).refusal == correction_refusal::none);
  CHECK(s.state.orders.at(id).executions.empty());
  s.hear(fill); // under the same id
  CHECK(s.order(id).filled == qty("0.4"));
  CHECK(s.held() == qty("0.8"));
  CHECK(s.state.orders.at(id).executions == std::vector<execution_id>{fill.id});
}

TEST_CASE("an order that ended under a build which kept no executions is in dispute for what its venue says again, and its fills are booked by nobody") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  const auto fill = s.trade(id, "1", "50000");
  s.hear(fill);
  const auto unfilled = s(buy("b", "1", "50000")).order;
  s.say(unfilled, venue::exec_type::canceled);
  forget_executions(s, id);
  forget_executions(s, unfilled);
  CHECK_FALSE(decode_finished(s.table.at(done_order_key(id))).value().names_its_fills());
  CHECK(decode_finished(s.table.at(done_order_key(unfilled))).value().names_its_fills()); // there was none

  s.hear(fill);
  CHECK(s.state.disputed.contains(alpha));
  const auto refused = s(booking_of(fill));
  CHECK(refused.refusal == correction_refusal::already_applied);
  CHECK(refused.reason.find("may have it") != std::string::npos);
  CHECK(s.held() == qty("1"));
  CHECK(s(by_hand("k1", "0.5")).refusal == correction_refusal::none); // by an id of one's own it goes on

  const auto late = s.trade(unfilled, "0.2", "50000");
  s.hear(late);
  CHECK(s(booking_of(late)).refusal == correction_refusal::none);
  CHECK(s.held() == qty("1.7"));
}

TEST_CASE("a fill in dispute of an order that has ended is in dispute once, also when its halt was lifted; another one is anew, and so is each without an id") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  s.hear(s.trade(id, "1", "50000"));
  const auto late = s.trade(id, "0.5", "50000");
  s.hear(late);
  CHECK(s.state.disputed.at(alpha) == late.id);
  check_nothing_happens(s, late);
  s(close_dispute{alpha});
  check_nothing_happens(s, late);
  REQUIRE(s(booking_of(late)).refusal == correction_refusal::none);
  check_nothing_happens(s, late);
  s.hear(s.trade(id, "0.5", "50000"));
  CHECK(s.state.disputed.contains(alpha));
  auto nameless = s.trade(id, "0.5", "50000");
  nameless.id = {};
  for (int again = 0; again < 2; ++again) {
    s(close_dispute{alpha});
    s.hear(nameless);
    CHECK(s.state.disputed.contains(alpha));
  }
}

TEST_CASE("reconciliation: a page's fills of orders that have ended, before it or in it, are repeats where the order took them; others halt the account and not the venue") {
  attended_slot s;
  const auto ended = s(buy("a", "1", "50000")).order, open = s(buy("b", "2", "50000")).order;
  const auto fill = s.trade(ended, "1", "50000");
  s.hear(fill);
  const auto late = s.trade(ended, "0.5", "50000"), last = s.trade(open, "2", "50000");
  venue::fills_since page;
  page.venue = {"SIM"};
  page.highest_number = 2;
  page.sequence = 9;
  page.reports = {fill, late, last, last, late};
  s(page);
  CHECK(s.held() == qty("3"));
  CHECK(s.order(open).filled == qty("2"));
  CHECK(s.state.disputed == std::map<account_id, execution_id>{{alpha, late.id}});
  CHECK(s.view.repeated_reports == 3);
  CHECK(s.view.impossible_reports == 1);
  CHECK(decode_disputed_fill(s.table.at(disputed_fill_key(17, {"SIM"}, late.id))).value().account == alpha);
}

TEST_CASE("a fill of an order that nobody knows puts its venue in dispute until that is closed: nobody opens an order there, and others are open") {
  attended_slot s{two_venues()};
  s.mark(xrp_elsewhere, "9.9", "10.1");
  REQUIRE(s(buy("a", "1", "50000")).refusal == refusal::none);
  const auto accounts = s.state.accounts;
  const auto said = s.trade(order_id::make(17, 99), "0.7", "50000");
  s.hear(said);
  CHECK(std::get<account_disputed>(s.events.back()) == account_disputed{{}, {"SIM"}, said.order, said.id, s.ctx.decided_at});
  CHECK(s.state.disputed == std::map<account_id, execution_id>{{sim_itself, said.id}});
  CHECK(s.state.accounts == accounts);
  CHECK(s.table.contains(disputed_fill_key(17, {"SIM"}, said.id)));

  auto of_beta = buy("b", "1", "50000");
  of_beta.account = {"beta"};
  const auto refused = s(of_beta);
  CHECK(refused.refusal == refusal::halted);
  CHECK(refused.reason == "venue SIM is to be halted: its fill " + said.id.value.str() + " is of an order not known here");
  CHECK(s(replace_order{order_id::make(17, 1), qty("2"), px("50000")}).refusal == refusal::halted);
  CHECK(s(cancel_order{order_id::make(17, 1)}).refusal == refusal::none);
  CHECK(s(buy_elsewhere("c")).refusal == refusal::none);
  state again;
  actor::archive closed;
  for (const auto& e : s.events) s.core.evolve(again, e, closed);
  CHECK(again == s.state);

  s(close_dispute{sim_itself});
  CHECK(s.state.disputed.empty());
  CHECK(s(buy("d", "1", "50000")).refusal == refusal::none);
}

TEST_CASE("a venue is in dispute once for each execution, however often it says it and also when its halt was lifted; each venue for its own") {
  attended_slot s{two_venues()};
  s.mark(xrp_elsewhere, "9.9", "10.1");
  const auto nobodys = order_id::make(17, 99);
  const auto said = s.trade(nobodys, "0.7", "50000");
  s.hear(said);
  check_nothing_happens(s, said);
  s(close_dispute{sim_itself});
  check_nothing_happens(s, said);
  CHECK(s.state.disputed.empty());
  s.hear(said, "venue/OTHER");
  CHECK(s.state.disputed == std::map<account_id, execution_id>{{disputed_venue({"OTHER"}), said.id}});
  CHECK(s(buy("a", "1", "50000")).refusal == refusal::none);
  CHECK(s(buy_elsewhere("b")).refusal == refusal::halted);
  const auto another = s.trade(nobodys, "0.7", "50000");
  s.hear(another);
  CHECK(s.state.disputed.at(sim_itself) == another.id);
}

TEST_CASE("a fill of an order that is yet to come is not booked, because the order could take it; of a number that is used up it is") {
  attended_slot s;
  const auto next = order_id::make(17, 1);
  const auto early = s.trade(next, "1", "50000");
  s.hear(early);
  s(close_dispute{sim_itself});
  CHECK(s(booking_of(early)).refusal == correction_refusal::already_applied);
  REQUIRE(s(buy("a", "1", "50000")).order == next);
  s.hear(early);
  CHECK(s.order(next).status == order_status::filled);
  CHECK(s(booking_of(early)).refusal == correction_refusal::already_applied);
  CHECK(s.held() == qty("1"));

  venue::open_orders seen;
  seen.venue = {"SIM"};
  seen.highest_number = 5;
  s(seen);
  REQUIRE(s.state.last_number == 5);
  const auto unknown = s.trade(order_id::make(17, 3), "0.5", "50000");
  s.hear(unknown);
  CHECK(s(booking_of(unknown)).refusal == correction_refusal::none);
  CHECK(s.held() == qty("1.5"));
}

TEST_CASE("a dispute's name is its account's or its venue's, and tells which") {
  const account_disputed of_account{alpha, {"SIM"}, order_id::make(17, 1), {"x1"}, {}}, of_venue{{}, {"SIM"}, order_id::make(17, 1), {"x1"}, {}};
  CHECK(disputed_name(of_account) == alpha);
  CHECK_FALSE(venue_in_dispute(alpha).has_value());
  CHECK(disputed_name(of_venue) == sim_itself);
  CHECK(venue_in_dispute(sim_itself) == venue_id{"SIM"});
}

TEST_SUITE_END();
