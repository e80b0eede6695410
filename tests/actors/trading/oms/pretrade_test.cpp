#include "tests/actors/trading/oms/slot.hpp"

using namespace troupe;
using namespace troupe::oms;
using namespace troupe::oms::test;

TEST_SUITE_BEGIN("oms/pretrade");

namespace {

/// Refused by risk: on record as a rejected order, nothing sent, nothing opened, no stake.
void check_refused(slot& s, const new_order& asked, refusal why, const std::string& says) {
  const auto before = s.state;
  const auto sent = s.sent<venue::submit>().size();
  const auto ack = s(asked);
  CAPTURE(ack.reason);
  CHECK(ack.refusal == why);
  CHECK(ack.reason.find(says) != std::string::npos);
  CHECK(ack.status == order_status::rejected);
  CHECK(ack.order.number() == before.last_number + 1);
  CHECK(s.order(ack.order).refusal == why);
  CHECK(s.order(ack.order).reason.view() == ack.reason);
  CHECK(s.sent<venue::submit>().size() == sent);
  auto after = s.state;
  after.last_number = before.last_number;
  CHECK(after == before);
}

} // namespace

TEST_CASE("lease: before the first one an order is not taken and leaves nothing, so that its client id can come again") {
  slot s;
  s.view.lease.reset();
  const auto before = s.state;
  const auto early = s(buy("a1", "1", "50000"));
  CHECK(early.refusal == refusal::no_lease);
  CHECK(early.order == order_id{});
  CHECK_FALSE(s.recorded);
  CHECK(s.state == before);
  s.renew();
  CHECK(s(buy("a1", "1", "50000")).refusal == refusal::none);
}

TEST_CASE("lease: without a live one nothing opens") {
  slot s;
  s.renew();
  s.pass(std::chrono::seconds{1}); // the end itself is outside
  s.mark(btc, "49999.9", "50000.1");
  check_refused(s, buy("a2", "1", "50000"), refusal::no_lease, "ran out 0 ms ago");
  s.pass(std::chrono::milliseconds{250});
  check_refused(s, buy("a3", "1", "50000"), refusal::no_lease, "ran out 250 ms ago");
  s.renew();
  CHECK(s(buy("a4", "1", "50000")).refusal == refusal::none);
}

TEST_CASE("lease: one for another slot, for an earlier life of it, or one that was overtaken, changes nothing") {
  slot s;
  auto late = s.lease;
  late.epoch += 1;
  late.number += 5;
  s.core.observe(s.view, late);
  CHECK(s.view.lease == s.lease);
  auto foreign = s.lease;
  foreign.slot = 3;
  foreign.number += 5;
  s.core.observe(s.view, foreign);
  CHECK(s.view.lease == s.lease);
  auto halted = s.lease;
  halted.number += 1;
  halted.limits_version += 1;
  halted.halts = {{risk::halt_scope::firm, "", "drill", {"operator:ana"}, {}, {}}};
  s.core.observe(s.view, halted);
  auto old = s.lease;
  old.expires_at += std::chrono::hours{1};
  s.core.observe(s.view, old);
  CHECK(s.view.lease == halted);
}

TEST_CASE("lease: one that was overtaken does not count either when the newer one was dropped while the slot asked its venues, nor do older limits") {
  slot s;
  auto overtaken = s.lease; // of a larger budget, which risk has lent to others since: the slot had shown the newer one
  s.lease.exposure_budget.value = px("60000");
  s.lease.limits_version = 11;
  s.renew(); // 12
  s.view.lease.reset();
  s.core.observe(s.view, overtaken);
  CHECK_FALSE(s.view.lease);
  CHECK(s.view.newest_lease == s.lease.number); // what the next request says
  auto older = s.lease;
  ++older.number;
  older.limits_version = 9;
  s.core.observe(s.view, older);
  CHECK_FALSE(s.view.lease);
  CHECK(s.view.newer_limits == 12);
  s.renew();
  REQUIRE(s.view.lease);
  CHECK(s.view.lease->exposure_budget.value == px("60000"));
}

