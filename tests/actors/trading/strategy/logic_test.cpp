#include "actors/trading/strategy/factory.hpp"
#include "tests/actors/trading/strategy/strategy_run.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("trading/strategy");

TEST_CASE("quoter: quotes both sides around the middle and moves with it") {
  strategy_run s{quoter_config()};
  CHECK(told(s.quote("99.9", "100.1")) == "quoter-1 buy 1@99.8; quoter-2 sell 1@100.2");
  CHECK(s.receiver == slot_name(slot_of({"main"}, {"alpha"})));
  s.update(1, order_status::new_);
  s.update(2, order_status::new_);
  CHECK(told(s.quote("100", "100.2")) == "replace 1 to 1@99.9; replace 2 to 1@100.3");
  CHECK(told(s.quote("100", "100.2")) == ""); // one change at a time
  s.update(1, order_status::new_);
  CHECK(s.held().orders.at(s.client(1)).limit == px("99.9"));
  CHECK(told(s.quote("100", "100.2")) == "");
}

TEST_CASE("quoter: an open quote is moved when its price is off by requote_ticks though nothing of it is filled, and not before") {
  strategy_run s{quoter_config({{"requote_ticks", "3"}})};
  s.stand();
  CHECK(told(s.quote("100", "100.2")) == "");
  CHECK(told(s.quote("100.1", "100.3")) == "");
  CHECK(told(s.quote("100.2", "100.4")) == "replace 1 to 1@100.1; replace 2 to 1@100.5");
  s.update(1, order_status::new_);
  s.update(2, order_status::new_);
  CHECK(told(s.quote("100", "100.2")) == "");
  CHECK(told(s.quote("99.9", "100.1")) == "replace 1 to 1@99.8; replace 2 to 1@100.2");
}

TEST_CASE("quoter: what the market did while a quote was on its way or being changed is followed when that is answered, though the market is silent since") {
  strategy_run s{quoter_config()};
  REQUIRE(told(s.quote("99.9", "100.1")) == "quoter-1 buy 1@99.8; quoter-2 sell 1@100.2");
  CHECK(told(s.quote("100", "100.2")) == ""); // not on the market yet: nothing to replace
  CHECK(told(s.update(1, order_status::pending_new)) == "");
  CHECK(told(s.update(1, order_status::new_)) == "replace 1 to 1@99.9");
  CHECK(told(s.update(2, order_status::new_)) == "replace 2 to 1@100.3");
  CHECK(told(s.quote("101", "101.2")) == ""); // one change at a time
  CHECK(told(s.update(1, order_status::new_)) == "replace 1 to 1@100.9");
  CHECK(told(s.update(2, order_status::new_)) == "replace 2 to 1@101.3");
  CHECK(told(s.update(1, order_status::new_)) == "");
  CHECK(told(s.update(2, order_status::new_)) == "");
  CHECK(told(s.update(1, order_status::canceled)) == ""); // a venue that cancels what it takes is not asked without end
  CHECK(told(s.quote("101", "101.2")) == "quoter-3 buy 1@100.9");
  REQUIRE(told(s.lose_book()) == "cancel quoter-3; cancel quoter-2");
  CHECK(told(s.update(3, order_status::new_)) == ""); // nobody knows what the market is
  CHECK(s.state == s.replayed());
}

TEST_CASE("quoter: partial fills keep the quote's size whole, the position limit pulls a side") {
  strategy_run s{quoter_config()};
  s.stand();
  CHECK(told(s.update(1, order_status::partially_filled, "0.5")) == "");
  CHECK(s.held().position == qty("0.5"));
  CHECK(told(s.quote("100", "100.2")) == "replace 1 to 1.5@99.9; replace 2 to 1@100.3");
  s.update(1, order_status::partially_filled, "0.5");
  s.update(2, order_status::new_);
  CHECK(told(s.update(1, order_status::filled, "1.5")) == ""); // 1.5 and one more would be above 2
  CHECK(told(s.quote("100", "100.2")) == "");
  CHECK(s.held().orders.size() == 1);
  CHECK(told(s.update(2, order_status::filled, "1")) == "quoter-3 buy 1@99.9; quoter-4 sell 1@100.3");
}

TEST_CASE("quoter: leans against its position and never crosses the book") {
  strategy_run s{quoter_config({{"skew_ticks", "10"}, {"spread_ticks", "1"}})};
  s.quote("99.9", "100.1");
  s.update(2, order_status::new_);
  // Half the limit: five ticks down. The offer would be 99.6, but the bid is 99.9.
  CHECK(told(s.update(1, order_status::filled, "1")) == "quoter-3 buy 1@99.4; replace 2 to 1@100");
  CHECK(told(s.quote("99.9", "100.1")) == "");
}

