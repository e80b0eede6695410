#include "actors/trading/oms/exposure.hpp"

#include <algorithm>

namespace troupe::oms {
namespace {

// A division of 128 bits is a function call, and most holdings are flat with nothing to close: those need none.

int128 value_of(int128 quantity_units, price p) noexcept {
  if (quantity_units == 0) return 0;
  return divide(quantity_units * p.units, scale, rounding::half_even);
}

/// value x part / whole, rounded up, without a product that could leave 128 bits. 0 <= part <= whole.
int128 share(int128 value, int128 part, int128 whole) noexcept {
  if (part == 0) return 0;
  if (part == whole) return value;
  return value / whole * part + divide(value % whole * part, whole, rounding::up);
}

} // namespace

contribution contribution_of(const working& w) noexcept {
  const auto& o = w.order;
  contribution c{o.quantity - o.filled, notional(o.reserve, o.quantity - o.filled, {})};
  if (w.replace_pending() && w.asked_quantity > o.filled) {
    const auto asked = w.asked_quantity - o.filled;
    c.quantity = std::max(c.quantity, asked);
    c.notional.units = std::max(c.notional.units, notional(w.asked_reserve, asked, {}).units);
  }
  return c;
}

money exposure_of(const holding& h, price mark) noexcept {
  const int128 position = h.position.units;
  const int128 buys = h.open_buy.units, sells = h.open_sell.units;
  const int128 closing_buys = std::min(buys, std::max<int128>(-position, 0));
  const int128 closing_sells = std::min(sells, std::max<int128>(position, 0));
  const int128 units = value_of(position < 0 ? -position : position, mark) +
                       share(h.open_buy_notional.units, buys - closing_buys, buys) +
                       share(h.open_sell_notional.units, sells - closing_sells, sells);
  return {units, {}};
}

void add(holding& h, side s, const contribution& c) noexcept {
  (s == side::buy ? h.open_buy : h.open_sell) += c.quantity;
  (s == side::buy ? h.open_buy_notional : h.open_sell_notional) += c.notional;
}

void take(holding& h, side s, const contribution& c) noexcept {
  (s == side::buy ? h.open_buy : h.open_sell) -= c.quantity;
  (s == side::buy ? h.open_buy_notional : h.open_sell_notional) -= c.notional;
}

price middle(const market::quote& q) noexcept {
  if (q.bid.is_positive() && q.ask.is_positive())
    return {static_cast<std::int64_t>((int128{q.bid.units} + q.ask.units) / 2)};
  return q.bid.is_positive() ? q.bid : q.ask.is_positive() ? q.ask : price{};
}

} // namespace troupe::oms
