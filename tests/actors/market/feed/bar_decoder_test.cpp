#include "actors/market/feed/bar_decoder.hpp"
#include "tests/support/test.hpp"

#include <string>
#include <vector>

using namespace troupe;

TEST_SUITE_BEGIN("market/feed/bar_decoder");

namespace {

feed::bar_decoder decoder(const char* path) { return feed::bar_decoder{feed::describe_source(path).value()}; }

const char* const minute_trades = "minute_bars/coinbase/btcusd/19700102_btcusd_minute_trade.csv";
const char* const minute_quotes = "minute_bars/oanda/eurusd/19700102_eurusd_minute_quote.csv";
const char* const indian = "minute_bars/india/yesbank/19700102_yesbank_minute_trade.csv";
const char* const daily_quotes = "oanda_eurusd_daily_quote.csv";

constexpr std::int64_t second = 1'000'000'000;

} // namespace

TEST_CASE("sizes are rounded to 1e-8, half to even, from the text") {
  struct row { const char* text; const char* size; };
  const row rows[] = {
    {"0", "0"}, {"1730100", "1730100"}, {"110.66042", "110.66042"}, {"8.880099999999999", "8.8801"},
    {"9.342381490000001", "9.34238149"}, {"0.000000005", "0"}, {"0.000000015", "0.00000002"}, {"0.0000000050", "0"},
    {"0.00000000500000001", "0.00000001"}, {"0.999999999", "1"}, {"-1", nullptr}, {"-0.0000000001", nullptr}, {"", nullptr},
    {"1.123456789x", nullptr}, {"1.12345678e", nullptr}, {"x.123456789", nullptr}, {"NaN", nullptr},
    {"92233720368.547758079", nullptr}, {"92233720369", nullptr}, {".1234567890", nullptr},
  };
  for (const auto& r : rows) {
    CAPTURE(r.text);
    const auto size = feed::parse_size(r.text);
    REQUIRE(size.has_value() == (r.size != nullptr));
    if (size) CHECK(size->str() == r.size);
  }
}