TEST_CASE("lease: one with older limits than the slot holds is not taken and risk is told, unless the firm is halted by it") {
  slot s;
  s.lease.limits_version = 11;
  s.renew(); // 12
  auto older = s.lease;
  ++older.number;
  older.limits_version = 9;
  older.expires_at += std::chrono::hours{1};
  s.core.observe(s.view, older);
  CHECK(s.view.lease->limits_version == 12);
  CHECK(s.view.newer_limits == 12);
  s.pass(std::chrono::seconds{2});
  check_refused(s, buy("a1", "1", "50000"), refusal::no_lease, "ran out");
  older.halts = {{risk::halt_scope::firm, {}, "restored", {"risk"}, {}, {}}};
  s.core.observe(s.view, older);
  CHECK(s.view.lease->limits_version == 9);
  check_refused(s, buy("a2", "1", "50000"), refusal::halted, "restored");
}

TEST_CASE("halts: each scope stops what it names and nothing else") {
  auto from_strategy = buy("a", "1", "50000");
  from_strategy.strategy = {"ma_cross"};
  auto of_another_tenant = buy("a", "1", "50000");
  of_another_tenant.tenant = {"other"};
  struct row { risk::halt_scope scope; const char* key; new_order asked; bool stops; };
  const row rows[] = {
    {risk::halt_scope::firm, "", buy("a", "1", "50000"), true},
    {risk::halt_scope::venue, "SIM", buy("a", "1", "50000"), true},
    {risk::halt_scope::venue, "OTHER", buy("a", "1", "50000"), false},
    {risk::halt_scope::instrument, "BTCUSDT.SIM", buy("a", "1", "50000"), true},
    {risk::halt_scope::instrument, "ETHUSDT.SIM", buy("a", "1", "50000"), false},
    {risk::halt_scope::account, "alpha", buy("a", "1", "50000"), true},
    {risk::halt_scope::account, "alpha", of_another_tenant, true}, // an account's name stops it under every tenant
    {risk::halt_scope::account, "beta", buy("a", "1", "50000"), false},
    {risk::halt_scope::strategy, "ma_cross", from_strategy, true},
    {risk::halt_scope::strategy, "ma_cross", buy("a", "1", "50000"), false},
    {risk::halt_scope::strategy, "quoter", from_strategy, false},
  };
  for (const auto& r : rows) {
    CAPTURE(r.key);
    slot s;
    s.lease.halts = {{r.scope, r.key, "drill", {"operator:ana"}, {}, {}}};
    s.renew();
    if (r.stops) check_refused(s, r.asked, refusal::halted, "halted by operator:ana: drill");
    else CHECK(s(r.asked).refusal == refusal::none);
  }
}

