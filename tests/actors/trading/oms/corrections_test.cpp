// Positions that an operator corrects, and fills that no order could take: what a slot decides about both, and what stays of it.

#include "tests/actors/trading/oms/attended_slot.hpp"

#include "actors/trading/oms/correction_rows.hpp"
#include "actors/trading/oms/exposure.hpp"
#include "runtime/wire/wire.hpp"

#include <limits>
#include <random>

using namespace troupe;
using namespace troupe::oms;
using namespace troupe::oms::test;

TEST_SUITE_BEGIN("oms/corrections");

namespace {

std::string bytes_of(const state& s) {
  std::string bytes;
  wire::encode(s, bytes);
  return bytes;
}

} // namespace

TEST_CASE("a correction changes the position and the exposure as a fill would, counted as none, on record with who and why") {
  attended_slot s;
  s.hear(s.trade(s(buy("a", "1", "50000")).order, "1", "50000"));
  const auto ack = s(by_hand("k1", "-0.4"));
  CHECK(ack == correction_ack{{"k1"}, correction_refusal::none, {}, qty("0.6"), s.ctx.decided_at});
  CHECK(s.held() == qty("0.6"));
  CHECK(s.state.exposure == money{*parse_scaled("30000"), {}}); // at the middle, 50000
  CHECK(s.core.exposure(s.state, s.view) == s.state.exposure);  // what risk is told
  const auto e = std::get<position_corrected>(s.events.back());
  CHECK(e.correction == by_hand("k1", "-0.4"));
  CHECK(e.by.value == "operator:ana");
  CHECK(e.quote == "USDT");
  CHECK(e.mark == px("50000"));
  CHECK(e.position == qty("0.6"));
  CHECK(decode_correction(s.table.at(correction_key(e.correction))).value() == e);
  CHECK(s.sent<order_update>().empty());
}

TEST_CASE("a correction that opens a position counts at the market, without one at its price, and limits know it from then on") {
  attended_slot s;
  s(by_hand("k1", "1", "10")); // it cost little once
  CHECK(s.state.exposure == money{*parse_scaled("50000"), {}});
  attended_slot blind;
  blind.view.marks.clear();
  blind(by_hand("k1", "1", "10"));
  CHECK(blind.state.exposure == money{*parse_scaled("10"), {}});
  attended_slot limited;
  limited.lease.fallback.position_max = qty("2");
  limited.renew();
  REQUIRE(limited(by_hand("k1", "1.5")).refusal == correction_refusal::none);
  CHECK(limited(buy("a", "0.6", "50000")).refusal == refusal::position_max);
  CHECK(limited(buy("b", "0.5", "50000")).refusal == refusal::none);
}

TEST_CASE("a correction above a limit, of a halted account and without a lease is taken: it says what is, and opens nothing") {
  attended_slot s;
  s.lease.fallback.position_max = qty("0.1");
  s.lease.halts.push_back({risk::halt_scope::account, text<32>{alpha.value.view()}, "drill", {"http"}});
  s.renew();
  CHECK(s(by_hand("k1", "5")).refusal == correction_refusal::none);
  s.view.lease.reset();
  CHECK(s(by_hand("k2", "5")).refusal == correction_refusal::none);
  CHECK(s.held() == qty("10"));
}

TEST_CASE("corrections: the same id and body get the first answer for good, another body is a conflict and changes nothing, and ids belong to their account") {
  attended_slot s;
  const auto first = s(by_hand("k1", "1"));
  s(by_hand("k2", "1"));
  const auto before = s.state;
  const auto events = s.events.size();
  s.pass(std::chrono::hours{5});
  for (int again = 0; again < 3; ++again) {
    CHECK(s(by_hand("k1", "1")) == first);
    CHECK_FALSE(s.recorded);
  }
  auto unnamed = by_hand("k1", "1");
  unnamed.tenant = {};
  CHECK(s(unnamed) == first); // of the slot's own tenant
  auto otherwise = by_hand("k1", "1");
  otherwise.reason = "another reason";
  for (const auto& other : {by_hand("k1", "2"), by_hand("k1", "1", "49999"), otherwise}) {
    const auto refused = s(other);
    CHECK(refused.refusal == correction_refusal::conflict);
    CHECK(refused.reason == "correction k1 is on record with another body");
    CHECK(s.recorded);
  }
  CHECK(s.state == before);
  CHECK(s.events.size() == events);
  auto of_beta = by_hand("k1", "2");
  of_beta.account = {"beta"};
  CHECK(s(of_beta).refusal == correction_refusal::none);
}