TEST_CASE("quoter: where the market's tick is finer than its own it quotes at its own tick, and is no taker either") {
  auto config = quoter_config({{"skew_ticks", "10"}, {"spread_ticks", "1"}});
  config.instrument.tick_size = px("1");
  strategy_run s{config};
  REQUIRE(told(s.quote("99.9", "100.1")) == "quoter-1 buy 1@99; quoter-2 sell 1@101");
  s.update(2, order_status::new_);
  // Five ticks down the offer would be 96: the next price above the bid is 100.
  CHECK(told(s.update(1, order_status::filled, "1")) == "quoter-3 buy 1@94; replace 2 to 1@100");
}

TEST_CASE("quoter: a quote that is filled by something else than whole lots, since the lot was changed, is withdrawn where it would be moved") {
  strategy_run s{quoter_config()};
  s.stand();
  s.update(1, order_status::partially_filled, "0.5");
  auto larger = quoter_config();
  larger.instrument.lot_size = qty("1");
  s.restart(larger);
  CHECK(told(s.quote("99.9", "100.1")) == ""); // where it is wanted it stays
  CHECK(told(s.quote("100", "100.2")) == "cancel quoter-1; replace 2 to 1@100.3");
  CHECK(told(s.update(1, order_status::canceled, "0.5")) == "");
  CHECK(told(s.quote("100", "100.2")) == "quoter-3 buy 1@99.9");
}

TEST_CASE("quoter: a quote that may not be moved is withdrawn") {
  strategy_run s{quoter_config()};
  s.stand();
  CHECK(told(s.quote("100", "100.2")) == "replace 1 to 1@99.9; replace 2 to 1@100.3");
  CHECK(told(s.update(1, order_status::new_, "0", oms::refusal::no_lease)) == "cancel quoter-1");
  CHECK(told(s.update(2, order_status::new_)) == "");
  CHECK(told(s.quote("100.1", "100.3")) == "cancel quoter-2"); // it is quiet after the refusal, and the market moves on
}

TEST_CASE("quoter: without a book its quotes are withdrawn, and come back with it") {
  strategy_run s{quoter_config()};
  CHECK(told(s.lose_book()) == "");
  s.quote("99.9", "100.1");
  CHECK(told(s.lose_book()) == "cancel quoter-1; cancel quoter-2");
  CHECK(told(s.lose_book()) == "");
  CHECK(told(s.quote("99.9", "100.1")) == ""); // until the cancels are answered
  s.update(1, order_status::canceled);
  s.update(2, order_status::canceled);
  CHECK(told(s.quote("99.9", "100.1")) == "quoter-3 buy 1@99.8; quoter-4 sell 1@100.2");
  market::quote empty;
  empty.instrument = s.core().config().instrument.id;
  CHECK(told(s.say(empty)) == "cancel quoter-3; cancel quoter-4"); // a side nobody offers is no book to quote around
}

TEST_CASE("quoter: a quote that the venue will not cancel is a quote again: it stays where it is wanted and is moved where it is not") {
  strategy_run s{quoter_config()};
  s.stand();
  REQUIRE(told(s.lose_book()) == "cancel quoter-1; cancel quoter-2");
  CHECK(told(s.quote("99.9", "100.1")) == ""); // until the cancels are answered
  CHECK(told(s.update(1, order_status::new_, "0", oms::refusal::venue_rejected)) == "");
  s.update(2, order_status::canceled);
  CHECK(told(s.quote("99.9", "100.1")) == "quoter-3 sell 1@100.2");
  s.update(3, order_status::new_);
  CHECK(told(s.quote("100", "100.2")) == "replace 1 to 1@99.9; replace 3 to 1@100.3");
}

TEST_CASE("quoter: a quote that may neither be moved nor canceled is asked about behind pauses, however many quotes come") {
  strategy_run s{quoter_config()};
  s.stand();
  REQUIRE(told(s.quote("100", "100.2")) == "replace 1 to 1@99.9; replace 2 to 1@100.3");
  s.update(2, order_status::new_);
  CHECK(told(s.update(1, order_status::new_, "0", oms::refusal::venue_rejected)) == "cancel quoter-1");
  for (nanoseconds pause = refusal_guard::pause_first; pause <= refusal_guard::pause_max; pause *= 2) {
    CAPTURE(pause.count());
    CHECK(told(s.update(1, order_status::new_, "0", oms::refusal::venue_rejected)) == "");
    for (int quotes = 0; quotes < 3; ++quotes) CHECK(told(s.quote("100", "100.2")) == "");
    s.now += pause - nanoseconds{1};
    CHECK(told(s.quote("100", "100.2")) == "");
    s.now += nanoseconds{1};
    CHECK(told(s.quote("100", "100.2")) == "replace 1 to 1@99.9");
    CHECK(told(s.update(1, order_status::new_, "0", oms::refusal::venue_rejected)) == "cancel quoter-1");
  }
}

