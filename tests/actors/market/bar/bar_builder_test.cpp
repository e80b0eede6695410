#include "actors/market/bar/bar_builder.hpp"
#include "tests/support/test.hpp"

#include <map>
#include <random>

using namespace troupe;

TEST_SUITE_BEGIN("market/bar");

namespace {

const market::instrument_id btc{"BTCUSDT.SIM"};
constexpr nanoseconds second = std::chrono::seconds{1};

market::trade trade_at(std::int64_t ms, std::int64_t last, std::int64_t size_units, std::uint64_t position = 0) {
  const auto at = time_from_ns(ms * 1'000'000);
  return {btc, price::whole(last), quantity{size_units}, market::side::buy, 1, at, at, {"t", position}};
}

bar::bar_builder builder(nanoseconds interval = second) { return bar::bar_builder::create(btc, interval).value(); }

} // namespace

TEST_CASE("a bar holds the trades of [opened_at, opened_at + interval) and appears when a later trade passes its end") {
  auto b = builder();
  CHECK_FALSE(b.on_trade(trade_at(10'000, 100, 5, 1)));
  CHECK_FALSE(b.on_trade(trade_at(10'300, 107, 1, 2)));
  CHECK_FALSE(b.on_trade(trade_at(10'500, 93, 2, 3)));
  CHECK_FALSE(b.on_trade(trade_at(10'999, 101, 2, 4)));
  const auto bar = b.on_trade(trade_at(11'000, 50, 9, 5));
  REQUIRE(bar);
  CHECK(bar->instrument == btc);
  CHECK(bar->interval_ns == second.count());
  CHECK(to_ns(bar->opened_at) == 10'000'000'000);
  CHECK(bar->open.str() == "100");
  CHECK(bar->high.str() == "107");
  CHECK(bar->low.str() == "93");
  CHECK(bar->close.str() == "101");
  CHECK(bar->volume.units == 10);
  CHECK(bar->trades == 4);
  CHECK(bar->tape.position == 4);
  REQUIRE(b.open());
  CHECK(b.open()->open.str() == "50");
}

TEST_CASE("a clock tick closes a bar that is over, once, and empty intervals give no bar") {
  auto b = builder();
  CHECK_FALSE(b.on_clock(time_from_ns(5)));
  CHECK_FALSE(b.on_trade(trade_at(10'200, 100, 5)));
  CHECK_FALSE(b.on_clock(time_from_ns(10'999'999'999)));
  REQUIRE(b.on_clock(time_from_ns(11'000'000'000)));
  CHECK_FALSE(b.on_clock(time_from_ns(60'000'000'000)));
  CHECK_FALSE(b.on_trade(trade_at(70'000, 100, 5)));
  CHECK(b.counts().bars == 1);
}

TEST_CASE("a late trade is counted and changes no bar") {
  auto b = builder();
  CHECK_FALSE(b.on_trade(trade_at(10'200, 100, 5)));
  REQUIRE(b.on_clock(time_from_ns(11'000'000'000)));
  CHECK_FALSE(b.on_trade(trade_at(10'900, 900, 5)));
  CHECK_FALSE(b.open());
  CHECK_FALSE(b.on_trade(trade_at(12'000, 100, 5)));
  const auto before = *b.open();
  CHECK_FALSE(b.on_trade(trade_at(11'500, 900, 5))); // its interval had no bar, but is before the open one
  CHECK(*b.open() == before);
  CHECK(b.counts().late == 2);
  CHECK(b.counts().trades == 2);
}

TEST_CASE("what cannot be in a bar is refused and changes nothing") {
  auto b = builder();
  CHECK_FALSE(b.on_trade(trade_at(10'000, 100, 5)));
  const auto before = *b.open();
  auto other = trade_at(10'100, 100, 1);
  other.instrument = {"ETHUSDT.SIM"};
  auto future = trade_at(10'000, 100, 1);
  future.event_at += bar::bar_builder::clock_ahead_max + nanoseconds{1};
  const market::trade refused[] = {other, future, trade_at(10'100, 0, 1), trade_at(10'100, -5, 1),
                                   trade_at(10'100, 100, 0), trade_at(10'100, 100, -1)};
  for (const auto& t : refused) {
    CHECK_FALSE(b.on_trade(t));
    CHECK(*b.open() == before);
  }
  CHECK(b.counts().refused == std::size(refused));
}

TEST_CASE("a volume at the end of its range stays there, and the prices of later trades count all the same") {
  auto b = builder();
  CHECK_FALSE(b.on_trade(trade_at(10'000, 100, INT64_MAX - 1)));
  CHECK_FALSE(b.on_trade(trade_at(10'100, 120, 2)));
  CHECK_FALSE(b.on_trade(trade_at(10'200, 90, INT64_MAX)));
  CHECK_FALSE(b.on_trade(trade_at(10'300, 95, 1)));
  const auto& bar = *b.open();
  CHECK(bar.volume.units == INT64_MAX);
  CHECK(bar.open == price::whole(100));
  CHECK(bar.high == price::whole(120));
  CHECK(bar.low == price::whole(90));
  CHECK(bar.close == price::whole(95));
  CHECK(bar.trades == 4);
  CHECK(b.counts().refused == 0);
}

TEST_CASE("where the venue tells no time, the time of arrival counts") {
  auto b = builder();
  auto t = trade_at(10'200, 100, 1);
  t.event_at = {};
  CHECK_FALSE(b.on_trade(t));
  CHECK(to_ns(b.open()->opened_at) == 10'000'000'000);
}

TEST_CASE("an interval outside 1 ms .. 1 day is refused") {
  for (const nanoseconds interval : {nanoseconds{0}, nanoseconds{-1}, nanoseconds{999'999}, nanoseconds{86'400'000'000'001}})
    CHECK(bar::bar_builder::create(btc, interval).error().code == errc::out_of_range);
}

TEST_CASE("every trade is in exactly one bar, late or refused, and bars equal a grouping by interval") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (int round = 0; round < 50; ++round) {
    const nanoseconds interval{std::int64_t{1'000'000} << (random() % 12)};
    auto b = builder(interval);
    std::map<std::int64_t, market::bar> expected;
    std::vector<market::bar> got;
    std::int64_t ms = 1'000'000;
    for (int i = 0; i < 500; ++i) {
      ms += static_cast<std::int64_t>(random() % 40);
      const auto t = trade_at(ms, static_cast<std::int64_t>(1 + random() % 1000), static_cast<std::int64_t>(1 + random() % 50));
      auto& e = expected[ms * 1'000'000 / interval.count()];
      if (e.trades++ == 0) e.open = e.low = t.last;
      e.high = std::max(e.high, t.last);
      e.low = std::min(e.low, t.last);
      e.close = t.last;
      e.volume += t.size;
      if (auto bar = b.on_trade(t)) got.push_back(*bar);
    }
    if (auto bar = b.on_clock(time_ns::max())) got.push_back(*bar);
    REQUIRE(got.size() == expected.size());
    std::size_t i = 0;
    for (const auto& [number, e] : expected) {
      const auto& bar = got[i++];
      REQUIRE(to_ns(bar.opened_at) == number * interval.count());
      REQUIRE(std::tuple{bar.open, bar.high, bar.low, bar.close, bar.volume, bar.trades} ==
              std::tuple{e.open, e.high, e.low, e.close, e.volume, e.trades});
    }
    REQUIRE(b.counts().trades == 500);
  }
}

TEST_SUITE_END();