TEST_CASE("corrections: each flaw is refused by name, on record, and leaves everything as it was") {
  struct row { correction_refusal expected; void (*bend)(correct_position&); };
  const row rows[] = {
    {correction_refusal::bad_id, [](auto& c) { c.id = {}; }},
    {correction_refusal::bad_id, [](auto& c) { c.id = {"  "}; }},
    {correction_refusal::bad_id, [](auto& c) { c.id = {"SIM/x1"}; }},
    {correction_refusal::bad_id, [](auto& c) { c.books = booked_execution{{"SIM"}, {"x1"}, order_id::make(17, 1)}; }},
    {correction_refusal::bad_id, [](auto& c) { c.id = {"SIM/"}; c.books = booked_execution{{"SIM"}, {}, order_id::make(17, 1)}; }},
    {correction_refusal::unknown_instrument, [](auto& c) { c.instrument = {"DOGE.SIM"}; }},
    {correction_refusal::nothing_to_correct, [](auto& c) { c.quantity = {}; c.price = {}; }},
    {correction_refusal::bad_price, [](auto& c) { c.price = {}; }},
    {correction_refusal::bad_price, [](auto& c) { c.price = px("-1"); }},
    {correction_refusal::bad_price, [](auto& c) { c.quantity = {}; c.fee.units = 5; }},
    {correction_refusal::bad_fee, [](auto& c) { c.fee = {5, "EUR"}; }},
    {correction_refusal::bad_fee, [](auto& c) { c.fee = {int128{1} << 91, "USDT"}; }},
    {correction_refusal::bad_fee, [](auto& c) { c.fee = {-(int128{1} << 91), "USDT"}; }},
    {correction_refusal::no_reason, [](auto& c) { c.reason = {}; }},
    {correction_refusal::no_reason, [](auto& c) { c.reason = "   "; }},
  };
  for (const auto& r : rows) {
    attended_slot s;
    s(by_hand("k1", "1"));
    const auto before = s.state;
    const auto table = s.table;
    auto c = by_hand("k2", "1");
    r.bend(c);
    const auto ack = s(c);
    CAPTURE(ack.reason);
    CHECK(ack.refusal == r.expected);
    CHECK_FALSE(ack.reason.empty());
    CHECK(s.recorded);
    CHECK(s.state == before);
    CHECK(s.table == table);
  }
}

TEST_CASE("a position in an instrument that is not configured any more is corrected when its currency is said, and only then; a repeat is one, with the currency or without") {
  attended_slot before;
  const auto first = before(by_hand("k1", "1"));
  REQUIRE(first.refusal == correction_refusal::none);
  auto without = two_instruments();
  without.instruments.erase(btc);
  attended_slot s{without};
  s.state = before.state;
  s.table = before.table;
  const auto unchanged = s.state;
  CHECK(s(by_hand("k2", "-0.4")).refusal == correction_refusal::unknown_instrument);
  CHECK(s.state == unchanged);
  auto again = by_hand("k1", "1"), then = by_hand("k2", "-0.4");
  CHECK(s(again) == first);
  again.fee.ccy = then.fee.ccy = "USDT";
  CHECK(s(again) == first);
  again.fee.ccy = "EUR";
  CHECK(s(again).refusal == correction_refusal::conflict);
  CHECK(s.state == unchanged);
  const auto ack = s(then);
  CHECK(ack.refusal == correction_refusal::none);
  CHECK(ack.position == qty("0.6"));
  CHECK(s.held() == qty("0.6"));
  CHECK(std::get<position_corrected>(s.events.back()).quote == "USDT");
  then.fee.ccy = {}; // configured again
  CHECK(s(then) == ack);
}

