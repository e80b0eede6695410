#pragma once
// What the market side of the desk says to everybody else: tops of book, trades, bars. Plain structs, described once.

#include "runtime/core/decimal.hpp"
#include "runtime/core/ids.hpp"
#include "runtime/core/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <variant>
#include <vector>

namespace troupe::market {

/// SYMBOL.VENUE in upper case, for example "BTCUSDT.BINANCE_USDM" (perpetual) and "BTCUSDT.BINANCE_SPOT": one symbol
/// trades on several venues, and they are different instruments.
using instrument_id = strong_id<struct instrument_tag, text<31>>;
/// The venue part of an instrument id: "BINANCE_USDM", "SIM".
using venue_id = strong_id<struct venue_tag, text<15>>;

enum class side : std::uint8_t { buy, sell };
BOOST_DESCRIBE_ENUM(side, buy, sell)

/// Where in which tape this was received: the record of what the market said that a decision can cite.
struct tape_position {
  text<23> tape;             // the feed's name; empty when there is no tape
  std::uint64_t position = 0; // 1-based count of entries on that tape
  friend auto operator<=>(const tape_position&, const tape_position&) = default;
};
BOOST_DESCRIBE_STRUCT(tape_position, (), (tape, position))

/// The merged best bid and offer (depth and ticker; the greatest update id wins). A side nobody offers has price and
/// size zero.
struct quote {
  instrument_id instrument;
  price bid;
  price ask;
  quantity bid_size; // displayed at `bid`
  quantity ask_size; // displayed at `ask`
  std::uint64_t update_id = 0;
  time_ns event_at{};    // the venue's clock; zero when the venue does not say
  time_ns received_at{}; // our clock on arrival
  tape_position tape;
  friend bool operator==(const quote&, const quote&) = default;
};
BOOST_DESCRIBE_STRUCT(quote, (), (instrument, bid, ask, bid_size, ask_size, update_id, event_at, received_at, tape))

/// A public trade. `aggressor` is the side that took liquidity.
struct trade {
  instrument_id instrument;
  price last;
  quantity size;
  side aggressor = side::buy;
  std::uint64_t trade_id = 0;
  time_ns event_at{};
  time_ns received_at{};
  tape_position tape;
  friend bool operator==(const trade&, const trade&) = default;
};
BOOST_DESCRIBE_STRUCT(trade, (), (instrument, last, size, aggressor, trade_id, event_at, received_at, tape))

/// By the venue's clock, or ours if it does not say: what puts a trade into a bar.
[[nodiscard]] inline time_ns traded_at(const trade& t) noexcept { return to_ns(t.event_at) != 0 ? t.event_at : t.received_at; }

/// The book of `instrument` is not known (gap in the sequence, feed restarted): no book, so no fills and no quoting,
/// until the next quote.
struct book_lost {
  instrument_id instrument;
  time_ns received_at{};
  tape_position tape;
  friend bool operator==(const book_lost&, const book_lost&) = default;
};
BOOST_DESCRIBE_STRUCT(book_lost, (), (instrument, received_at, tape))

/// Trades of one interval [opened_at, opened_at + interval). Sent when the interval is over.
struct bar {
  instrument_id instrument;
  std::int64_t interval_ns = 0;
  time_ns opened_at{};
  price open;
  price high;
  price low;
  price close;
  quantity volume; // stays at the end of its range
  std::uint64_t trades = 0;
  tape_position tape; // of the last trade inside
  friend bool operator==(const bar&, const bar&) = default;
};
BOOST_DESCRIBE_STRUCT(bar, (), (instrument, interval_ns, opened_at, open, high, low, close, volume, trades, tape))

using event = std::variant<quote, trade, book_lost, bar>;

} // namespace troupe::market
