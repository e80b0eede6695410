#pragma once
// Moving-average crossover on bars: long while the average of the last `fast` closes is above that of the last `slow`,
// short (or flat) while it is below. Reaches its target with market IOC orders, on quotes, never without a book.

#include "actors/trading/strategy/logic.hpp"
#include "actors/trading/strategy/parameters.hpp"

#include <deque>

namespace troupe::strategy {

struct ma_cross_parameters {
  std::size_t fast = 5;       // bars, [1, 10000]
  std::size_t slow = 20;      // bars, above `fast`
  troupe::quantity quantity;  // of the position it takes
  std::int64_t bar_seconds = 60;
  bool may_short = true;      // "side": "long_short" (default) or "long_only"
};

/// Violations stay in `given`.
[[nodiscard]] ma_cross_parameters read_ma_cross(parameters& given, const trading::instrument& what);

class ma_cross final : public strategy_logic {
public:
  explicit ma_cross(const ma_cross_parameters& p) : p_{p} {}

  void on_bar(const market::bar& bar, actions& desk) override;
  void on_quote(const market::quote& quote, actions& desk) override;
  [[nodiscard]] std::optional<nanoseconds> bar_interval() const override { return std::chrono::seconds{p_.bar_seconds}; }

private:
  void reach_target(actions& desk) const;

  ma_cross_parameters p_;
  std::deque<price> closes_; // the last `slow`
  int128 fast_sum_ = 0;      // of the last `fast`
  int128 slow_sum_ = 0;
  std::optional<quantity> target_; // none until warm
};

} // namespace troupe::strategy
