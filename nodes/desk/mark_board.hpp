#pragma once
// The newest of everything the market said, for whoever needs it now: pre-trade marks, tickers, candles, order books at
// the edge. Written by feeds before they publish, read from any thread. Volatile; decisions cite the tape, not this.

#include "actors/market/batch.hpp"
#include "nodes/desk/bar_series.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <vector>

namespace troupe::desk {

struct book_level {
  price at;
  quantity size;
};
BOOST_DESCRIBE_STRUCT(book_level, (), (at, size))

struct book_levels {
  std::vector<book_level> bids; // best first
  std::vector<book_level> asks;
  time_ns received_at{};
};
BOOST_DESCRIBE_STRUCT(book_levels, (), (bids, asks, received_at))

/// One instrument's summary since the node started.
struct ticker {
  market::instrument_id instrument;
  std::optional<market::heard_quote> quote; // absent: the book is not known
  std::optional<market::trade> last;
  quantity volume;                    // of trades seen
  price first;                        // of the first trade seen
};

class mark_board {
public:
  /// `kept`: trades, and bars of each length, remembered per instrument.
  explicit mark_board(std::size_t kept) : kept_{kept} {}

  /// `heard_at`: when the quotes of the batch were received, in their order; one alone is that of all. A quote beyond the list is of
  /// no known age, which is older than any limit.
  void take(const market::market_batch& batch, const std::vector<boot_ns>& heard_at);
  /// The tops of these were still so at `heard_at`: their book was told, and the top had not changed.
  void confirm(const std::set<market::instrument_id>& shown, boot_ns heard_at);
  void set_levels(const market::instrument_id& instrument, book_levels levels);

  [[nodiscard]] std::optional<market::heard_quote> quote(const market::instrument_id& instrument) const;
  [[nodiscard]] std::vector<ticker> tickers() const;
  [[nodiscard]] std::optional<ticker> one(const market::instrument_id& instrument) const;
  /// Newest first.
  [[nodiscard]] std::vector<market::trade> trades(const market::instrument_id& instrument, std::size_t limit) const;
  /// See bar_series::of.
  [[nodiscard]] std::vector<market::bar> bars(const market::instrument_id& instrument, nanoseconds length) const;
  [[nodiscard]] std::optional<book_levels> levels(const market::instrument_id& instrument) const;

  struct totals {
    std::uint64_t quotes = 0;
    std::uint64_t trades = 0;
    std::uint64_t bars = 0;
    std::uint64_t books_lost = 0;
  };
  [[nodiscard]] totals counts() const;

private:
  struct entry {
    explicit entry(std::size_t kept) : bars{kept} {}
    ticker now;
    std::deque<market::trade> trades;
    bar_series bars;
    std::optional<book_levels> levels;
  };

  entry& of(const market::instrument_id& instrument) { return entries_.try_emplace(instrument, kept_).first->second; }

  std::size_t kept_;
  mutable std::shared_mutex mutex_;
  std::map<market::instrument_id, entry> entries_;
  totals counts_;
};

} // namespace troupe::desk
