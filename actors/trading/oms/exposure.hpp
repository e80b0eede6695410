#pragma once
// How a slot's stake is counted: one pure function of a holding, and the one way to change a holding so that the sums
// above it (account, slot) stay exact.

#include "actors/trading/oms/state.hpp"

#include <utility>

namespace troupe::oms {

/// What an open order adds to its side of a holding. A pending replace counts at its larger size and value, because
/// nobody knows yet which of the two the venue has.
struct contribution {
  troupe::quantity quantity;
  money notional;
  price reserve; // the highest it may count at
};
[[nodiscard]] contribution contribution_of(const working& w) noexcept;

/// |position| x `mark` plus the open orders, less what of them would only close the position. Nobody knows which orders fill first, so the cheapest of a side
/// count as those that close: no order of it that fills at its reserve raises the sum.
[[nodiscard]] money exposure_of(const holding& h, price mark) noexcept;
[[nodiscard]] inline money exposure_of(const holding& h) noexcept { return exposure_of(h, h.valued_at); }

/// Changes one holding by `f(holding&)`, carries the difference into the sums, and forgets it when nothing is left.
template <class F>
void change_holding(state& s, account& a, const instrument_id& instrument, F&& f) {
  auto at = a.holdings.try_emplace(instrument).first;
  const money before = exposure_of(at->second);
  std::forward<F>(f)(at->second);
  const money difference = exposure_of(at->second) - before;
  a.exposure += difference;
  s.exposure += difference;
  const auto& h = at->second;
  if (h.position.is_zero() && h.open_buy.is_zero() && h.open_sell.is_zero()) a.holdings.erase(at);
}

/// Adds or takes back an order's contribution.
void add(holding& h, side s, const contribution& c);
void take(holding& h, side s, const contribution& c);

/// The middle of the quote, or the one side that is there; zero when nobody quotes.
[[nodiscard]] price middle(const market::quote& q) noexcept;

} // namespace troupe::oms