TEST_CASE("limits: each is exact at its edge and says both numbers") {
  struct row { const char* name; void (*set)(risk::limits&); new_order passes; new_order fails; refusal why; const char* says; };
  const row rows[] = {
    {"quantity", [](auto& l) { l.order_quantity_max = qty("2"); }, buy("p", "2", "50000"), buy("f", "2.001", "50000"),
     refusal::order_quantity_max, "order quantity would be 2.001, allowed are 2"},
    {"notional", [](auto& l) { l.order_notional_max.value = px("50000"); }, buy("p", "1", "50000"),
     buy("f", "1.001", "50000"), refusal::order_notional_max, "order notional would be 50050, allowed are 50000"},
    {"notional of a market order is at the best offer", [](auto& l) { l.order_notional_max.value = px("50000.1"); },
     buy("p", "1"), buy("f", "1.001"), refusal::order_notional_max, "50050.1001"},
    {"exposure of a market buy is at the worst price that it may take", [](auto& l) { l.exposure_max.value = px("55000.2"); },
     buy("p", "1"), buy("f", "0.001"), refusal::exposure_max, "account exposure would be 55055.2002, allowed are 55000.2"},
    {"exposure of a market sale is at the best bid", [](auto& l) { l.exposure_max.value = px("49999.9"); },
     sell("p", "1"), sell("f", "0.001"), refusal::exposure_max, "account exposure would be 50049.8999"},
    {"long position", [](auto& l) { l.position_max = qty("3"); }, buy("p", "3", "50000"), buy("f", "0.001", "50000"),
     refusal::position_max, "long position with open buys would be 3.001, allowed are 3"},
    {"short position", [](auto& l) { l.position_max = qty("3"); }, sell("p", "3", "50000"), sell("f", "0.001", "50000"),
     refusal::position_max, "short position with open sells would be 3.001, allowed are 3"},
    {"exposure", [](auto& l) { l.exposure_max.value = px("100000"); }, buy("p", "2", "50000"), buy("f", "0.001", "50000"),
     refusal::exposure_max, "account exposure would be 100050, allowed are 100000"},
    {"open orders", [](auto& l) { l.open_orders_max = 1; }, buy("p", "1", "50000"), buy("f", "1", "50000"),
     refusal::open_orders_max, "open orders would be 2, allowed are 1"},
    {"rate", [](auto& l) { l.orders_per_second_max = 1; }, buy("p", "1", "50000"), buy("f", "1", "50000"),
     refusal::order_rate_max, "orders in this second would be 2, allowed are 1"},
    {"buy collar", [](auto& l) { l.price_collar_bps = 100; }, buy("p", "1", "50500.1"), buy("f", "1", "50500.2"),
     refusal::price_collar, "limit 50500.2 is worse than 50500.101, 100 bps beyond 50000.1"},
    {"sell collar", [](auto& l) { l.price_collar_bps = 100; }, sell("p", "1", "49500"), sell("f", "1", "49499.9"),
     refusal::price_collar, "limit 49499.9 is worse than 49499.901"},
    {"zero allows nothing", [](auto& l) { l.order_quantity_max = {}; }, new_order{},
     buy("f", "0.001", "50000"), refusal::order_quantity_max, "allowed are 0"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.name);
    slot s;
    r.set(s.lease.fallback);
    s.renew();
    if (!r.passes.client_id.value.empty()) CHECK(s(r.passes).refusal == refusal::none);
    check_refused(s, r.fails, r.why, r.says);
  }
}

TEST_CASE("limits: an account's own replace the fallback") {
  slot s;
  s.lease.fallback.order_quantity_max = qty("1");
  s.lease.accounts[alpha].order_quantity_max = qty("5");
  s.renew();
  CHECK(s(buy("a1", "5", "50000")).refusal == refusal::none);
  auto other = buy("b1", "5", "50000");
  other.account = {"beta"};
  check_refused(s, other, refusal::order_quantity_max, "allowed are 1");
}

TEST_CASE("rate: counts per account and starts anew each second; replaces count too") {
  slot s;
  s.lease.fallback.orders_per_second_max = 2;
  s.renew();
  const auto id = s(buy("a1", "1", "50000")).order;
  CHECK(s(replace_order{id, qty("2"), {}}).refusal == refusal::none);
  check_refused(s, buy("a2", "1", "50000"), refusal::order_rate_max, "would be 3");
  auto other = buy("b1", "1", "50000");
  other.account = {"beta"};
  CHECK(s(other).refusal == refusal::none);
  s.pass(std::chrono::seconds{1});
  s.renew();
  CHECK(s(buy("a3", "1", "50000")).refusal == refusal::none);
}

