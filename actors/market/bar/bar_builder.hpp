#pragma once
// Trades of one instrument to bars of one interval, by the venue's clock. Pure: time comes in with trades and
// ticks. Owned by one bar actor; not thread-safe.

#include "actors/market/messages.hpp"
#include "runtime/core/result.hpp"

#include <cstdint>
#include <optional>

namespace troupe::bar {

struct counters {
  std::uint64_t trades = 0;  // in bars
  std::uint64_t bars = 0;    // handed out; intervals without a trade have none
  std::uint64_t late = 0;    // of an interval already handed out: left out, a bar never changes
  std::uint64_t refused = 0; // of another instrument, not positive, or from the future
};

class bar_builder {
public:
  /// How far the venue's clock may be ahead of ours; a trade beyond it would close every bar before its time.
  static constexpr nanoseconds clock_ahead_max = std::chrono::minutes{1};

  /// `interval` is between 1 ms and 1 day; bars begin at its multiples since 1970. Errors: out_of_range.
  [[nodiscard]] static result<bar_builder> create(market::instrument_id instrument, nanoseconds interval);

  /// Adds a trade at its `event_at` (`received_at` where the venue does not say). Returns the bar before,
  /// when the trade lies behind its end.
  [[nodiscard]] std::optional<market::bar> on_trade(const market::trade& t);
  /// The venue's clock has reached `now`. Returns the bar that is over, if any.
  [[nodiscard]] std::optional<market::bar> on_clock(time_ns now);

  /// The bar being built; nothing before its first trade.
  [[nodiscard]] const std::optional<market::bar>& open() const noexcept { return open_; }
  [[nodiscard]] const counters& counts() const noexcept { return counts_; }

private:
  bar_builder(market::instrument_id instrument, nanoseconds interval) : instrument_(instrument), interval_(interval) {}

  [[nodiscard]] bool acceptable(const market::trade& t, time_ns at) const noexcept;

  market::instrument_id instrument_;
  nanoseconds interval_;
  std::optional<market::bar> open_;
  time_ns closed_until_{}; // intervals that begin before it are over
  counters counts_;
};

} // namespace troupe::bar