TEST_CASE("a correction in an instrument that is not listed any more is in what it was quoted in, and in a currency that nothing here was ever quoted in there is none") {
  auto without = two_instruments();
  without.instruments.erase(btc);
  const auto flaw_in = [&](attended_slot& s, const char* ccy) {
    const auto before = s.state;
    auto c = by_hand("k1", "1");
    c.fee.ccy = ccy;
    const auto ack = s(c);
    CHECK(ack.refusal == correction_refusal::bad_fee);
    CHECK(s.recorded);
    CHECK(s.state == before);
    return ack.reason;
  };
  attended_slot never_listed{without};
  CHECK(flaw_in(never_listed, "XYZ") == "currency XYZ is unknown: nothing here is, or was, quoted in it");
  without.former_quotes[btc] = "EUR";
  attended_slot listed{without};
  CHECK(flaw_in(listed, "XYZ") == "a fee here is in EUR, not in XYZ");
  CHECK(flaw_in(listed, "USDT") == "a fee here is in EUR, not in USDT");
  auto right = by_hand("k1", "1");
  right.fee.ccy = "EUR";
  CHECK(listed(right).refusal == correction_refusal::none);
}

TEST_CASE("what is less than a lot of a position, since the lot was raised, no order closes: an operator's correction does, as the venue converted it") {
  auto finer = two_instruments();
  finer.instruments[btc].lot_size = qty("0.0001");
  attended_slot before{finer};
  before.hear(before.trade(before(buy("a", "1.0005", "50000")).order, "1.0005", "50000"));
  attended_slot s; // a lot is 0.001
  s.state = before.state;
  s.table = before.table;
  REQUIRE(s.held() == qty("1.0005"));
  CHECK(s(sell("all", "1.0005", "50000")).refusal == refusal::off_lot);
  CHECK(s(sell("rest", "0.0005", "50000")).refusal == refusal::off_lot);
  const auto whole = s(sell("whole", "1", "50000"));
  REQUIRE(whole.refusal == refusal::none);
  s.hear(s.trade(whole.order, "1", "50000"));
  CHECK(s.held() == qty("0.0005"));
  const auto ack = s(by_hand("dust", "-0.0005"));
  CHECK(ack.refusal == correction_refusal::none);
  CHECK(ack.position == quantity{});
  CHECK(s.held() == quantity{});
  CHECK(s.state.exposure == money{});
}

TEST_CASE("corrections: nobody but an operator makes one, whatever name they come under") {
  for (const char* who : {"http", "strategy/ma_cross", "supervisor", "operator", ""}) {
    attended_slot s;
    s(by_hand("k1", "1"));
    const auto before = s.state;
    s.ctx.message.principal = {who};
    CHECK(s(by_hand("k2", "1")).refusal == correction_refusal::not_authorised);
    CHECK(s(by_hand("k1", "1")).refusal == correction_refusal::not_authorised); // nor hears of one
    CHECK(s.state == before);
  }
}

TEST_CASE("corrections: on a full disk none is taken and nothing is recorded; repeats are answered") {
  attended_slot s;
  const auto first = s(by_hand("k1", "1"));
  const auto before = s.state;
  s.ctx.has_space = false;
  CHECK(s(by_hand("k2", "1")).refusal == correction_refusal::disk_full);
  CHECK_FALSE(s.recorded);
  CHECK(s(by_hand("k1", "2")).refusal == correction_refusal::conflict);
  CHECK_FALSE(s.recorded);
  CHECK(s(by_hand("k1", "1")) == first);
  CHECK(s.state == before);
}

TEST_CASE("corrections: a position at the end of its range is refused and not overflowed, with what is open counted too") {
  attended_slot s;
  const auto most = quantity{std::numeric_limits<std::int64_t>::max()};
  auto c = by_hand("k1", "1");
  c.quantity = most - qty("1");
  REQUIRE(s(c).refusal == correction_refusal::none);
  CHECK(s(by_hand("k2", "1.00000001")).refusal == correction_refusal::out_of_range);
  CHECK(s(by_hand("k3", "1")).refusal == correction_refusal::none);
  CHECK(s.held() == most);
  c.id = {"k4"};
  c.quantity = -most;
  REQUIRE(s(c).refusal == correction_refusal::none);
  REQUIRE(s(sell("a", "1", "50000")).refusal == refusal::none);
  c.id = {"k5"};
  CHECK(s(c).refusal == correction_refusal::out_of_range); // the sale could fill
  s.say(order_id::make(17, 1), venue::exec_type::canceled);
  CHECK(s(c).refusal == correction_refusal::none);
  CHECK(s.held() == -most);
}

TEST_CASE("corrections of a fee alone change no position and no exposure, and may come back") {
  attended_slot s;
  s(by_hand("k1", "1"));
  const auto before = s.state;
  auto fee = by_hand("k2", "0", "0");
  fee.fee = {*parse_scaled("-1.5"), "USDT"};
  CHECK(s(fee).position == qty("1"));
  CHECK(s.state == before);
  CHECK(std::get<position_corrected>(s.events.back()).correction.fee.units == *parse_scaled("-1.5"));
}

