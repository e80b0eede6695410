#pragma once
// The order book of one instrument: levels from a snapshot and deltas, and the one merged top of book (depth
// and ticker, the greatest update id wins) that strategies and venue share. Pure: same calls, same state.
// Owned by one feed; not thread-safe. README.md here tells the rules.

#include "actors/market/book/depth.hpp"
#include "actors/market/book/side_levels.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace troupe::book {

/// The merged best bid and offer. A side nobody offers has price and size zero.
struct top {
  price bid;
  price ask;
  quantity bid_size;
  quantity ask_size;
  std::uint64_t update_id = 0;
  time_ns event_at{};
  /// Same prices and sizes, whatever update said so.
  [[nodiscard]] bool shows_same(const top& o) const noexcept {
    return bid == o.bid && ask == o.ask && bid_size == o.bid_size && ask_size == o.ask_size;
  }
};

enum class state : std::uint8_t {
  waiting, // no snapshot yet: deltas are kept, a ticker alone gives the top
  synced,  // the levels are the venue's
  lost     // a delta is missing or the levels crossed: nothing is known until a snapshot fits
};

/// What a call did to the book.
enum class outcome : std::uint8_t {
  unchanged, // nothing new: stale, kept for later, or the same top
  changed,   // the merged top shows something else
  lost,      // the book was known and is not any more
  refused    // the message contradicts itself; the book is as before
};

struct limits {
  std::size_t levels_per_side = 20'000; // the levels furthest from the top are dropped above it
  std::size_t pending_deltas = 4'096;   // kept while there is no snapshot; the oldest go first
  std::size_t pending_levels = 200'000; // in all of them together
};

struct counters {
  std::uint64_t snapshots = 0;       // taken over
  std::uint64_t deltas = 0;          // applied
  std::uint64_t stale_deltas = 0;    // contained in the snapshot already
  std::uint64_t stale_snapshots = 0; // older than the book
  std::uint64_t unfit_snapshots = 0; // the deltas kept for it do not continue it
  std::uint64_t stale_tickers = 0;   // not newer than the merged top
  std::uint64_t gaps = 0;            // a delta did not continue the one before
  std::uint64_t crossings = 0;       // levels crossed after a delta
  std::uint64_t dropped_levels = 0;  // by `levels_per_side`
  std::uint64_t dropped_deltas = 0;  // pending ones, by their limits
  std::uint64_t tops = 0;            // the merged top was told, changed or as it was
};

class book {
public:
  explicit book(limits bounds = {}) : bounds_(bounds) {}

  /// refused: bid >= ask (both present). A snapshot older than the book, or than the deltas kept for it,
  /// changes nothing.
  outcome apply(const depth_snapshot& snapshot);
  /// lost: the delta does not continue the book, or crosses it.
  outcome apply(const depth_delta& delta);
  /// refused: bid >= ask (both present). A ticker not newer than the merged top changes nothing.
  outcome apply(const ticker& best);
  /// The source restarted, its update ids may start anew: back to waiting. lost, or unchanged when nothing
  /// was known.
  outcome forget();

  [[nodiscard]] state current() const noexcept { return state_; }
  /// True when `merged()` may be traded on.
  [[nodiscard]] bool known() const noexcept { return known_; }
  /// Meaningful while `known()`.
  [[nodiscard]] const top& merged() const noexcept { return merged_; }
  /// The top of the levels alone. Meaningful while synced.
  [[nodiscard]] top depth_top() const noexcept;
  /// Best first; at most `depth`. Empty unless synced.
  [[nodiscard]] std::vector<level> bids(std::size_t depth) const;
  [[nodiscard]] std::vector<level> asks(std::size_t depth) const;
  [[nodiscard]] std::uint64_t depth_update_id() const noexcept { return depth_id_; }
  [[nodiscard]] const counters& counts() const noexcept { return counts_; }

private:
  enum class step : std::uint8_t { applied, stale, gap, crossed };

  [[nodiscard]] step advance(const depth_delta& delta);
  [[nodiscard]] bool continues(const depth_delta& delta) const noexcept;
  [[nodiscard]] bool apply_pending();
  void keep(const depth_delta& delta);
  void clear_levels() noexcept;
  outcome lose(const depth_delta& delta);
  outcome merge();

  limits bounds_;
  counters counts_;
  side_levels<side_order::descending> bids_;
  side_levels<side_order::ascending> asks_;
  std::uint64_t depth_id_ = 0; // of the last delta or snapshot in the levels
  time_ns depth_event_at_{};
  bool behind_snapshot_ = false; // the next delta may overlap the snapshot instead of continuing a delta
  state state_ = state::waiting;
  bool known_ = false;
  top merged_;
  ticker last_ticker_; // the newest, also while lost
  std::deque<depth_delta> pending_;
  std::size_t pending_levels_ = 0;
};

[[nodiscard]] std::string_view to_string(state s) noexcept;

} // namespace troupe::book
