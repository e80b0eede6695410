#include "actors/market/feed/source_profile.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using feed::source_format;

TEST_SUITE_BEGIN("market/feed/source_profile");

TEST_CASE("a path of the data folder tells what the file is") {
  struct row {
    const char* path;
    source_format format;
    const char* instrument;
    const char* source_symbol;
    std::int64_t interval_s;
    std::int64_t offset_min;
    std::int64_t divisor;
  };
  const row rows[] = {
    {"ticks/binance_usdm_btcusdt_20240808.jsonl.gz", source_format::capture, "BTCUSDT.BINANCE_USDM", "BTCUSDT", 0, 0, 1},
    {"/d/binance_spot_ethusdt_20240808.jsonl", source_format::capture, "ETHUSDT.BINANCE_SPOT", "ETHUSDT", 0, 0, 1},
    {"hyperliquid_btcusd_20250126.jsonl.gz", source_format::capture, "BTCUSD.HYPERLIQUID", "BTC", 0, 0, 1},
    {"minute_bars/coinbase/btcusd/20170903_btcusd_minute_trade.csv", source_format::trade_bars, "BTCUSD.COINBASE", "BTCUSD", 60, 0, 1},
    {"minute_bars/oanda/eurusd/20140501_eurusd_minute_quote.csv.gz", source_format::quote_bars, "EURUSD.OANDA", "EURUSD", 60, 0, 1},
    {"minute_bars/india/yesbank/20190709_yesbank_minute_trade.csv", source_format::trade_bars, "YESBANK.NSE", "YESBANK", 60, 330, 10'000},
    {"minute_bars/binance/btcbusd/20221213_btcbusd_minute_trade.csv", source_format::trade_bars, "BTCBUSD.BINANCE_SPOT", "BTCBUSD", 60, 0, 1},
    {"fx_crypto_daily/oanda_xauusd_daily_quote.csv.gz", source_format::quote_bars, "XAUUSD.OANDA", "XAUUSD", 86'400, 0, 1},
  };
  for (const auto& r : rows) {
    CAPTURE(r.path);
    const auto p = feed::describe_source(r.path);
    REQUIRE(p);
    CHECK(p->format == r.format);
    CHECK(p->instrument.value.view() == r.instrument);
    CHECK(p->source_symbol == r.source_symbol);
    CHECK(p->interval == std::chrono::seconds{r.interval_s});
    CHECK(p->utc_offset == std::chrono::minutes{r.offset_min});
    CHECK(p->price_divisor == r.divisor);
    CHECK(p->day.has_value() == (r.interval_s == 60));
  }
}

TEST_CASE("overrides win over the path") {
  feed::source_overrides o;
  o.instrument = market::instrument_id{"ETHUSDT.BINANCE_USDM"};
  o.source_symbol = "ETHUSDT_PERP";
  auto p = feed::describe_source("binance_spot_btcusdt_20240808.jsonl", o).value();
  CHECK(p.instrument.value == "ETHUSDT.BINANCE_USDM");
  CHECK(p.source_symbol == "ETHUSDT_PERP");

  o = {};
  o.instrument = market::instrument_id{"X.Y"};
  o.format = source_format::capture;
  p = feed::describe_source("any name", o).value();
  CHECK(p.source_symbol == "X");

  o = {};
  o.utc_offset = std::chrono::minutes{-60};
  o.price_divisor = 100;
  p = feed::describe_source("minute_bars/india/yesbank/20190709_yesbank_minute_trade.csv", o).value();
  CHECK(p.utc_offset == std::chrono::minutes{-60});
  CHECK(p.price_divisor == 100);
}

TEST_CASE("what the path does not tell is asked for by name") {
  struct row { const char* path; const char* reason; };
  const row rows[] = {
    {"data.txt", "no format"}, {"", "no format"}, {"btc.jsonl", "no instrument"}, {"_.jsonl", "no instrument"},
    {"binance_usdm_btcusdt.jsonl", "no instrument"}, {"binance_usdm_btcusdt_20241399.jsonl", "no instrument"},
    {"minute_bars/unknown/x/20190709_x_minute_trade.csv", "no instrument"}, {"a_trade.csv", "no format"},
    {"minute_bars/oanda/eurusd/2014_eurusd_minute_quote.csv", "no day"}, {"minute_bars/oanda/eurusd/99990101_eurusd_minute_quote.csv", "no day"}, {"oanda_eurusd_weekly_quote.csv", "no instrument"},
    {"averyveryverylongvenuename_averyveryverylongsymbol_20240808.jsonl", "no instrument"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.path);
    const auto p = feed::describe_source(r.path);
    REQUIRE(p.has_error());
    CHECK(p.error().code == errc::invalid_argument);
    CAPTURE(p.error().message);
    CHECK(p.error().message.find(r.reason) != std::string::npos);
  }
  feed::source_overrides o;
  for (const char* wrong : {"BTCUSDT", ".SIM", "BTCUSDT."}) {
    o.instrument = market::instrument_id{wrong};
    CHECK(feed::describe_source("x_y_20240808.jsonl", o).error().message.find("SYMBOL.VENUE") != std::string::npos);
  }
  o = {};
  o.price_divisor = 0;
  CHECK(feed::describe_source("x_y_20240808.jsonl", o).has_error());
  o = {};
  o.instrument = market::instrument_id{"X.Y"};
  CHECK(feed::describe_source("oanda_eurusd_weekly_quote.csv", o).error().message.find("no interval") != std::string::npos);
}

TEST_SUITE_END();