TEST_CASE("a fill that no order could take is on record as its venue reported it, of an open order, a finished one and one that nobody knows") {
  attended_slot s;
  const auto open = s(buy("a", "1", "50000")).order, done = s(sell("b", "2", "50000")).order, unknown = order_id::make(17, 99);
  s.hear(s.trade(open, "0.4", "50000"));
  s.hear(s.trade(done, "2", "50000"));
  struct row { order_id order; bool is_known; side of; const char* ordered; const char* filled; };
  for (const auto& r : {row{open, true, side::buy, "1", "0.4"}, row{done, true, side::sell, "2", "2"}, row{unknown, false, side::buy, "0", "0"}}) {
    CAPTURE(to_text(r.order));
    const auto positions = s.state.accounts;
    const auto said = s.trade(r.order, "0.7", "50001", "0.25");
    s.hear(said);
    CHECK(s.state.accounts == positions);
    const auto row = decode_disputed_fill(s.table.at(disputed_fill_key(17, {"SIM"}, said.id))).value();
    CHECK(row.report == said);
    CHECK(row.venue.value == "SIM");
    CHECK(row.from_own_venue == r.is_known);
    CHECK(row.account == (r.is_known ? alpha : account_id{}));
    CHECK(row.instrument == (r.is_known ? btc : instrument_id{}));
    CHECK(row.side == r.of);
    CHECK(row.ordered == qty(r.ordered));
    CHECK(row.filled == qty(r.filled));
    CHECK(s.state.disputed.contains(alpha) == r.is_known);
    if (r.is_known) s(close_dispute{alpha});
  }
}

TEST_CASE("a disputed fill is booked once: the position is the venue's, the same again is answered as first, and otherwise it is a conflict") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  const auto said = s.trade(id, "1.5", "50000", "0.25");
  s.hear(said);
  REQUIRE(s.held() == quantity{});
  const auto first = s(booking_of(said));
  CHECK(first.refusal == correction_refusal::none);
  CHECK(first.id.value.view() == "SIM/" + said.id.value.str());
  CHECK(s.held() == qty("1.5"));
  CHECK(s.order(id).filled == quantity{}); // the order took nothing
  const auto before = s.state;
  CHECK(s(booking_of(said)) == first);
  auto otherwise = booking_of(said);
  otherwise.reason = "once more";
  CHECK(s(otherwise).refusal == correction_refusal::conflict);
  auto of_beta = booking_of(said);
  while (slot_of(of_beta.tenant, of_beta.account) != slot_of({"main"}, alpha) || of_beta.account == alpha)
    of_beta.account = {"b" + std::to_string(++s.ctx.sequence)}; // another account of the same slot
  CHECK(s(of_beta).refusal == correction_refusal::conflict);
  CHECK(s.state == before);
}

TEST_CASE("what was in dispute is folded by no order any more, booked or not, whatever the order could take by then") {
  for (const bool is_booked : {true, false}) {
    CAPTURE(is_booked);
    attended_slot s;
    const auto id = s(buy("a", "1", "50000")).order;
    s.say(id, venue::exec_type::new_);
    const auto said = s.trade(id, "1.5", "50000");
    s.hear(said);
    if (is_booked) REQUIRE(s(booking_of(said)).refusal == correction_refusal::none);
    s(close_dispute{alpha});
    REQUIRE(s(replace_order{id, qty("2"), px("50000")}).refusal == refusal::none);
    s.say(id, venue::exec_type::replaced, 1);
    if (is_booked) // its place among the last answers is gone long since
      for (std::size_t i = 0; i < 2 * answers_kept; ++i) s.say(id, venue::exec_type::cancel_rejected);
    const auto before = s.state;
    s.hear(said);
    CHECK(s.state == before);
    CHECK(s.view.repeated_reports == 1);
    CHECK(s.held() == (is_booked ? qty("1.5") : quantity{}));
  }
}

