// The arithmetic of positions: every unit of a trade's or correction's notional goes into basis or into realized, none is lost.

#include "actors/trading/portfolio/core.hpp"
#include "runtime/core/assert.hpp"

#include <algorithm>

namespace troupe::portfolio {
namespace {

/// value x part / whole, half-even, without a product that could leave 128 bits. 0 <= part <= whole, whole > 0.
int128 share(int128 value, int128 part, int128 whole) noexcept {
  const int128 times = value / whole, rest = value % whole;
  const int128 odd = times * part % 2; // it is rounded with the rest: the neighbour that is even in sum is meant
  return times * part - odd + divide(rest * part + odd * whole, whole, rounding::half_even);
}

int128 absolute(int128 n) noexcept { return n < 0 ? -n : n; }

} // namespace

void book(position& p, quantity signed_quantity, price at, const money& total, const money& fee) {
  TROUPE_ASSERT(!signed_quantity.is_zero(), "a trade has a quantity");
  correct(p, signed_quantity, at, total, fee);
  ++p.fills;
}

void correct(position& p, quantity signed_quantity, price at, const money& total, const money& fee) {
  const int128 held = p.quantity.units, traded = signed_quantity.units;
  const bool opposite = (held > 0 && traded < 0) || (held < 0 && traded > 0);
  const int128 closed = opposite ? std::min(absolute(held), absolute(traded)) : 0;
  const int128 sign = traded > 0 ? 1 : -1;

  int128 opening = total.units; // what is not closing: the rest, so that both add up to the trade
  if (closed > 0) {
    const bool all = closed == absolute(traded);
    const int128 closing = all ? total.units : divide(closed * at.units, scale, rounding::half_even);
    opening -= closing;
    const int128 removed = closed == absolute(held) ? p.cost_basis.units : share(p.cost_basis.units, closed, absolute(held));
    p.realized += money{-sign * closing - removed, total.ccy};
    p.cost_basis -= money{removed, total.ccy};
  }
  p.cost_basis += money{sign * opening, total.ccy};
  p.realized += money{0, total.ccy};
  p.fees += money{fee.units, total.ccy};
  p.quantity += signed_quantity;
}

} // namespace troupe::portfolio
