// From a fill that no order could take to a position that is the venue's: what slot, risk and portfolio say on the way, over restarts.

#include "nodes/desk/api/correction_tables.hpp"
#include "tests/nodes/desk/small_desk.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("desk/corrections");

namespace {

const principal_id ana{"operator:ana"};

venue::report overfill_of(trading::order_id order) {
  venue::report fill;
  fill.id = {"x-1"};
  fill.order = order;
  fill.type = venue::exec_type::trade;
  fill.last_quantity = *quantity::parse("0.02");
  fill.last_price = price::whole(44'000);
  fill.fee = {*parse_scaled("0.5"), "USDT"};
  return fill;
}

/// As the venue's stream says it, in its turns from `sequence` on; the slot hears all in one.
void hear(small_desk& d, const std::vector<venue::report>& all, std::uint64_t sequence) {
  actor::inbox<venue::report> said;
  said.from = actor_name{"venue/SIM"};
  said.epoch = 1;
  said.previous = sequence - 1;
  for (const auto& r : all) said.items.push_back({sequence++, r, {}, {}});
  d.node().parts().env.names->ref(small_desk::slot())->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, said), nullptr);
  d.pass(1s);
}

oms::correct_position booking_of(const oms::fill_disputed& f) {
  oms::correct_position c;
  c.tenant = f.tenant;
  c.account = f.account;
  c.id = oms::booking_id(f.venue, f.report.id);
  c.instrument = f.instrument;
  c.quantity = f.side == trading::side::buy ? f.report.last_quantity : -f.report.last_quantity;
  c.price = f.report.last_price;
  c.fee = f.report.fee;
  c.books = oms::booked_execution{f.venue, f.report.id, f.report.order};
  c.reason = "compared with the venue";
  return c;
}

std::vector<portfolio::position_view> positions_of_a(small_desk& d) {
  portfolio::positions_query q;
  q.account = trading::account_id{"a"};
  return d.ask<portfolio::positions_view>(desk::portfolio_name, q).positions;
}

} // namespace

