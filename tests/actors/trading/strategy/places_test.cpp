// A strategy that is given another instrument or account: what it had there stays there, and what it has open there goes.
#include "tests/actors/trading/strategy/strategy_run.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("trading/strategy");

namespace {

const place where_it_was{{"main"}, {"alpha"}, {"BTCUSDT.SIM"}};

/// As quoter_config, in another instrument.
strategy_config in_ether() {
  auto c = quoter_config();
  c.instrument = {{"ETHUSDT.SIM"}, {"SIM"}, px("0.01"), qty("0.01"), "USDT"};
  return c;
}

/// As quoter_config, for an account of another slot.
strategy_config for_another_account() {
  auto c = quoter_config();
  c.account = {"gamma"};
  REQUIRE(slot_of(c.tenant, c.account) != slot_of(c.tenant, quoter_config().account));
  return c;
}

/// Full on the buying side, one offer open: 2 held, position_max 2.
strategy_run long_quoter() {
  strategy_run s{quoter_config()};
  s.stand();
  s.update(1, order_status::filled, "1");
  s.update(3, order_status::filled, "1");
  REQUIRE(s.held().position == qty("2"));
  REQUIRE(s.held().orders.size() == 1);
  return s;
}

} // namespace

TEST_CASE("places: a position counts where it was made: another instrument or account begins flat, and going back finds it again") {
  for (const auto& other : {in_ether(), for_another_account()}) {
    CAPTURE(other.instrument.id.value.str());
    auto s = long_quoter();
    s.restart(other);
    CHECK(s.held().position.is_zero());
    CHECK(s.view().position.is_zero());
    CHECK(told(s.quote("99.9", "100.1")).find("buy") != std::string::npos); // with the old position it could only sell
    s.update(4, order_status::filled, "1");
    CHECK(s.held().position == qty("1"));
    CHECK(s.view().position == qty("1"));
    CHECK(s.view().fills == 1);
    CHECK(s.held_at(where_it_was).position == qty("2"));
    CHECK(s.held_at(where_it_was).fills == 2);
    s.restart(quoter_config());
    CHECK(s.view().position == qty("2"));
    CHECK(s.view().fills == 2);
    CHECK(s.state == s.replayed());
  }
}

TEST_CASE("places: the average buys what is missing where it trades, not what it holds of something else") {
  strategy_run s{ma_config()};
  s.quote("99.9", "100.1");
  for (const auto* close : {"100", "101", "103"}) s.bar(close);
  s.update(1, order_status::filled, "2");
  REQUIRE(s.held().position == qty("2"));
  auto other = ma_config();
  other.instrument = in_ether().instrument;
  s.restart(other);
  s.quote("99.9", "100.1");
  for (const auto* close : {"103", "101"}) s.bar(close);
  CHECK(told(s.bar("99")) == "cross-2 sell 2 market"); // with the old position it were 4
}

TEST_CASE("places: what is open elsewhere is cancelled at its own account's slot, once, and the strategy neither sees nor changes it") {
  for (const auto& other : {in_ether(), for_another_account()}) {
    CAPTURE(other.instrument.id.value.str());
    auto s = long_quoter();
    s.restart(other);
    const auto before = s.state;
    actions::output out;
    actor::turn_context at;
    actions desk{s.core(), s.state, s.seen.book, s.seen.guard, at, out};
    CHECK(desk.orders().empty());
    CHECK_FALSE(desk.cancel(s.client(2)));
    CHECK_FALSE(desk.replace(s.client(2), qty("2"), px("100")));
    CHECK(out.events.empty());
    REQUIRE(s.view().elsewhere.size() == 1);
    CHECK(s.view().elsewhere.front() == s.held_at(where_it_was));
    CHECK(s.view().orders.empty());

    const auto asked = s.turn(withdraw_elsewhere{});
    REQUIRE(told(asked) == "cancel quoter-2");
    CHECK(std::get<oms::cancel_order>(asked.front()).account == account_id{"alpha"});
    CHECK(s.receiver == slot_name(slot_of({"main"}, {"alpha"})));
    CHECK(told(s.turn(withdraw_elsewhere{})) == "");
    CHECK(s.state != before);
    s.update(2, order_status::canceled);
    CHECK(s.held_at(where_it_was).orders.empty());
    CHECK(s.view().elsewhere.size() == 1); // the position is left
    CHECK(s.state == s.replayed());
  }
}

TEST_CASE("places: what is open where it trades is withdrawn by nobody but the strategy") {
  auto s = long_quoter();
  const auto before = s.state;
  CHECK(told(s.turn(withdraw_elsewhere{})) == "");
  CHECK(s.state == before);
}

TEST_CASE("places: a fill that crosses the cancel counts where its order was, and the strategy does not hear of it") {
  auto s = long_quoter();
  s.restart(in_ether());
  s.quote("99.9", "100.1");
  const auto own = s.held().orders;
  REQUIRE(told(s.turn(withdraw_elsewhere{})) == "cancel quoter-2");
  CHECK(told(s.update(2, order_status::filled, "1")) == "");
  CHECK(s.held_at(where_it_was).position == qty("1"));
  CHECK(s.held_at(where_it_was).fills == 3);
  CHECK(s.held_at(where_it_was).orders.empty());
  CHECK(s.held().position.is_zero());
  CHECK(s.held().orders == own);
  CHECK_FALSE(s.inputs.book);
  CHECK(s.state == s.replayed());
}

TEST_CASE("places: a cancel elsewhere that the venue refuses is asked again behind its pause, and makes nothing quiet here") {
  auto s = long_quoter();
  s.restart(in_ether());
  REQUIRE(told(s.turn(withdraw_elsewhere{})) == "cancel quoter-2");
  s.update(2, order_status::new_, "0", oms::refusal::venue_rejected);
  CHECK(told(s.turn(withdraw_elsewhere{})) == "");
  s.now += refusal_guard::pause_first;
  CHECK(told(s.turn(withdraw_elsewhere{})) == "cancel quoter-2");
  CHECK(s.view().refusals_in_row == 0);
  CHECK(told(s.quote("99.9", "100.1")) == "quoter-4 buy 1@99.98; quoter-5 sell 1@100.02");
}

TEST_CASE("places: orders elsewhere count among the open orders that a strategy may have") {
  strategy_run s{quoter_config()};
  const auto fill_up = [&] {
    host::output out;
    actor::turn_context at;
    actions desk{s.core(), s.state, s.seen.book, s.seen.guard, at, out};
    std::size_t made = 0;
    while (desk.submit(side::buy, order_type::market, time_in_force::ioc, qty("1"))) ++made;
    actor::archive closed;
    for (const auto& e : out.events) s.core().evolve(s.state, e, closed), s.history.push_back(e);
    return made;
  };
  s.stand();
  s.restart(in_ether());
  CHECK(fill_up() == actions::orders_max - 2);
  s.update(1, order_status::canceled);
  CHECK(fill_up() == 1);
}

TEST_CASE("places: what is asked of an order at recovery goes to the account it was asked for, whatever it trades for by now") {
  auto s = long_quoter();
  s.lose_book();
  const auto slots_of = [&](const host& core) {
    std::vector<actor_name> all;
    strategy_state state;
    actor::archive closed;
    for (const auto& e : s.history) {
      core.evolve(state, e, closed);
      core.react(state, e, [&](const actor_name& to, const oms::order_command&) { all.push_back(to); });
    }
    return all;
  };
  const auto asked = slots_of(s.core());
  REQUIRE(asked.size() > 3);
  CHECK(slots_of(host{for_another_account()}) == asked);
}