TEST_CASE("a minute of trades is a bar that is known at its end") {
  auto d = decoder(minute_trades);
  std::vector<market::event> out;
  const auto known_at = d.line("120000,17209.49,17227.24,17208.84,17226.99,147.61285", 1, {"t", 9}, out);
  CHECK(to_ns(known_at) == (86'400 + 180) * second);
  REQUIRE(out.size() == 1);
  const auto& bar = std::get<market::bar>(out[0]);
  CHECK(bar.instrument.value == "BTCUSD.COINBASE");
  CHECK(bar.interval_ns == 60 * second);
  CHECK(to_ns(bar.opened_at) == (86'400 + 120) * second);
  CHECK(bar.open.str() == "17209.49");
  CHECK(bar.high.str() == "17227.24");
  CHECK(bar.low.str() == "17208.84");
  CHECK(bar.close.str() == "17226.99");
  CHECK(bar.volume.str() == "147.61285");
  CHECK(bar.tape.position == 9);
}

TEST_CASE("Indian minutes are in local time and in ten-thousandths of a rupee") {
  auto d = decoder(indian);
  std::vector<market::event> out;
  d.line("33300000,2900200,2920000,2900000,2920000,3", 1, {}, out);
  const auto& bar = std::get<market::bar>(out.at(0));
  CHECK(to_ns(bar.opened_at) == (86'400 + 33'300 - 19'800) * second);
  CHECK(bar.open.str() == "290.02");
  CHECK(bar.close.str() == "292");
  CHECK(bar.volume.str() == "3");
}

TEST_CASE("a minute of quotes is its closing quote and a bar of mid prices without volume") {
  auto d = decoder(minute_quotes);
  std::vector<market::event> out;
  d.line("60000,1.38688,1.38688,1.38685,1.38685,0,1.38700,1.38700,1.38696,1.38698,5", 3, {}, out);
  REQUIRE(out.size() == 2);
  const auto& q = std::get<market::quote>(out[0]);
  CHECK(q.bid.str() == "1.38685");
  CHECK(q.ask.str() == "1.38698");
  CHECK(q.bid_size.is_zero());
  CHECK(q.ask_size.str() == "5");
  CHECK(q.update_id == 3);
  CHECK(to_ns(q.event_at) == (86'400 + 120) * second);
  CHECK(q.received_at == q.event_at);
  const auto& bar = std::get<market::bar>(out[1]);
  CHECK(bar.open.str() == "1.38694");
  CHECK(bar.low.str() == "1.386905");
  CHECK(bar.volume.is_zero());
  CHECK(bar.trades == 0);
}

TEST_CASE("a daily row names its day") {
  auto d = decoder(daily_quotes);
  std::vector<market::event> out;
  CHECK(to_ns(d.line("19700103 00:00,1,2,1,2,0,3,4,3,4,0", 1, {}, out)) == 3 * 86'400 * second);
  const auto& bar = std::get<market::bar>(out.at(1));
  CHECK(to_ns(bar.opened_at) == 2 * 86'400 * second);
  CHECK(bar.interval_ns == 86'400 * second);
}

TEST_CASE("bad rows are refused with the reason and change nothing") {
  struct row { const char* path; const char* line; const char* reason; };
  const row rows[] = {
    {minute_trades, "", "6 cells"},
    {minute_trades, "120000,1,1,1,1", "6 cells"},
    {minute_trades, "120000,1,1,1,1,1,1", "6 cells"},
    {minute_quotes, "120000,1,1,1,1,1", "11 cells"},
    {minute_quotes, "120000,1,1,1,1,1,2,2,2,2,1,,,,,,,,,", "11 cells"},
    {minute_trades, "x,1,1,1,1,1", "milliseconds since midnight"},
    {minute_trades, "-60000,1,1,1,1,1", "milliseconds since midnight"},
    {minute_trades, "86400000,1,1,1,1,1", "milliseconds since midnight"},
    {minute_trades, "120001,1,1,1,1,1", "no minute's start"},
    {minute_trades, "60000,1,1,1,1,1", "not after the row before"},
    {minute_trades, "0,1,1,1,1,1", "not after the row before"},
    {minute_trades, "120000,NaN,1,1,1,1", "no price"},
    {minute_trades, "120000,1,1,0,1,1", "no price"},
    {minute_trades, "120000,-1,1,1,1,1", "no price"},
    {minute_trades, "120000,,1,1,1,1", "no price"},
    {minute_trades, "120000,1.000000001,2,1,1,1", "no price"},
    {minute_trades, "120000,1e30,1,1,1,1", "no price"},
    {minute_trades, "120000,3,2,1,2,1", "between low and high"},
    {minute_trades, "120000,2,3,2,1,1", "between low and high"},
    {minute_trades, "120000,1,1,1,1,-1", "a size"},
    {minute_trades, "120000,1,1,1,1,", "a size"},
    {minute_quotes, "120000,1,2,1,2,1,2,3,2,2,1", "not below"},
    {daily_quotes, "19700230 00:00,1,2,1,2,0,3,4,3,4,0", "does not exist"},
    {daily_quotes, "19700103,1,2,1,2,0,3,4,3,4,0", "YYYYMMDD HH:MM"},
    {daily_quotes, "19700103 24:00,1,2,1,2,0,3,4,3,4,0", "YYYYMMDD HH:MM"},
    {daily_quotes, "99990103 00:00,1,2,1,2,0,3,4,3,4,0", "does not exist"},
    {daily_quotes, "00000103 00:00,1,2,1,2,0,3,4,3,4,0", "does not exist"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.path);
    CAPTURE(r.line);
    auto d = decoder(r.path);
    std::vector<market::event> out;
    const bool daily = std::string{r.path} == daily_quotes;
    const bool quotes = std::string{r.path} != minute_trades;
    const std::string first = std::string{daily ? "19700102 00:00" : "60000"} + (quotes ? ",1,1,1,1,1,2,2,2,2,1" : ",1,1,1,1,1");
    const auto known_at = d.line(first, 1, {}, out);
    REQUIRE(d.counts().bad_lines == 0);
    out.clear();
    CHECK(d.line(r.line, 2, {}, out) == known_at);
    CHECK(out.empty());
    REQUIRE(d.counts().first_bad_lines.size() == 1);
    CHECK(d.counts().first_bad_lines[0].number == 2);
    CAPTURE(d.counts().first_bad_lines[0].reason);
    CHECK(d.counts().first_bad_lines[0].reason.find(r.reason) != std::string::npos);
    const std::string next = std::string{daily ? "19700104 00:00" : "120000"} + (quotes ? ",1,1,1,1,1,2,2,2,2,1" : ",1,1,1,1,1");
    d.line(next, 3, {}, out);
    CHECK(d.counts().bars == 2);
  }
}

TEST_SUITE_END();
