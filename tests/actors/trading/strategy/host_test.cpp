#include "tests/actors/trading/strategy/strategy_run.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("trading/strategy");

TEST_CASE("client ids are never used twice, over restarts too, and state comes back from the stream") {
  strategy_run s{quoter_config()};
  s.quote("99.9", "100.1");
  s.update(1, order_status::new_);
  s.update(1, order_status::partially_filled, "0.5");
  s.update(2, order_status::rejected, "0", oms::refusal::price_collar);
  CHECK(s.state == s.replayed());
  s.restart();
  CHECK(s.held().position == qty("0.5"));
  CHECK(s.held().orders.contains(s.client(1)));
  CHECK(told(s.quote("99.9", "100.1")) == "quoter-3 sell 1@100.2");
}

TEST_CASE("market data without an intent is not recorded; an intent cites the book it was decided on") {
  strategy_run s{quoter_config()};
  s.quote("99.9", "100.1");
  REQUIRE(s.inputs.book);
  CHECK(s.inputs.book->bid == px("99.9"));
  const auto recorded = s.history.size();
  s.quote("99.9", "100.1");
  market::trade t;
  t.instrument = s.core().config().instrument.id;
  s.say(t);
  CHECK(s.history.size() == recorded);
  CHECK_FALSE(s.inputs.book);
}

TEST_CASE("fills count once: a repeated or unknown update changes nothing") {
  strategy_run s{quoter_config()};
  s.quote("99.9", "100.1");
  s.update(1, order_status::partially_filled, "0.5");
  s.update(1, order_status::partially_filled, "0.5");
  CHECK(s.held().position == qty("0.5"));
  CHECK(s.held().fills == 1);
  const auto before = s.state;
  s.update(77, order_status::filled, "5");
  CHECK(s.state == before);
}

TEST_CASE("a refused replace leaves the order as it was") {
  strategy_run s{quoter_config()};
  s.quote("99.9", "100.1");
  s.update(1, order_status::new_);
  REQUIRE(told(s.quote("100", "100.2")) == "replace 1 to 1@99.9");
  s.update(1, order_status::new_, "0", oms::refusal::price_collar);
  CHECK(s.held().orders.at(s.client(1)).limit == px("99.8"));
  CHECK_FALSE(s.held().orders.at(s.client(1)).replacing);
}

TEST_CASE("a cancel that the venue refuses is asked again at an occasion behind a pause, and is no reason to be quiet") {
  strategy_run s{quoter_config()};
  s.stand();
  REQUIRE(told(s.lose_book()) == "cancel quoter-1; cancel quoter-2");
  for (std::uint32_t n = 0; n < 2 * refusal_guard::stop_after; ++n) {
    CAPTURE(n);
    CHECK(told(s.update(1, order_status::new_, "0", oms::refusal::venue_rejected)) == "");
    s.now += refusal_guard::pause_max;
    CHECK(told(s.lose_book()) == "cancel quoter-1");
    CHECK(told(s.lose_book()) == ""); // until that is answered
  }
  CHECK(s.view().refusals_in_row == 0);
  CHECK_FALSE(s.view().stopped);
  s.update(1, order_status::new_, "0", oms::refusal::venue_rejected);
  s.update(2, order_status::partially_filled, "0.5");
  s.now += refusal_guard::pause_max;
  CHECK(told(s.lose_book()) == "cancel quoter-1"); // a fill is no answer to the other cancel
  s.update(2, order_status::partially_filled, "0.5", oms::refusal::venue_rejected);
  CHECK(s.state == s.replayed());
  s.restart();
  CHECK(told(s.lose_book()) == "cancel quoter-2");
  s.update(2, order_status::partially_filled, "0.5", oms::refusal::venue_rejected);
  s.update(2, order_status::filled, "1"); // why it was too late to cancel
  s.update(1, order_status::canceled);
  CHECK(s.held().orders.empty());
  CHECK(told(s.lose_book()) == "");
}