TEST_CASE("what is in dispute stays out of its order whatever else its venue says meanwhile, and is counted once when it is booked after the order's end") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  s.say(id, venue::exec_type::new_);
  const auto said = s.trade(id, "1.5", "50000");
  s.hear(said);
  s(close_dispute{alpha});
  REQUIRE(s(replace_order{id, qty("2"), px("50000")}).refusal == refusal::none);
  s.say(id, venue::exec_type::replaced, 1);
  for (std::size_t i = 0; i < 2 * answers_kept; ++i) s.say(id, venue::exec_type::cancel_rejected);
  const auto before = s.state;
  s.hear(said); // there would be room for it by now
  CHECK(s.state == before);
  CHECK(s.view.repeated_reports == 1);
  s.hear(s.trade(id, "2", "50000"));
  REQUIRE_FALSE(s.state.orders.contains(id));
  CHECK(s.held() == qty("2"));
  CHECK(s(booking_of(said)).refusal == correction_refusal::none);
  CHECK(s.held() == qty("3.5"));
}

TEST_CASE("an order with more fills in dispute than it remembers takes none any more: each is on record and booked once") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  s.say(id, venue::exec_type::new_);
  std::vector<venue::report> said;
  for (std::size_t i = 0; i <= disputes_kept; ++i) s.hear(said.emplace_back(s.trade(id, "1.5", "50000")));
  CHECK(s.state.orders.at(id).disputed.size() == disputes_kept);
  s(close_dispute{alpha});
  REQUIRE(s(replace_order{id, qty("2"), px("50000")}).refusal == refusal::none);
  s.say(id, venue::exec_type::replaced, 1);
  const auto size = bytes_of(s.state).size();
  s.hear(said.front()); // remembered
  CHECK_FALSE(s.state.disputed.contains(alpha));
  s.hear(said.back()); // not remembered, and yet no fill
  const auto fresh = s.trade(id, "0.5", "50000");
  s.hear(fresh);
  CHECK(s.state.disputed.contains(alpha));
  CHECK(s.order(id).filled == quantity{});
  CHECK(s.held() == quantity{});
  CHECK(s.table.contains(disputed_fill_key(17, {"SIM"}, fresh.id)));
  s(close_dispute{alpha});
  CHECK(bytes_of(s.state).size() == size); // nothing of them stays in memory
  for (const auto& report : {said.front(), said.back(), fresh}) CHECK(s(booking_of(report)).refusal == correction_refusal::none);
  CHECK(s.held() == qty("3.5"));
}

TEST_CASE("an execution that an order has is not booked besides") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  const auto fill = s.trade(id, "0.4", "50000");
  s.hear(fill);
  const auto before = s.state;
  CHECK(s(booking_of(fill)).refusal == correction_refusal::already_applied);
  CHECK(s.state == before);
}

TEST_CASE("a fill that another venue claims keeps the order's own venue from nothing") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  const auto said = s.trade(id, "1", "50000");
  s.ctx.message.principal = {"venue/OTHER"};
  s(said);
  const auto row = decode_disputed_fill(s.table.at(disputed_fill_key(17, {"OTHER"}, said.id))).value();
  CHECK(row.venue.value == "OTHER");
  CHECK_FALSE(row.from_own_venue);
  s.hear(said); // the order's own venue, under the same id
  CHECK(s.order(id).status == order_status::filled);
  CHECK(s.held() == qty("1"));
}

TEST_CASE("memory follows what is open: corrections leave nothing in it but positions, and an account that was corrected to flat is forgotten") {
  attended_slot s;
  s(by_hand("first", "1"));
  const auto size = bytes_of(s.state).size();
  for (int i = 0; i < 500; ++i) s(by_hand(("k" + std::to_string(i)).c_str(), i % 2 == 0 ? "1" : "-1"));
  CHECK(bytes_of(s.state).size() == size);
  s(by_hand("last", "-1"));
  CHECK(s.held() == quantity{});
  CHECK(s.state.exposure.units == 0);
  s.pass(std::chrono::seconds{2});
  s.renew();
  for (const char* id : {"a", "b"}) {
    auto other = buy(id, "1", "50000");
    other.account = {"beta"};
    REQUIRE(s(other).refusal == refusal::none);
  }
  CHECK_FALSE(s.state.accounts.at({"main"}).contains(alpha));
}

