#include "actors/trading/oms/exposure.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>

namespace troupe::oms {
namespace {

// A division of 128 bits is a function call, and most holdings are flat with nothing to close: those need none.

int128 value_of(int128 quantity_units, price p) noexcept {
  if (quantity_units == 0) return 0;
  return divide(quantity_units * p.units, scale, rounding::half_even);
}

/// Of one side: what of it does not close the position, dearest first.
int128 opening_value(const money& side, const std::vector<lot>& lots, int128 open, int128 closing) noexcept {
  if (closing == 0) return side.units;
  int128 left = open - closing, value = 0;
  for (auto at = lots.rbegin(); at != lots.rend() && left > 0; ++at) {
    const auto taken = std::min<int128>(left, at->quantity.units);
    value += divide(taken * at->reserve.units, scale, rounding::up);
    left -= taken;
  }
  return std::min(side.units, value);
}

std::vector<lot>& lots_of(holding& h, side s) noexcept { return s == side::buy ? h.buys : h.sells; }

} // namespace

contribution contribution_of(const working& w) noexcept {
  const auto& o = w.order;
  contribution c{o.quantity - o.filled, notional(o.reserve, o.quantity - o.filled, {}), o.reserve};
  if (w.replace_pending() && w.asked_quantity > o.filled) {
    const auto asked = w.asked_quantity - o.filled;
    c.quantity = std::max(c.quantity, asked);
    c.notional.units = std::max(c.notional.units, notional(w.asked_reserve, asked, {}).units);
    c.reserve = std::max(c.reserve, w.asked_reserve);
  }
  return c;
}

money exposure_of(const holding& h, price mark) noexcept {
  const int128 position = h.position.units;
  const int128 buys = h.open_buy.units, sells = h.open_sell.units;
  const int128 closing_buys = std::min(buys, std::max<int128>(-position, 0));
  const int128 closing_sells = std::min(sells, std::max<int128>(position, 0));
  const int128 units = value_of(position < 0 ? -position : position, mark) +
                       opening_value(h.open_buy_notional, h.buys, buys, closing_buys) +
                       opening_value(h.open_sell_notional, h.sells, sells, closing_sells);
  return {units, {}};
}

void add(holding& h, side s, const contribution& c) {
  if (!c.quantity.is_positive()) return; // all of it is filled
  const lot one{c.reserve, c.quantity};
  auto& lots = lots_of(h, s);
  lots.insert(std::upper_bound(lots.begin(), lots.end(), one), one);
  (s == side::buy ? h.open_buy : h.open_sell) += c.quantity;
  (s == side::buy ? h.open_buy_notional : h.open_sell_notional) += c.notional;
}

void take(holding& h, side s, const contribution& c) {
  if (!c.quantity.is_positive()) return;
  const lot one{c.reserve, c.quantity};
  auto& lots = lots_of(h, s);
  const auto at = std::lower_bound(lots.begin(), lots.end(), one);
  TROUPE_ASSERT(at != lots.end() && *at == one, "every open order is in its holding as it was added");
  lots.erase(at);
  (s == side::buy ? h.open_buy : h.open_sell) -= c.quantity;
  (s == side::buy ? h.open_buy_notional : h.open_sell_notional) -= c.notional;
}

price middle(const market::quote& q) noexcept {
  if (q.bid.is_positive() && q.ask.is_positive())
    return {static_cast<std::int64_t>((int128{q.bid.units} + q.ask.units) / 2)};
  return q.bid.is_positive() ? q.bid : q.ask.is_positive() ? q.ask : price{};
}

} // namespace troupe::oms
