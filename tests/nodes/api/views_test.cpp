// The desk's values in Trade2026's words, and what a bare symbol means.

#include "actors/platform/trade2026/symbols.hpp"
#include "actors/platform/trade2026/views.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::trade2026;

namespace {

market::bar bar(std::int64_t second, const char* open, const char* high, const char* low, const char* close) {
  market::bar b;
  b.instrument = {"BTCUSDT.SIM"};
  b.interval_ns = 1'000'000'000;
  b.opened_at = time_from_ns(second * 1'000'000'000);
  b.open = *price::parse(open);
  b.high = *price::parse(high);
  b.low = *price::parse(low);
  b.close = *price::parse(close);
  b.volume = quantity::whole(2);
  return b;
}

} // namespace

TEST_SUITE_BEGIN("nodes/api/trade2026");

TEST_CASE("symbols: the exact id wins, a market comes first, then the order of the configuration") {
  const symbol_map all{{{"BTCUSDT.SPOT"}, {"BTCUSDT.PERP"}, {"ETHUSDT.SPOT"}}};
  const auto none = [](const market::instrument_id&) { return false; };
  const auto perp = [](const market::instrument_id& id) { return exchange_of(id) == "PERP"; };
  using list = std::vector<market::instrument_id>;
  CHECK(all.candidates("BTCUSDT", none) == list{{"BTCUSDT.SPOT"}, {"BTCUSDT.PERP"}});
  CHECK(all.candidates("BTCUSDT", perp) == list{{"BTCUSDT.PERP"}, {"BTCUSDT.SPOT"}});
  CHECK(all.candidates("BTCUSDT.SPOT", perp) == list{{"BTCUSDT.SPOT"}});
  CHECK(all.candidates("btc/usdt", perp) == all.candidates("BTCUSDT", perp));
  CHECK(all.candidates("DOGEUSDT", perp).empty());
}

TEST_CASE("symbols: small letters and dashes of the configuration are found, and another spelling means nobody who is called just so") {
  const symbol_map all{{{"BTC-USD.A"}, {"BTCUSD.B"}, {"eth-perp.B"}}};
  const auto first = [](const market::instrument_id& id) { return exchange_of(id) == "A"; };
  using list = std::vector<market::instrument_id>;
  for (const char* spelling : {"eth-perp", "ETH-PERP", "ETHPERP", "eth/perp", "ETH-PERP.B", "eth-perp.B"}) CHECK_MESSAGE(all.candidates(spelling, first) == list{{"eth-perp.B"}}, spelling);
  CHECK(all.candidates("BTCUSD", first) == list{{"BTCUSD.B"}}); // although the other has a market
  CHECK(all.candidates("BTC-USD", first) == list{{"BTC-USD.A"}});
  CHECK(all.candidates("btcusd", first) == list{{"BTC-USD.A"}, {"BTCUSD.B"}});
  CHECK(all.candidates("BTCUSD.A", first) == list{{"BTC-USD.A"}});
}

TEST_CASE("order states: SENT until something happened, and who refused decides the word") {
  using trading::order_status;
  CHECK(state_of(order_status::pending_new, oms::refusal::none) == order_state::sent);
  CHECK(state_of(order_status::new_, oms::refusal::none) == order_state::sent);
  CHECK(state_of(order_status::canceled, oms::refusal::none) == order_state::cancelled);
  CHECK(state_of(order_status::rejected, oms::refusal::halted) == order_state::risk_rejected);
  CHECK(state_of(order_status::rejected, oms::refusal::firm_exposure) == order_state::risk_rejected);
  CHECK(state_of(order_status::rejected, oms::refusal::venue_rejected) == order_state::rejected);
  CHECK(state_of(order_status::rejected, oms::refusal::not_sent) == order_state::failed);
}

TEST_CASE("an order row: average price half-even over its fills, what remains, exact numbers") {
  oms::order o;
  o.id = trading::order_id::make(3, 9);
  o.request.instrument = {"BTCUSDT.SIM"};
  o.quantity = quantity::whole(3);
  o.filled = quantity::whole(2);
  o.filled_notional = {int128{300} * scale + 1, "USDT"};
  o.status = trading::order_status::partially_filled;
  const auto r = row_of(o);
  CHECK(r.symbol == "BTCUSDT");
  CHECK(r.exchange == "SIM");
  CHECK(r.average_fill_price.value == price::whole(150)); // 150.000000005 is half-way: the even neighbour
  CHECK(r.remaining_quantity.value == quantity::whole(1));
  CHECK(r.status == order_state::partially_filled);
}

TEST_CASE("a short position is shown with its side and an unsigned quantity") {
  portfolio::position_view p;
  p.instrument = {"ETHUSDT.SIM"};
  p.quantity = -quantity::whole(5);
  const auto r = row_of(p);
  CHECK(r.side == "short");
  CHECK(r.quantity.value == quantity::whole(5));
  CHECK_FALSE(r.current_price.value);
}

TEST_CASE("amounts beyond what a price holds are shown in full, as numbers") {
  portfolio::position_view p;
  p.instrument = {"BTCIDR.SIM"};
  p.quantity = quantity::whole(100);
  const auto lots_of_money = *parse_scaled("1234567890123.45678901"); // of a currency of small value
  p.realized = {-lots_of_money, "IDR"};
  p.unrealized = money{lots_of_money, "IDR"};
  const auto shown = wire::to_json(row_of(p));
  CHECK(shown.find(R"("unrealized_pnl":1234567890123.45678901)") != std::string::npos);
  CHECK(shown.find(R"("realized_pnl":-1234567890123.45678901)") != std::string::npos);
  p.unrealized.reset();
  CHECK(wire::to_json(row_of(p)).find(R"("unrealized_pnl":null)") != std::string::npos);
  portfolio::fill f;
  f.fee = {lots_of_money, "IDR"};
  CHECK(wire::to_json(std::vector{row_of(f)}).find(R"("commission":1234567890123.45678901)") != std::string::npos);
  const auto& schema = wire::schema<position_row>();
  CAPTURE(schema);
  CHECK(schema.find(R"("unrealized_pnl":{"oneOf":[{"type":["string","number"],"format":"decimal"},{"type":"null"}]})") != std::string::npos);
  CHECK(schema.find(R"("realized_pnl":{"type":["string","number"],"format":"decimal"})") != std::string::npos);
}

TEST_CASE("candles: bars of one interval merge, the newest stay when there are too many") {
  const std::vector<market::bar> bars{bar(60, "10", "12", "9", "11"), bar(61, "11", "15", "11", "14"), bar(119, "14", "14", "8", "8"),
                                      bar(120, "8", "9", "8", "9")};
  const auto minute = *timeframe_of("1m");
  const auto all = candles_of(bars, minute, {10, {}, {}});
  REQUIRE(all.size() == 2);
  CHECK(all[0].timestamp == 60'000);
  CHECK(all[0].open.value == price::whole(10));
  CHECK(all[0].high.value == price::whole(15));
  CHECK(all[0].low.value == price::whole(8));
  CHECK(all[0].close.value == price::whole(8));
  CHECK(all[0].volume.value == quantity::whole(6));
  const auto newest = candles_of(bars, minute, {1, {}, {}});
  REQUIRE(newest.size() == 1);
  CHECK(newest[0].timestamp == 120'000);
  CHECK_FALSE(timeframe_of("7m"));
}

TEST_CASE("candles: a window chooses by when they opened, and each that is shown is whole") {
  const std::vector<market::bar> bars{bar(60, "10", "12", "9", "11"), bar(90, "11", "15", "11", "14"), bar(120, "14", "14", "8", "8"), bar(150, "8", "9", "8", "9")};
  const auto minute = *timeframe_of("1m");
  const auto times = [&](std::optional<std::int64_t> start, std::optional<std::int64_t> end) {
    std::vector<std::int64_t> at;
    for (const auto& c : candles_of(bars, minute, {100, start, end})) at.push_back(c.timestamp);
    return at;
  };
  using all = std::vector<std::int64_t>;
  CHECK(times({}, {}) == all{60'000, 120'000});
  CHECK(times(60'000, 120'000) == all{60'000});
  CHECK(times(60'001, {}) == all{120'000}); // the first began before
  CHECK(times({}, 60'000).empty());
  const auto whole = candles_of(bars, minute, {100, {}, 60'001}); // it ends behind the window
  REQUIRE(whole.size() == 1);
  CHECK(whole[0].close.value == price::whole(14));
  CHECK(whole[0].volume.value == candles_of(bars, minute, {100, {}, {}})[0].volume.value);
}

TEST_CASE("a trade has the time of the candle that it is in: the venue's, or that of its arrival when the venue does not say") {
  market::trade t;
  t.instrument = {"BTCUSDT.SIM"};
  t.received_at = time_from_ns(90'000'000'000);
  CHECK(trade_of(t).timestamp == 90'000);
  t.event_at = time_from_ns(61'500'000'000);
  CHECK(trade_of(t).timestamp == 61'500);
}

TEST_CASE("fills of two venues have different ids, whatever number each gave its own") {
  portfolio::fill f;
  f.execution = {"2"};
  f.instrument = {"BTCUSDT.SIM"};
  f.venue = {"SIM"};
  CHECK(row_of(f).fill_id == "SIM-2");
  f.venue = {"BINANCE_SPOT"};
  CHECK(row_of(f).fill_id == "BINANCE_SPOT-2");
}

TEST_CASE("ticker: what is not known is null, the change is percent since the first trade") {
  market::trade t;
  t.instrument = {"BTCUSDT.SIM"};
  t.last = price::whole(101);
  t.received_at = time_from_ns(5'000'000'000);
  const auto shown = ticker_of(t.instrument, std::nullopt, t, quantity::whole(7), price::whole(100));
  CHECK_FALSE(shown.bid.value);
  REQUIRE(shown.change_24h.value);
  CHECK(shown.change_24h.value->value == price::whole(1));
  CHECK(shown.timestamp == 5000);
}

TEST_CASE("levels and percentages of a limit") {
  const auto whole = price::whole(1000);
  CHECK(level_of(price::whole(799), whole) == risk_level::low);
  CHECK(level_of(price::whole(800), whole) == risk_level::medium);
  CHECK(level_of(price::whole(900), whole) == risk_level::high);
  CHECK(level_of(price::whole(1001), whole) == risk_level::breached);
  CHECK(percent(price::whole(123), whole) == "12.3%");
  CHECK(percent(price::whole(1), price{}) == "0.0%");
}

TEST_CASE("an order without a price is worth what was traded last, else what the other side asks, else nothing is known") {
  market::quote quote;
  quote.bid = price::whole(99);
  quote.ask = price::whole(101);
  market::trade last;
  last.last = price::whole(100);
  CHECK(tick_of(quote, last, trading::side::buy) == price::whole(100));
  CHECK(tick_of(quote, {}, trading::side::buy) == price::whole(101));
  CHECK(tick_of(quote, {}, trading::side::sell) == price::whole(99));
  quote.bid = {};
  CHECK_FALSE(tick_of(quote, {}, trading::side::sell));
  CHECK_FALSE(tick_of({}, {}, trading::side::buy));
}

TEST_CASE("the limits of an account: the age of a mark in milliseconds, never less than it is") {
  risk::limits l;
  l.mark_age_max = nanoseconds{1'500'000'001};
  l.order_quantity_max = quantity::whole(7);
  const auto shown = values_of(l);
  CHECK(shown.mark_age_max_ms == 1501);
  CHECK(shown.order_quantity_max.value == quantity::whole(7));
}

TEST_CASE("limits: every row of the original is there, what is enforced with its figures, the rest null and never breached") {
  const auto rows = limit_rows_of(price::whole(90), price::whole(200), 3);
  CHECK(wire::to_json(rows) ==
        R"({"max_drawdown":{"max_value":null,"current_value":null,"utilization":null,"breached":false,"warning_threshold":null,"critical_threshold":null},)"
        R"("max_exposure":{"max_value":200,"current_value":90,"utilization":"45.0%","breached":false,"warning_threshold":0.8,"critical_threshold":0.9},)"
        R"("max_positions":{"max_value":null,"current_value":3,"utilization":null,"breached":false,"warning_threshold":null,"critical_threshold":null},)"
        R"("max_var_95":{"max_value":null,"current_value":null,"utilization":null,"breached":false,"warning_threshold":null,"critical_threshold":null},)"
        R"("min_margin":{"max_value":null,"current_value":null,"utilization":null,"breached":false,"warning_threshold":null,"critical_threshold":null}})");
  CHECK_FALSE(limit_rows_of(price::whole(200), price::whole(200), {})["max_exposure"].breached);
  CHECK(limit_rows_of(price::whole(201), price::whole(200), {})["max_exposure"].breached);
  CHECK_FALSE(limit_rows_of({}, {}, {})["max_positions"].current_value.value);
}