TEST_CASE("random fills, disputes, bookings, corrections and repeats of all of them: the position is what was taken of each, once, and the exposure is the position's") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const auto chance = [&](std::uint64_t percent) { return random() % 100 < percent; };
  attended_slot s;
  int128 expected = 0;
  std::vector<correct_position> corrections;
  std::vector<venue::report> reports, disputed;
  std::uint64_t booked = 0, repeated = 0;
  for (int i = 0; i < 3000; ++i) {
    CAPTURE(i);
    if (i % 20 == 0) s.renew();
    const auto size = quantity{static_cast<std::int64_t>(1 + random() % 900) * 100'000};
    if (chance(30)) {
      const bool buys = chance(50);
      auto asked = buys ? buy("", "1", "50000") : sell("", "1", "50000");
      asked.client_id = {"o" + std::to_string(i)};
      const auto ack = s(asked);
      s(close_dispute{alpha});
      if (ack.refusal != refusal::none) continue; // in dispute
      const bool is_possible = chance(60);
      auto said = s.trade(ack.order, "1", "50000");
      said.last_quantity = is_possible ? qty("1") : qty("1") + size;
      s.hear(said);
      reports.push_back(said);
      if (is_possible) expected += buys ? qty("1").units : -qty("1").units;
      else if (buys) disputed.push_back(said); // bookings here are of buys
      if (!is_possible) s.say(ack.order, venue::exec_type::canceled);
    } else if (chance(30)) {
      corrections.push_back(by_hand(("k" + std::to_string(i)).c_str(), (chance(50) ? size : -size).str().c_str()));
      REQUIRE(s(corrections.back()).refusal == correction_refusal::none);
      expected += corrections.back().quantity.units;
    } else if (chance(40) && !disputed.empty()) {
      corrections.push_back(booking_of(disputed.back()));
      disputed.pop_back();
      REQUIRE(s(corrections.back()).refusal == correction_refusal::none);
      expected += corrections.back().quantity.units;
      ++booked;
    } else if (chance(50) && !corrections.empty()) {
      REQUIRE(s(corrections[random() % corrections.size()]).refusal == correction_refusal::none);
      REQUIRE_FALSE(s.recorded);
      ++repeated;
    } else if (!reports.empty()) {
      s.hear(reports[random() % reports.size()]); // of orders that have ended: dropped, or in dispute once more
      s(close_dispute{alpha});
    }
    REQUIRE(int128{s.held().units} == expected);
    money exposure;
    for (const auto& [tenant, accounts] : s.state.accounts)
      for (const auto& [name, a] : accounts)
        for (const auto& [instrument, h] : a.holdings) exposure += exposure_of(h);
    REQUIRE(s.state.exposure.units == exposure.units);
  }
  CHECK(booked > 20);
  CHECK(repeated > 200);
}

TEST_CASE("replay of corrections and disputes gives the same state and the same rows") {
  attended_slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  const auto said = s.trade(id, "1.5", "50000");
  s.hear(said);
  s(booking_of(said));
  s(by_hand("k1", "-0.5", "49000"));
  s.hear(s.trade(id, "1", "50000"));
  state again;
  std::vector<actor::archive::row> rows;
  actor::archive open{rows};
  for (const auto& e : s.events) s.core.evolve(again, e, open);
  CHECK(again == s.state);
  std::map<std::string, std::string> table;
  for (auto& r : rows) table[r.key] = std::move(r.value);
  CHECK(table == s.table);
}

TEST_CASE("keys of corrections and disputes lie behind all orders, tell their slot, and one execution has one in its slot") {
  const auto last = done_orders_end(slot_count - 1);
  const auto key = correction_key(by_hand("k1", "1"));
  CHECK(key > last);
  CHECK(slot_in_key(key) == slot_of({"main"}, alpha));
  CHECK(disputed_fill_key(63, {"SIM"}, {"x1"}) > last);
  CHECK(slot_in_key(disputed_fill_key(63, {"SIM"}, {"x1"})) == 63);
  CHECK(disputed_fill_key(63, {"SIM"}, {"x1"}).starts_with(disputed_fill_prefix(63, {"x1"})));
  CHECK_FALSE(disputed_fill_key(63, {"SIM"}, {"x11"}).starts_with(disputed_fill_prefix(63, {"x1"})));
  auto booked = by_hand("SIM/x1", "1");
  booked.books = booked_execution{{"SIM"}, {"x1"}, order_id::make(3, 1)};
  CHECK(correction_key(booked) == booking_key(slot_of({"main"}, alpha), {"SIM"}, {"x1"}));
  CHECK(correction_key(booked) > key);
  CHECK(booking_id({"FIFTEEN_LETTERS"}, {std::string(31, 'x')}).value.view().size() == 47); // the longest there is
}

TEST_SUITE_END();