TEST_CASE("ma_cross: is silent until warm, then holds the side of the faster average") {
  strategy_run s{ma_config()};
  s.quote("99.9", "100.1");
  CHECK(told(s.bar("100")) == "");
  CHECK(told(s.bar("101")) == "");
  CHECK(told(s.bar("103")) == "cross-1 buy 2 market");
  CHECK(told(s.quote("103", "103.1")) == ""); // one order at a time
  s.update(1, order_status::partially_filled, "0.5");
  s.update(1, order_status::canceled, "0.5");
  CHECK(told(s.quote("103", "103.1")) == "cross-2 buy 1.5 market");
  s.update(2, order_status::filled, "1.5");
  CHECK(told(s.quote("103", "103.1")) == "");
  CHECK(told(s.bar("100")) == "");                     // 101.5 against 101.33
  CHECK(told(s.bar("90")) == "cross-3 sell 4 market"); // 95 against 97.67
}

TEST_CASE("ma_cross: flat instead of short when it may not, and no order without a book") {
  strategy_run s{ma_config({{"side", "long_only"}})};
  for (const auto* close : {"100", "101", "103"}) CHECK(told(s.bar(close)) == "");
  CHECK(told(s.quote("103", "103.1")) == "cross-1 buy 2 market");
  s.update(1, order_status::filled, "2");
  s.lose_book();
  s.bar("80");
  CHECK(told(s.bar("80")) == "");
  CHECK(told(s.quote("80", "80.1")) == "cross-2 sell 2 market");
  s.update(2, order_status::filled, "2");
  CHECK(told(s.bar("70")) == "");
  CHECK(s.held().position.is_zero());
}

TEST_CASE("ma_cross: with a larger lot than its position was made of it trades the whole lots that are missing") {
  strategy_run s{ma_config()};
  s.quote("99.9", "100.1");
  for (const auto* close : {"100", "101"}) s.bar(close);
  REQUIRE(told(s.bar("103")) == "cross-1 buy 2 market");
  s.update(1, order_status::canceled, "1.995");
  auto larger = ma_config();
  larger.instrument.lot_size = qty("0.01");
  s.restart(larger);
  s.quote("99.9", "100.1");
  for (const auto* close : {"100", "101", "103", "100"}) CHECK(told(s.bar(close)) == ""); // 0.005 is no lot
  CHECK(told(s.bar("90")) == "cross-2 sell 3.99 market");
}

TEST_CASE("ma_cross: bars of another interval or instrument do not count") {
  strategy_run s{ma_config()};
  s.quote("99.9", "100.1");
  market::bar other;
  other.instrument = s.core().config().instrument.id;
  other.interval_ns = 1;
  other.close = px("500");
  for (int i = 0; i < 5; ++i) CHECK(told(s.say(other)) == "");
  other.interval_ns = 60'000'000'000;
  other.instrument.value = "ETHUSDT.SIM";
  for (int i = 0; i < 5; ++i) CHECK(told(s.say(other)) == "");
  s.bar("100");
  s.bar("101");
  CHECK(told(s.bar("103")) == "cross-1 buy 2 market");
}

TEST_CASE("configuration: every violation of a strategy is reported at once") {
  auto config = quoter_config({{"size", "0.0005"}, {"spread_ticks", "many"}, {"colour", "red"}});
  config.parameters.erase("position_max");
  config.account = {};
  auto made = make_logic(config);
  REQUIRE(made.has_error());
  CHECK(made.error().code == errc::invalid_argument);
  std::string fields;
  for (const auto& f : made.error().fields) fields += f.field + ' ';
  CHECK(fields == "account parameters.spread_ticks parameters.size parameters.position_max parameters.colour ");
  config = quoter_config();
  config.tenant = {" "}; // names nobody, as an empty one does
  CHECK(make_logic(config).error().fields.at(0).field == "tenant");
  CHECK(make_logic(ma_config({{"slow", "2"}})).error().fields.at(0).field == "parameters.slow");
  CHECK(make_logic(ma_config({{"side", "up"}})).error().fields.at(0).message == "must be one of long_short, long_only");
  config = quoter_config();
  CHECK(kind_names() == std::vector<std::string_view>{"ma_cross", "quoter"}); // what the configuration takes
  config.kind = "oracle";
  CHECK(make_logic(config).error().fields.at(0).message == "must be one of ma_cross, quoter");
}
