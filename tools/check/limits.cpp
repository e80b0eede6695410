// I7: what an order may add, against the limits in force when it was taken and the slot's budget that was on record then, by hybrid
// time over all journals. Exposure is the account's and the slot's as the turn read it (marks of other instruments are not journaled)
// plus what the order raises it by, recomputed here. Not recomputed: the collar.

#include "tools/check/ledger.hpp"

#include <algorithm>

namespace troupe::check {

void ledger::count(stake& s, const order_facts& f, const open_order& o, int sign) const {
  const auto side = o.request.side == side::buy ? 0u : 1u;
  int128 open = int128{f.quantity_.units} - f.filled.units;
  int128 value = notional(o.reserve, {static_cast<std::int64_t>(open)}, {}).units;
  auto reserve = o.reserve;
  if (o.replace_quantity > f.filled) { // nobody knows yet which of the two the venue has: the larger counts
    const auto asked = o.replace_quantity - f.filled;
    open = std::max<int128>(open, asked.units);
    value = std::max(value, notional(o.replace_reserve, asked, {}).units);
    reserve = std::max(reserve, o.replace_reserve);
  }
  s.open[side] += sign * open;
  s.notional[side] += sign * value;
  if (open <= 0) return;
  const oms::lot one{reserve, {static_cast<std::int64_t>(open)}};
  auto& all = s.lots[side];
  const auto at = std::ranges::lower_bound(all, one);
  if (sign > 0) all.insert(at, one);
  else if (at != all.end() && *at == one) all.erase(at);
}

int128 exposure_of(const stake& s, price mark, bool up) {
  const auto mode = up ? rounding::up : rounding::down;
  const int128 held = s.position < 0 ? -s.position : s.position;
  int128 sum = divide(held * mark.units, scale, mode);
  for (const int side : {0, 1}) {
    const int128 closes = side == 0 ? std::max<int128>(-s.position, 0) : std::max<int128>(s.position, 0);
    const int128 opening = s.open[side] - std::min(s.open[side], closes);
    if (opening <= 0) continue;
    if (closes <= 0) {
      sum += s.notional[side];
      continue;
    }
    // Whichever orders of the side fill first and close: those that are left are not dearer than its dearest.
    int128 closing = s.open[side] - opening, left = 0;
    for (const auto& [reserve, quantity] : s.lots[side]) {
      const auto closed = std::min<int128>(closing, quantity.units);
      closing -= closed;
      left += divide((int128{quantity.units} - closed) * reserve.units, scale, mode);
    }
    sum += std::min(s.notional[side], left);
  }
  return sum;
}

void ledger::check_limits(const moment& m, order_id id, const oms::new_order& request, const stake& before,
                          const stake& after, const growth& g) {
  const auto limits = risk_.limits_of(request.account, m.turn.inputs.limits_version, m.header.hybrid_time);
  if (!limits) {
    if (g.is_new) ++without_limits_; // a replace is of an order that was counted
    return;
  }
  auto& rule = report_.exposure;
  const auto within = [&](const char* what, int128 used, int128 allowed, bool whole = false) {
    rule.expect(used <= allowed, [&] {
      const auto show = [&](int128 n) { return whole ? std::to_string(static_cast<std::int64_t>(n)) : format_scaled(n); };
      return where(m, id) + "was taken with " + what + ' ' + show(used) + ", allowed are " + show(allowed);
    });
  };
  const auto& a = account_of(request);
  within("quantity", g.size.units, limits->order_quantity_max.units);
  const auto& in = m.turn.inputs;
  const auto expected = request.type == order_type::limit ? g.reserve : request.side == side::buy ? in.ask : in.bid;
  within("notional", notional(expected, g.size, {}).units, limits->order_notional_max.value.units);
  if (g.is_new) within("open orders", a.open_orders, limits->open_orders_max, true);
  within("orders in its second", static_cast<int128>(a.in_second), limits->orders_per_second_max, true);

  const auto side = request.side == side::buy ? 0u : 1u;
  if (g.is_new || after.open[side] > g.open_before)
    within("position and open orders of its side", (side == 0 ? after.position : -after.position) + after.open[side],
           limits->position_max.units);
  if (const auto raise = raise_of(m, before, after, g); raise > 0)
    within("account exposure", m.turn.inputs.account_exposure.units + raise, limits->exposure_max.value.units);
}

int128 ledger::raise_of(const moment& m, const stake& before, const stake& after, const growth& g) {
  if (!m.alone || !g.mark.is_positive()) return 0;
  return exposure_of(after, g.mark, false) - exposure_of(before, g.mark, true);
}

void ledger::check_budget(const moment& m, order_id id, const stake& before, const stake& after, const growth& g) {
  const auto raise = raise_of(m, before, after, g);
  if (raise <= 0) return;
  if (!risk_.knows_budgets_at(m.header.hybrid_time)) {
    ++without_budgets_;
    return;
  }
  const auto used = m.turn.inputs.slot_exposure.units + raise;
  const auto budget = risk_.budget_of(m.slot, m.header.hybrid_time);
  report_.exposure.expect(budget && used <= *budget, [&] {
    return where(m, id) + "was taken with slot exposure " + format_scaled(used) + ", " +
           (budget ? "its budget then was " + format_scaled(*budget) : "and the slot had no budget then");
  });
}

} // namespace troupe::check