TEST_CASE("a venue that refuses every cancel is asked again after 1, 2, 4 ... 64 s, whatever comes meanwhile, each order for itself") {
  strategy_run s{quoter_config()};
  s.stand();
  REQUIRE(told(s.lose_book()) == "cancel quoter-1; cancel quoter-2");
  nanoseconds pause = std::chrono::seconds{1};
  for (int n = 0; n < 9; ++n) {
    CAPTURE(n);
    CHECK(told(s.update(1, order_status::new_, "0", oms::refusal::venue_rejected)) == "");
    for (int event = 0; event < 3; ++event) CHECK(told(s.lose_book()) == "");
    s.now += pause - nanoseconds{1};
    CHECK(told(s.lose_book()) == "");
    s.now += nanoseconds{1};
    CHECK(told(s.lose_book()) == "cancel quoter-1");
    pause = std::min(2 * pause, nanoseconds{std::chrono::seconds{64}});
  }
  // What another order has met makes the first pause of this one no longer.
  s.update(2, order_status::new_, "0", oms::refusal::venue_rejected);
  s.now += std::chrono::seconds{1};
  CHECK(told(s.lose_book()) == "cancel quoter-2");
  CHECK(s.view().refusals_in_row == 0);
  CHECK(s.state == s.replayed());

  // A cancel that is taken ends its row: the next order's goes out at once.
  s.update(1, order_status::canceled);
  s.update(2, order_status::canceled);
  REQUIRE(told(s.quote("99.9", "100.1")) == "quoter-3 buy 1@99.8; quoter-4 sell 1@100.2");
  s.update(3, order_status::new_);
  CHECK(told(s.lose_book()) == "cancel quoter-3; cancel quoter-4");
}

TEST_CASE("the pause behind a refused cancel ends with a clock that is set back and with a restart, and holds no cancel of a new order up") {
  strategy_run s{quoter_config()};
  s.stand();
  REQUIRE(told(s.lose_book()) == "cancel quoter-1; cancel quoter-2");
  s.update(1, order_status::new_, "0", oms::refusal::venue_rejected);
  s.update(2, order_status::canceled);
  REQUIRE(told(s.lose_book()) == "");
  s.now -= std::chrono::hours{6};
  CHECK(told(s.lose_book()) == "cancel quoter-1");
  s.update(1, order_status::new_, "0", oms::refusal::venue_rejected);
  REQUIRE(told(s.quote("99.9", "100.1")) == "quoter-3 sell 1@100.2");
  CHECK(told(s.lose_book()) == "cancel quoter-3");
  s.restart();
  CHECK(told(s.lose_book()) == "cancel quoter-1");
}

TEST_CASE("a refusal behind a replace and a cancel may be of either: neither is waited for, and the cancel may be asked again") {
  strategy_run s{quoter_config()};
  s.stand();
  REQUIRE(told(s.quote("100", "100.2")) == "replace 1 to 1@99.9; replace 2 to 1@100.3");
  REQUIRE(told(s.lose_book()) == "cancel quoter-1; cancel quoter-2");
  CHECK(told(s.update(1, order_status::new_, "0", oms::refusal::venue_rejected)) == ""); // the cancel: its replace is under way
  s.update(1, order_status::new_);                                                      // and taken
  CHECK_FALSE(s.held().orders.at(s.client(1)).replacing);
  s.now += refusal_guard::pause_first;
  CHECK(told(s.lose_book()) == "cancel quoter-1");
  s.update(2, order_status::new_, "0", oms::refusal::price_collar); // no venue says that, and the OMS refuses no cancel
  CHECK_FALSE(s.held().orders.at(s.client(2)).replacing);
  CHECK(told(s.lose_book()) == "");
  s.update(2, order_status::new_, "0", oms::refusal::venue_rejected);
  s.now += refusal_guard::pause_first;
  CHECK(told(s.lose_book()) == "cancel quoter-2");
  CHECK(s.view().refusals_in_row == 0);
  CHECK(s.state == s.replayed());
}

TEST_CASE("a refused cancel that a halt or an operator asked for changes nothing; a refused replace makes quiet") {
  strategy_run s{quoter_config()};
  s.quote("99.9", "100.1");
  s.update(1, order_status::new_);
  const auto before = s.state;
  CHECK(told(s.update(1, order_status::new_, "0", oms::refusal::venue_rejected)) == "");
  CHECK(s.state == before);
  CHECK(s.view().refusals_in_row == 0);
  REQUIRE(told(s.quote("100", "100.2")) == "replace 1 to 1@99.9");
  CHECK(told(s.update(1, order_status::new_, "0", oms::refusal::venue_rejected)) == "cancel quoter-1");
  CHECK(s.view().refusals_in_row == 1);
}

