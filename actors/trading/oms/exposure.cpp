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

/// Of one side: what of it does not close the position, at its worst.
int128 opening_value(const money& side, price highest, int128 open, int128 closing) noexcept {
  if (closing == 0) return side.units;
  if (closing == open) return 0;
  return std::min(side.units, divide((open - closing) * highest.units, scale, rounding::up));
}

/// The place of one order's reserve among those of its side.
std::vector<price>::const_iterator place_of(const std::vector<price>& reserves, price reserve) {
  const auto at = std::lower_bound(reserves.begin(), reserves.end(), reserve);
  TROUPE_ASSERT(at != reserves.end() && *at == reserve, "every open order's reserve is in its holding");
  return at;
}

price highest(const std::vector<price>& reserves) noexcept { return reserves.empty() ? price{} : reserves.back(); }

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

stake stake_of(const holding& h) noexcept {
  return {h.position, h.open_buy, h.open_sell, h.open_buy_notional, h.open_sell_notional, highest(h.buy_reserves), highest(h.sell_reserves)};
}

stake stake_without(const holding& h, side s, const contribution& c) noexcept {
  auto left = stake_of(h);
  (s == side::buy ? left.open_buy : left.open_sell) -= c.quantity;
  (s == side::buy ? left.open_buy_notional : left.open_sell_notional) -= c.notional;
  const auto& reserves = s == side::buy ? h.buy_reserves : h.sell_reserves;
  if (!c.quantity.is_positive() || reserves.back() != c.reserve) return left;
  (s == side::buy ? left.highest_buy : left.highest_sell) = reserves.size() > 1 ? reserves[reserves.size() - 2] : price{};
  return left;
}

void add(stake& to, side s, const contribution& c) noexcept {
  (s == side::buy ? to.open_buy : to.open_sell) += c.quantity;
  (s == side::buy ? to.open_buy_notional : to.open_sell_notional) += c.notional;
  auto& highest = s == side::buy ? to.highest_buy : to.highest_sell;
  highest = std::max(highest, c.reserve);
}

money exposure_of(const stake& s, price mark) noexcept {
  const int128 position = s.position.units;
  const int128 buys = s.open_buy.units, sells = s.open_sell.units;
  const int128 closing_buys = std::min(buys, std::max<int128>(-position, 0));
  const int128 closing_sells = std::min(sells, std::max<int128>(position, 0));
  const int128 units = value_of(position < 0 ? -position : position, mark) +
                       opening_value(s.open_buy_notional, s.highest_buy, buys, closing_buys) +
                       opening_value(s.open_sell_notional, s.highest_sell, sells, closing_sells);
  return {units, {}};
}

void add(holding& h, side s, const contribution& c) {
  if (!c.quantity.is_positive()) return; // all of it is filled
  auto& reserves = s == side::buy ? h.buy_reserves : h.sell_reserves;
  reserves.insert(std::upper_bound(reserves.begin(), reserves.end(), c.reserve), c.reserve);
  (s == side::buy ? h.open_buy : h.open_sell) += c.quantity;
  (s == side::buy ? h.open_buy_notional : h.open_sell_notional) += c.notional;
}

void take(holding& h, side s, const contribution& c) {
  if (!c.quantity.is_positive()) return;
  auto& reserves = s == side::buy ? h.buy_reserves : h.sell_reserves;
  reserves.erase(place_of(reserves, c.reserve));
  (s == side::buy ? h.open_buy : h.open_sell) -= c.quantity;
  (s == side::buy ? h.open_buy_notional : h.open_sell_notional) -= c.notional;
}

price middle(const market::quote& q) noexcept {
  if (q.bid.is_positive() && q.ask.is_positive())
    return {static_cast<std::int64_t>((int128{q.bid.units} + q.ask.units) / 2)};
  return q.bid.is_positive() ? q.bid : q.ask.is_positive() ? q.ask : price{};
}

} // namespace troupe::oms
