#pragma once
// Market data as Trade2026's gateway shows it. Instants are milliseconds since 1970, as on its ticks. Values; any thread.

#include "actors/platform/trade2026/messages.hpp"

namespace troupe::trade2026 {

struct ticker {
  std::string symbol;
  std::string exchange;
  nullable<price_number> last_price;
  nullable<price_number> bid;
  nullable<price_number> ask;
  nullable<quantity_number> bid_size;
  nullable<quantity_number> ask_size;
  quantity_number volume;           // of trades since the node started
  quantity_number volume_24h;       // the same number
  nullable<price_number> change_24h; // percent since the first trade the node saw
  std::int64_t timestamp = 0;
};
BOOST_DESCRIBE_STRUCT(ticker, (), (symbol, exchange, last_price, bid, ask, bid_size, ask_size, volume, volume_24h, change_24h,
                                   timestamp))
struct tickers_params {
  std::optional<std::string> symbols; // comma between; all when absent
};
BOOST_DESCRIBE_STRUCT(tickers_params, (), (symbols))

struct level {
  price_number price;
  quantity_number size;
};
BOOST_DESCRIBE_STRUCT(level, (), (price, size))
struct orderbook {
  std::string symbol;
  std::string exchange;
  std::vector<level> bids; // best first
  std::vector<level> asks;
  std::int64_t timestamp = 0;
};
BOOST_DESCRIBE_STRUCT(orderbook, (), (symbol, exchange, bids, asks, timestamp))
struct orderbook_params {
  text<31> symbol;
  std::optional<bounded<std::uint32_t, 1, 1000>> depth; // 20
};
BOOST_DESCRIBE_STRUCT(orderbook_params, (), (symbol, depth))

struct candle {
  std::int64_t timestamp = 0; // when it opened
  price_number open;
  price_number high;
  price_number low;
  price_number close;
  quantity_number volume;
};
BOOST_DESCRIBE_STRUCT(candle, (), (timestamp, open, high, low, close, volume))
struct candles_params {
  text<31> symbol;
  std::optional<text<8>> timeframe;                        // "1m"; also 1s 5s 15s 30s 5m 15m 30m 1h 4h 1d
  std::optional<bounded<std::uint32_t, 1, 1000>> limit;    // 100
  std::optional<std::int64_t> start;                       // milliseconds; of candles that opened then or later
  std::optional<std::int64_t> end;                         // and before this
};
BOOST_DESCRIBE_STRUCT(candles_params, (), (symbol, timeframe, limit, start, end))

struct trade {
  std::string symbol;
  std::string exchange;
  std::int64_t timestamp = 0; // by the venue's clock, or ours if it does not say
  price_number price;
  quantity_number size;
  std::string side; // "buy" or "sell": who took
  std::string trade_id;
};
BOOST_DESCRIBE_STRUCT(trade, (), (symbol, exchange, timestamp, price, size, side, trade_id))
struct trades_params {
  text<31> symbol;
  std::optional<bounded<std::uint32_t, 1, 1000>> limit; // 100
};
BOOST_DESCRIBE_STRUCT(trades_params, (), (symbol, limit))

struct symbol_info {
  std::string symbol;
  std::string exchange;
  trading::instrument_id instrument;
  currency quote;
  price_number tick_size;
  quantity_number lot_size;
};
BOOST_DESCRIBE_STRUCT(symbol_info, (), (symbol, exchange, instrument, quote, tick_size, lot_size))
struct search_params {
  std::string q;
};
BOOST_DESCRIBE_STRUCT(search_params, (), (q))

struct gateway_root {
  std::string service;
  std::string version;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(gateway_root, (), (service, version, status))
struct gateway_health {
  std::string status; // "ok" or "degraded"
  std::map<std::string, std::string> services;
  std::uint64_t tick_count = 0;
  std::uint64_t ticks_sent = 0; // the same number, under the mock gateway's name
  std::uint64_t error_count = 0;
  std::int64_t uptime = 0; // seconds
};
BOOST_DESCRIBE_STRUCT(gateway_health, (), (status, services, tick_count, ticks_sent, error_count, uptime))
struct gateway_config {
  std::vector<std::string> exchange;
  std::vector<std::string> symbols;
  price_number refresh_interval; // seconds between two looks at the prices
};
BOOST_DESCRIBE_STRUCT(gateway_config, (), (exchange, symbols, refresh_interval))
struct gateway_stats {
  std::uint64_t tick_count = 0;
  std::uint64_t error_count = 0;
  std::int64_t uptime = 0;
  std::map<std::string, ticker> last_ticks;
  gateway_config config;
};
BOOST_DESCRIBE_STRUCT(gateway_stats, (), (tick_count, error_count, uptime, last_ticks, config))

} // namespace troupe::trade2026