TEST_CASE("a wall clock that is set, forth or back, makes no mark older or younger and counts no order against another second") {
  for (const auto step : {std::chrono::hours{1}, std::chrono::hours{-1}}) {
    CAPTURE(step.count());
    slot s;
    s.lease.fallback.orders_per_second_max = 2;
    s.renew();
    for (const char* id : {"a1", "a2"}) CHECK(s(buy(id, "1", "50000")).refusal == refusal::none);
    s.ctx.decided_at += step;
    for (const char* id : {"a3", "a4"}) CHECK(s(buy(id, "1", "50000")).refusal == refusal::none);
    check_refused(s, buy("a5", "1", "50000"), refusal::order_rate_max, "would be 3");
    s.pass(std::chrono::milliseconds{10'001});
    s.renew();
    check_refused(s, buy("a6", "1", "50000"), refusal::no_mark, "is 10001 ms old, allowed are 10000");
  }
}

TEST_CASE("mark: none, a stale one, or an empty other side") {
  slot s;
  s.view.marks.clear();
  check_refused(s, buy("a1", "1", "50000"), refusal::no_mark, "there is no mark for BTCUSDT.SIM");
  s.mark(btc, "49999.9", "0");
  check_refused(s, buy("a2", "1"), refusal::no_mark, "nobody offers BTCUSDT.SIM");
  CHECK(s(buy("a3", "1", "50000")).refusal == refusal::none); // a limit order is measured by the own side
  s.mark(btc, "0", "50000.1");
  check_refused(s, sell("a4", "1"), refusal::no_mark, "nobody bids for BTCUSDT.SIM");
  s.mark(btc, "49999.9", "50000.1");
  s.pass(std::chrono::milliseconds{10'001});
  s.renew();
  check_refused(s, buy("a5", "1", "50000"), refusal::no_mark, "is 10001 ms old, allowed are 10000");
}

TEST_CASE("blocked: an instrument on the list opens nothing, others do") {
  slot s;
  s.lease.blocked = {btc};
  s.renew();
  check_refused(s, buy("a1", "1", "50000"), refusal::blocked, "BTCUSDT.SIM is blocked");
  auto other = buy("a2", "1", "2500");
  other.instrument = eth;
  CHECK(s(other).refusal == refusal::none);
}

TEST_CASE("budget: all accounts of the slot share the lease's") {
  slot s;
  s.lease.exposure_budget.value = px("100000");
  s.renew();
  CHECK(s(buy("a1", "1", "50000")).refusal == refusal::none);
  auto other = buy("b1", "1.001", "50000");
  other.account = {"beta"};
  check_refused(s, other, refusal::firm_exposure, "slot needs 100050, has 100000 of the firm's 1000000000 now: repeat with new client id");
}

TEST_CASE("budget: what a refused order would have taken is asked for, the largest for as long as somebody may try anew") {
  slot s;
  s.lease.exposure_budget.value = px("100000");
  s.renew();
  CHECK(s.view.wanted_until == boot_ns{});
  check_refused(s, buy("a1", "3", "50000"), refusal::firm_exposure, "slot needs 150000, has 100000 of");
  check_refused(s, buy("a2", "2.5", "50000"), refusal::firm_exposure, "slot needs 125000, has 100000 of");
  CHECK(s.view.wanted == px("150000"));
  const auto id = s(buy("a3", "1", "50000")).order;
  const auto change = s(replace_order{id, qty("4"), {}});
  CHECK(change.refusal == refusal::firm_exposure);
  CHECK(change.reason == "slot needs 200000, has 100000 of the firm's 1000000000 now: repeat"); // it spends no client id
  CHECK(s.view.wanted == px("200000"));
  CHECK(s.view.wanted_until == s.ctx.decided_boot + std::chrono::seconds{5});
  s.pass(std::chrono::seconds{5});
  s.renew();
  s.mark(btc, "49999.9", "50000.1");
  check_refused(s, buy("a4", "1.5", "50000"), refusal::firm_exposure, "slot needs 125000, has 100000 of");
  CHECK(s.view.wanted == px("125000"));
}

TEST_CASE("budget: an order for which risk can lend more waits where whoever asks has time, and nothing of it is on record before it is decided") {
  slot s;
  s.lend("100000", "150000");
  const auto before = s.state;
  const auto still_waits = [&](const new_order& o) {
    s.ctx.may_wait = true;
    s(o);
    s.ctx.may_wait = false;
    CHECK(s.state == before);
    CHECK(s.turns == 0);
    return s.waits;
  };
  CHECK(still_waits(buy("a1", "3", "50000")));
  CHECK(s.view.wanted == px("150000")); // asked of risk meanwhile
  CHECK_FALSE(s(buy("a1", "1", "50000000")).refusal == refusal::firm_exposure); // what is refused for another reason
  CHECK_FALSE(s.waits);
}

TEST_CASE("budget: what waited is decided like any order when there is a lease that carries it, or no time; what the firm cannot have does not wait") {
  slot s;
  s.lend("100000", "150000");
  s.ctx.may_wait = true;
  s(buy("a1", "3", "50000"));
  REQUIRE(s.waits);
  CHECK(s(buy("a2", "3.001", "50000")).refusal == refusal::firm_exposure);
  CHECK_FALSE(s.waits);
  CHECK(s.turns == 1);

  s.lease.exposure_budget.value = px("150000");
  s.renew();
  const auto taken = s(buy("a1", "3", "50000"));
  CHECK(taken.refusal == refusal::none);
  CHECK_FALSE(s.waits);
  CHECK(s(buy("a1", "3", "50000")) == taken); // a repeat never waits
  CHECK_FALSE(s.waits);

  s.lease.exposure_reachable.value = px("200000");
  s.renew();
  s(buy("a3", "1", "50000"));
  CHECK(s.waits);
  s.ctx.may_wait = false;
  check_refused(s, buy("a3", "1", "50000"), refusal::firm_exposure, "slot needs 200000, has 150000 of");
  CHECK_FALSE(s.waits);
}

TEST_CASE("budget: an order that is too large for the firm does not hide one for which risk can lend more, whichever came first") {
  slot s;
  s.lend("100000", "150000");
  check_refused(s, buy("a1", "4", "50000"), refusal::firm_exposure, "the firm's exposure would be");
  CHECK(s.view.wanted == px("200000"));
  check_refused(s, buy("a2", "2.5", "50000"), refusal::firm_exposure, "slot needs 125000, has 100000 of");
  CHECK(s.view.wanted == px("125000"));
  check_refused(s, buy("a3", "4", "50000"), refusal::firm_exposure, "the firm's exposure would be");
  CHECK(s.view.wanted == px("125000"));
  check_refused(s, buy("a4", "3", "50000"), refusal::firm_exposure, "slot needs 150000, has 100000 of");
  CHECK(s.view.wanted == px("150000"));
}

TEST_CASE("budget: a dry run asks for what its order lacks as the order would, and changes nothing else") {
  slot s;
  s.lease.exposure_budget.value = px("100000");
  s.renew();
  const auto before = s.state;
  const auto check = [&](const char* quantity_of) {
    s.core.ask_for_budget(s.state, s.view, check_query{buy("a1", quantity_of, "50000"), s.ctx.decided_at, s.ctx.decided_boot});
  };
  check("2"); // all there is
  CHECK(s.view.wanted_until == boot_ns{});
  check("3");
  check("2.5");
  CHECK(s.view.wanted == px("150000"));
  CHECK(s.view.wanted_until == s.ctx.decided_boot + std::chrono::seconds{5});
  CHECK(s.state == before);
  CHECK(s.turns == 0);
}

TEST_CASE("budget: a refusal says whether risk may lend more or the firm has no more, in whole units of which none hides what is missing") {
  slot s;
  const auto lend = [&](const char* budget, const char* reachable, const char* firm) {
    s.lease.exposure_budget.value = px(budget);
    s.lease.exposure_reachable.value = px(reachable);
    s.lease.firm_exposure_max.value = px(firm);
    s.renew();
  };
  lend("49950.05", "50000", "80000.5"); // short by a hair: what is needed is rounded up, what there is down
  check_refused(s, buy("a1", "0.999", "50000.1"), refusal::firm_exposure, "slot needs 49951, has 49950 of the firm's 80000 now: repeat with new client id");
  check_refused(s, buy("a2", "1", "50000"), refusal::firm_exposure, "slot needs 50000, has 49950 of the firm's 80000 now: repeat with new client id");
  check_refused(s, buy("a3", "1", "50000.1"), refusal::firm_exposure, "the firm's exposure would be 80001, above its limit of 80000");
  CHECK(s.view.wanted == px("50000")); // what can be lent is not hidden by what cannot
  s.pass(std::chrono::seconds{5});
  lend("49950.05", "50000", "80000.5");
  s.mark(btc, "49999.9", "50000.1");
  check_refused(s, buy("a7", "1", "50000.1"), refusal::firm_exposure, "the firm's exposure would be 80001, above its limit of 80000");
  CHECK(s.view.wanted == px("50000.1")); // alone it is asked for all the same: others may have less by then
  lend("0", "0", "50000"); // all is used by others
  check_refused(s, buy("a4", "0.001", "50000"), refusal::firm_exposure, "the firm's exposure would be 50050, above its limit of 50000");
  lend("1200", "1200", "1000"); // the maximum was lowered
  check_refused(s, buy("a5", "0.1", "50000"), refusal::firm_exposure, "the firm's exposure would be 4800, above its limit of 1000");
  lend("1200", "9999999999", "9999999999"); // ten digits are not cut
  check_refused(s, buy("a6", "0.1", "50000"), refusal::firm_exposure, "slot needs 5000, has 1200 of the firm's 9999999999 now: repeat with new client id");
}

TEST_CASE("exposure: closing a position passes above every limit, reversing it does not") {
  slot s;
  const auto id = s(buy("a1", "2", "50000")).order;
  s(s.trade(id, "2", "50000"));
  s.lease.fallback.exposure_max.value = px("10");
  s.lease.exposure_budget.value = px("10");
  s.renew();
  check_refused(s, buy("a2", "0.001", "50000"), refusal::exposure_max, "account exposure would be");
  CHECK(s(sell("a3", "1.5", "50000")).refusal == refusal::none);
  check_refused(s, sell("a4", "0.501", "50000"), refusal::exposure_max, "account exposure would be 100050");
  CHECK(s(sell("a5", "0.5", "50000")).refusal == refusal::none);
  CHECK(s.state.exposure.str() == "100000"); // closing orders add nothing
}

TEST_CASE("exposure: whichever of several closing orders fills first, no fill lifts it") {
  slot s;
  const auto id = s(buy("a1", "1", "50000")).order;
  s(s.trade(id, "1", "50000"));
  const auto cheap = s(sell("a2", "1", "50000")).order; // would close all
  CHECK(s.state.exposure.str() == "50000");
  const auto dear = s(sell("a3", "1", "400000")).order;
  CHECK(s.state.exposure.str() == "450000");
  CHECK(s.state.exposure == s.state.accounts.at({"main"}).at(alpha).exposure);
  s(s.trade(cheap, "1", "50000"));
  CHECK(s.state.exposure.str() == "400000");
  s.say(dear, venue::exec_type::canceled);
  CHECK(s.state.exposure.str() == "0");
}

TEST_CASE("exposure: of a side that closes in part never more counts than all of it, and what was dearest is forgotten with its order") {
  slot s;
  const auto id = s(buy("a1", "1", "50000")).order;
  s(s.trade(id, "1", "50000"));
  const auto dear = s(sell("a2", "0.5", "400000")).order;
  s(sell("a3", "1", "50000"));
  CHECK(s.state.exposure.str() == "250000"); // half a one at the dearest
  CHECK(s(sell("a6", "0.5", "60000")).refusal == refusal::none);
  CHECK(s.state.exposure.str() == "280000"); // and half a one at the next
  CHECK(s(cancel_order{{}, {"main"}, alpha, {"a6"}}).refusal == refusal::none);
  s.say(s.state.accounts.at({"main"}).at(alpha).keys.at({"a6"}), venue::exec_type::canceled);
  s.say(dear, venue::exec_type::canceled);
  CHECK(s.state.exposure.str() == "50000");
  s.lease.fallback.exposure_max.value = px("75000");
  s.renew();
  CHECK(s(sell("a4", "0.5", "50000")).refusal == refusal::none); // as if the dear one had never been
  check_refused(s, sell("a5", "0.001", "60000"), refusal::exposure_max, "account exposure would be 75060");
}

TEST_CASE("exposure: positions count at the mark of the moment, in every instrument of the account") {
  slot s;
  const auto id = s(buy("a1", "1", "50000")).order;
  s(s.trade(id, "1", "50000"));
  s.mark(btc, "80000", "80000");
  s.lease.fallback.exposure_max.value = px("82500");
  s.renew();
  auto other = buy("a2", "1.001", "2500");
  other.instrument = eth;
  check_refused(s, other, refusal::exposure_max, "account exposure would be 82502.5, allowed are 82500");
  CHECK(s.read.account_exposure.str() == "80000");
  CHECK(s.core.exposure(s.state, s.view).str() == "80000");
  other.client_id = {"a3"};
  other.quantity = qty("1");
  CHECK(s(other).refusal == refusal::none);
}

TEST_CASE("exposure: a pending replace counts at its larger size until it is answered") {
  slot s;
  const auto id = s(buy("a1", "1", "50000")).order;
  CHECK(s.state.exposure.str() == "50000");
  s(replace_order{id, qty("2"), px("40000")});
  CHECK(s.state.exposure.str() == "80000");
  s.say(id, venue::exec_type::replaced, 1);
  CHECK(s.state.exposure.str() == "80000");
  s(replace_order{id, qty("1"), {}});
  CHECK(s.state.exposure.str() == "80000");
  s.say(id, venue::exec_type::replaced, 2);
  CHECK(s.state.exposure.str() == "40000");
  s.say(id, venue::exec_type::canceled);
  CHECK(s.state.exposure.str() == "0");
}

TEST_CASE("replace: one that takes nothing more passes under a position limit that has been lowered") {
  slot s;
  const auto id = s(buy("a1", "5", "50000")).order;
  s.lease.fallback.position_max = qty("1");
  s.renew();
  CHECK(s(replace_order{id, qty("4"), {}}).refusal == refusal::none);
  s.say(id, venue::exec_type::replaced, 1);
  CHECK(s(replace_order{id, qty("4.5"), {}}).refusal == refusal::position_max);
}

TEST_CASE("numbers from clients at the end of the range are refused, not overflowed") {
  slot s;
  s.lease.fallback.order_quantity_max = quantity{INT64_MAX};
  s.lease.fallback.order_notional_max.value = price{INT64_MAX};
  s.lease.fallback.position_max = quantity{INT64_MAX};
  s.lease.fallback.exposure_max.value = price{INT64_MAX};
  s.lease.exposure_budget.value = price{INT64_MAX};
  s.lease.fallback.price_collar_bps = UINT32_MAX;
  s.renew();
  const auto largest = quantity{INT64_MAX / 100'000 * 100'000};
  auto asked = buy("a1", "1", "50000");
  asked.quantity = largest;
  CHECK(s(asked).refusal == refusal::order_notional_max);
  asked.client_id = {"a2"};
  asked.limit = px("0.1");
  CHECK(s(asked).refusal == refusal::none);
  asked.client_id = {"a3"};
  CHECK(s(asked).refusal == refusal::position_max);
  asked.client_id = {"a4"};
  asked.quantity = qty("0.001");
  asked.limit = px("92233720368.5");
  CHECK(s(asked).refusal == refusal::price_collar);
}

TEST_CASE("check: the dry run says what decide would, changes nothing, and warns above 80 %") {
  slot s;
  s.lease.fallback.order_quantity_max = qty("10");
  s.lease.fallback.position_max = qty("10");
  s.renew();
  const auto check = [&](const new_order& o) {
    return s.core.answer(s.state, s.view, check_query{o, s.ctx.decided_at, s.ctx.decided_boot});
  };
  const auto before = s.state;
  CHECK(check(buy("a1", "8", "50000")).warnings.empty());
  const auto close = check(buy("a1", "8.001", "50000"));
  CHECK(close.refusal == refusal::none);
  REQUIRE(close.warnings.size() == 2);
  CHECK(close.warnings[0] == "order quantity would be 8.001 of 10");
  CHECK(close.warnings[1] == "long position with open buys would be 8.001 of 10");
  CHECK(s.state == before);
  CHECK(s.turns == 0);
  s.ctx.has_space = false;
  const auto full = s.core.answer(s.state, s.view, check_query{buy("f", "1", "50000"), s.ctx.decided_at, s.ctx.decided_boot, false});
  CHECK(full.refusal == refusal::disk_full);
  CHECK(full.reason == s(buy("f", "1", "50000")).reason);
  s.ctx.has_space = true;
  for (const auto& o : {buy("c1", "11", "50000"), buy("c2", "1", "90000"), buy("c3", "0.0001", "50000"), buy("c4", "1", "50000")}) {
    const auto dry = check(o);
    const auto real = s(o);
    CHECK(dry.refusal == real.refusal);
    CHECK(dry.reason == real.reason);
  }
  CHECK(s.core.answer(s.state, s.view, check_query{buy("z", "1", "50000"), s.ctx.decided_at,
                                                   s.lease.expires_at}).refusal == refusal::no_lease);
}