TEST_CASE("a fill that no order could take is booked by an operator, once: position, cash and firm exposure have it, over restarts, and the account trades on when its halt is lifted") {
  temporary_directory dir;
  small_desk d{dir.path() / "data", {"halt.cancels_orders=false"}};
  d.start(noon);
  const auto order = d.buy("one").order;
  hear(d, {overfill_of(order)}, 2);
  REQUIRE(d.ask<risk::risk_view>(desk::risk_name, risk::risk_query{}).halts.size() == 1);
  CHECK(positions_of_a(d).empty());
  const auto disputed = desk::disputed_fill_of(*d.node().parts().journal, order.slot(), {"SIM"}, {"x-1"});
  REQUIRE(disputed);
  REQUIRE(disputed->has_value());
  CHECK((*disputed)->report == overfill_of(order));

  const auto booking = booking_of(**disputed);
  CHECK(d.ask<oms::correction_ack>(small_desk::slot(), booking).refusal == oms::correction_refusal::not_authorised); // as "test"
  CHECK(positions_of_a(d).empty());
  const auto first = d.ask<oms::correction_ack>(small_desk::slot(), booking, ana);
  REQUIRE(first.refusal == oms::correction_refusal::none);
  const auto is_booked = [&] {
    d.pass(2s); // risk hears of it with the next leases
    const auto held = positions_of_a(d);
    REQUIRE(held.size() == 1);
    CHECK(held[0].quantity == *quantity::parse("0.02"));
    CHECK(held[0].average_price == price::whole(44'000));
    CHECK(held[0].fees.units == *parse_scaled("0.5"));
    CHECK(held[0].fills == 0);
    const auto cash = d.ask<portfolio::cash_list>(desk::portfolio_name, portfolio::cash_query{}).cash;
    REQUIRE(cash.size() == 1);
    CHECK(cash[0].amount == money{*parse_scaled("-880.5"), "USDT"});
    CHECK(d.ask<portfolio::fills_view>(desk::portfolio_name, portfolio::fills_query{}).fills.empty());
    CHECK(d.ask<risk::risk_view>(desk::risk_name, risk::risk_query{}).firm_exposure.value == price::whole(900 + 440)); // at 45,000, and the order that stays open
    CHECK(d.ask<oms::correction_ack>(small_desk::slot(), booking, ana) == first);
  };
  is_booked();
  d.stop();
  std::filesystem::remove_all(dir.path() / "data" / "portfolio"); // it is derived from the slots' turns, corrections too
  d.start(noon + 1h);
  is_booked();
  auto otherwise = booking;
  otherwise.reason = "once more";
  CHECK(d.ask<oms::correction_ack>(small_desk::slot(), otherwise, ana).refusal == oms::correction_refusal::conflict);
  is_booked();

  CHECK(d.buy("two").refusal == oms::refusal::halted);
  REQUIRE(d.ask<risk::risk_reply>(desk::risk_name, risk::resume_command{risk::halt_scope::account, text<32>{"a"}}, ana).verdict == risk::verdict::done);
  d.pass(1s);
  CHECK(d.buy("three").refusal == oms::refusal::none);
}

TEST_CASE("a fill of an order that nobody knows halts its venue, also when the node ended before risk had heard of it, and once; one that its order took before it ended halts nobody") {
  temporary_directory dir;
  small_desk d{dir.path() / "data"};
  d.start(noon);
  const auto order = d.buy("one").order;
  auto taken = overfill_of(order);
  taken.last_quantity = *quantity::parse("0.01");
  hear(d, {taken, taken}, 2); // said twice in one breath
  hear(d, {taken}, 4);
  CHECK(d.look(order).filled == *quantity::parse("0.01"));
  CHECK(d.ask<risk::risk_view>(desk::risk_name, risk::risk_query{}).halts.empty());
  CHECK_FALSE(desk::disputed_fill_of(*d.node().parts().journal, order.slot(), {"SIM"}, {"x-1"}).value().has_value());

  auto unknown = overfill_of(trading::order_id::make(order.slot(), 99));
  unknown.id = {"x-2"};
  d.node().parts().env.names->bind(desk::risk_name, nullptr);
  hear(d, {unknown}, 5);
  d.stop();
  d.start(noon + 1h);
  const auto halts = d.ask<risk::risk_view>(desk::risk_name, risk::risk_query{}).halts;
  REQUIRE(halts.size() == 1);
  CHECK(halts[0].scope == risk::halt_scope::venue);
  CHECK(halts[0].key == "SIM");
  CHECK(halts[0].reason.str() == "fill x-2 is of order " + to_text(unknown.order) + ", not known here: 0.02 at 44000");
  CHECK(d.buy("two").refusal == oms::refusal::halted);

  REQUIRE(d.ask<risk::risk_reply>(desk::risk_name, risk::resume_command{risk::halt_scope::venue, text<32>{"SIM"}}, ana).verdict == risk::verdict::done);
  d.pass(1s);
  hear(d, {unknown}, 6);
  CHECK(d.ask<risk::risk_view>(desk::risk_name, risk::risk_query{}).halts.empty());
  CHECK(d.buy("three").refusal == oms::refusal::none);
}

TEST_CASE("a halt of an account names the fill that is in no position") {
  small_desk d{{}};
  d.start(noon);
  const auto order = d.buy("one").order;
  hear(d, {overfill_of(order)}, 2);
  const auto halts = d.ask<risk::risk_view>(desk::risk_name, risk::risk_query{}).halts;
  REQUIRE(halts.size() == 1);
  CHECK(halts[0].reason.str() == "fill x-1 at SIM of order " + to_text(order) + " is in no position: buy 0.02 at 44000");
}

TEST_SUITE_END();