TEST_CASE("refusals: a clock that is set back ends the pause, it does not stretch it") {
  strategy::refusal_guard guard;
  const time_ns at = time_from_ns(1'723'118'400'000'000'000);
  guard.refused(oms::refusal::no_lease, at);
  CHECK_FALSE(guard.may_act(at));
  CHECK_FALSE(guard.may_act(at + std::chrono::milliseconds{999}));
  CHECK(guard.may_act(at + std::chrono::seconds{1}));
  CHECK(guard.may_act(at - std::chrono::hours{6}));
}

TEST_CASE("refusals: quiet for longer each time, then stopped; cancels still go out") {
  strategy_run s{ma_config()};
  s.quote("99.9", "100.1");
  s.bar("100");
  s.bar("101");
  REQUIRE(told(s.bar("103")) == "cross-1 buy 2 market");
  nanoseconds pause = refusal_guard::pause_first;
  for (std::uint64_t n = 1; n < refusal_guard::stop_after; ++n) {
    CAPTURE(n);
    s.update(n, order_status::pending_new); // on record, not on the market: no reason for hope
    s.update(n, order_status::rejected, "0", oms::refusal::position_max);
    s.now += pause - nanoseconds{1};
    CHECK(told(s.quote("99.9", "100.1")) == "");
    s.now += nanoseconds{1};
    CHECK(told(s.quote("99.9", "100.1")) == "cross-" + std::to_string(n + 1) + " buy 2 market");
    pause = std::min(2 * pause, refusal_guard::pause_max);
  }
  s.update(refusal_guard::stop_after, order_status::rejected, "0", oms::refusal::position_max);
  CHECK(s.view().stopped);
  s.now += std::chrono::hours{24};
  CHECK(told(s.quote("99.9", "100.1")) == "");

  strategy_run q{quoter_config()};
  q.quote("99.9", "100.1");
  q.update(1, order_status::new_);
  for (std::uint32_t n = 0; n < refusal_guard::stop_after; ++n) q.seen.guard.refused(oms::refusal::blocked, q.now);
  CHECK(told(q.quote("99.9", "100.1")) == ""); // what it has is where it wants it
  CHECK(told(q.quote("100", "100.2")) == "cancel quoter-1; cancel quoter-2"); // and what it may not move it withdraws
  CHECK(told(q.lose_book()) == "");
}

TEST_CASE("refusals that pass by themselves only pause; an accepted order ends the row") {
  strategy_run s{ma_config()};
  s.quote("99.9", "100.1");
  for (const auto* close : {"100", "101", "103"}) s.bar(close);
  for (std::uint64_t n = 1; n < 3 * refusal_guard::stop_after; ++n) {
    CAPTURE(n);
    constexpr oms::refusal passing[] = {oms::refusal::no_lease, oms::refusal::halted, oms::refusal::firm_exposure};
    s.update(n, order_status::rejected, "0", passing[n % 3]);
    s.now += refusal_guard::pause_max;
    REQUIRE(told(s.quote("99.9", "100.1")) == "cross-" + std::to_string(n + 1) + " buy 2 market");
  }
  CHECK_FALSE(s.view().stopped);
  s.update(3 * refusal_guard::stop_after, order_status::partially_filled, "1");
  CHECK(s.view().refusals_in_row == 0);
}

TEST_CASE("what does not fit lot, tick or the market is not intended") {
  strategy_run s{quoter_config()};
  host::output out;
  actor::turn_context at;
  actions desk{s.core(), s.state, s.seen.book, s.seen.guard, at, out};
  CHECK_FALSE(desk.submit(side::buy, order_type::limit, time_in_force::day, qty("0.0005"), px("1")));
  CHECK_FALSE(desk.submit(side::buy, order_type::limit, time_in_force::day, qty("-1"), px("1")));
  CHECK_FALSE(desk.submit(side::buy, order_type::limit, time_in_force::day, qty("1"), px("1.05")));
  CHECK_FALSE(desk.submit(side::buy, order_type::limit, time_in_force::day, qty("1")));
  CHECK_FALSE(desk.submit(side::buy, order_type::market, time_in_force::day, qty("1"), px("1")));
  CHECK_FALSE(desk.cancel(s.client(1)));
  CHECK_FALSE(desk.replace(s.client(1), qty("1"), px("1")));
  CHECK(out.events.empty());
  for (std::size_t n = 0; n < actions::orders_max; ++n)
    CHECK(desk.submit(side::buy, order_type::market, time_in_force::ioc, qty("1")));
  CHECK_FALSE(desk.submit(side::buy, order_type::market, time_in_force::ioc, qty("1")));
  CHECK(desk.orders().size() == actions::orders_max);
}
