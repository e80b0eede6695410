// Days of candles from one-second bars, in bounded memory.

#include "nodes/desk/bar_series.hpp"

#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::desk;
using namespace std::chrono_literals;

namespace {

market::bar bar(std::int64_t second, std::int64_t at, nanoseconds length = 1s) {
  market::bar b;
  b.instrument = {"BTCUSDT.SIM"};
  b.interval_ns = length.count();
  b.opened_at = time_from_ns(second * 1'000'000'000);
  b.open = b.close = price::whole(at);
  b.high = price::whole(at + 1);
  b.low = price::whole(at - 1);
  b.volume = quantity::whole(1);
  b.trades = 1;
  return b;
}

} // namespace

TEST_SUITE_BEGIN("nodes/desk/bar_series");

TEST_CASE("a day of one-second bars yields a day of minutes, hours and one day, although few of each are kept") {
  bar_series s{100};
  for (std::int64_t second = 0; second < 86'400; ++second) s.add(bar(second, 1000 + second / 3600));
  CHECK(s.of(1s).size() == 100);
  CHECK(s.of(1s).back().opened_at == time_from_ns(86'399'000'000'000));
  CHECK(s.of(1min).size() == 100);
  CHECK(s.of(15min).size() == 96);
  const auto hours = s.of(1h);
  REQUIRE(hours.size() == 24);
  CHECK(hours[3].open == price::whole(1003));
  CHECK(hours[3].high == price::whole(1004));
  CHECK(hours[3].low == price::whole(1002));
  CHECK(hours[3].volume == quantity::whole(3600));
  CHECK(hours[3].opened_at == time_from_ns(3 * 3'600'000'000'000));
  const auto days = s.of(24h);
  REQUIRE(days.size() == 1);
  CHECK(days[0].open == price::whole(1000));
  CHECK(days[0].close == price::whole(1023));
  CHECK(days[0].trades == 86'400);
}

TEST_CASE("where time goes back, as when a file begins again, the bars of before make room: candles are in order of time, and none counts twice") {
  bar_series s{100};
  for (int reading = 0; reading < 2; ++reading)
    for (std::int64_t second = 30; second < 90; ++second) s.add(bar(second, 50));
  REQUIRE(s.of(1s).size() == 60);
  CHECK(s.of(1s).front().opened_at == time_from_ns(30'000'000'000));
  REQUIRE(s.of(1min).size() == 2);
  CHECK(s.of(1min).front().volume == quantity::whole(30));
  CHECK(s.of(1min).back().volume == quantity::whole(30));
}

TEST_CASE("lengths between those kept are made of the longest that divides them") {
  bar_series s{40};
  for (std::int64_t second = 0; second < 7200; ++second) s.add(bar(second, 50));
  CHECK(s.of(5min).front().interval_ns == nanoseconds{1min}.count());
  CHECK(s.of(30min).front().interval_ns == nanoseconds{15min}.count());
  CHECK(s.of(4h).front().interval_ns == nanoseconds{1h}.count());
  CHECK(s.of(30s).front().interval_ns == nanoseconds{1s}.count());
}

TEST_CASE("a candle of which only the end is kept is not shown: its opening and its volume would be those of a part") {
  bar_series s{100};
  for (std::int64_t second = 0; second < 7200; ++second) s.add(bar(second, second)); // kept: seconds from 7100 on, minutes from 20 on
  CHECK(s.of(1s).front().opened_at == time_from_ns(7'100'000'000'000));
  const auto halves = s.of(30s);
  REQUIRE(halves.size() == 90); // from 7110 on; of the half minute from 7080 on the last ten seconds were kept
  CHECK(halves.front().opened_at == time_from_ns(7'110'000'000'000));
  CHECK(s.of(5min).front().opened_at == time_from_ns(1'200'000'000'000)); // minute 20 begins five
  s.add(bar(7200, 50));                                                   // minute 20 makes room
  CHECK(s.of(5min).front().opened_at == time_from_ns(1'500'000'000'000));
}

TEST_CASE("before a bar that was dropped nothing began that is still kept, also where minutes without a trade lie between") {
  bar_series s{2};
  s.add(bar(0, 50, 60s)); // of the five minutes from 0 on
  s.add(bar(600, 50, 60s));
  s.add(bar(660, 50, 60s)); // the first one makes room
  const auto kept = s.of(5min);
  REQUIRE(kept.size() == 2);
  CHECK(kept.front().opened_at == time_from_ns(600'000'000'000));
}

TEST_CASE("the volume of a long bar stays at the end of its range") {
  bar_series s{100};
  auto large = bar(0, 50);
  large.volume = {INT64_MAX - 1};
  s.add(large);
  s.add(bar(1, 60));
  REQUIRE(s.of(1min).size() == 1);
  CHECK(s.of(1min)[0].volume.units == INT64_MAX);
  CHECK(s.of(1min)[0].close == price::whole(60));
}

TEST_CASE("a source that begins again has lost nothing of its candles") {
  bar_series s{40};
  for (std::int64_t second = 0; second < 90; ++second) s.add(bar(second, 50));
  for (std::int64_t second = 30; second < 60; ++second) s.add(bar(second, 50));
  CHECK(s.of(30s).size() == 30);
}

TEST_CASE("a bar is never shown as several shorter ones") {
  bar_series s{10};
  s.add(bar(86'400, 50, 24h));
  CHECK(s.of(1min).empty());
  CHECK(s.of(1h).empty());
  REQUIRE(s.of(24h).size() == 1);
  CHECK(s.of(24h)[0].opened_at == time_from_ns(86'400'000'000'000));
}

TEST_CASE("a bar that does not fit into a length is left out of it, and the longer ones have it") {
  bar_series s{10};
  s.add(bar(3600, 50, 5min)); // fits into quarters, hours and days, not into minutes
  s.add(bar(3900, 60, 5min));
  CHECK(s.of(1min).empty());
  CHECK(s.of(5min).size() == 2);
  REQUIRE(s.of(1h).size() == 1);
  CHECK(s.of(1h)[0].close == price::whole(60));
}
