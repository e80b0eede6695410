#pragma once
// Simple two-sided quoting: a bid and an offer around the middle of the book, moved against the position it holds and
// pulled where the position would grow past its limit. Never crosses the book; without one its quotes are withdrawn.

#include "actors/trading/strategy/logic.hpp"
#include "actors/trading/strategy/parameters.hpp"

namespace troupe::strategy {

struct quoter_parameters {
  std::int64_t spread_ticks = 2;  // between its bid and offer, [1, 100000]
  troupe::quantity size;          // of each quote
  troupe::quantity position_max;  // |position| its quotes may lead to; at least `size`
  std::int64_t skew_ticks = 0;    // its middle moves by this at the full position, [0, 100000]
  std::int64_t requote_ticks = 1; // a quote this far from where it should be is moved, [1, 100000]
};

/// Violations stay in `given`.
[[nodiscard]] quoter_parameters read_quoter(parameters& given, const trading::instrument& what);

class quoter final : public strategy_logic {
public:
  explicit quoter(const quoter_parameters& p) : p_{p} {}

  void on_quote(const market::quote& quote, actions& desk) override;
  void on_book_lost(actions& desk) override;
  void on_fill(const oms::order_update& update, actions& desk) override;

private:
  void quote_side(side s, std::optional<price> wanted, actions& desk) const;
  [[nodiscard]] std::optional<price> wanted_price(side s, const market::quote& book, const actions& desk) const;

  quoter_parameters p_;
};

} // namespace troupe::strategy
