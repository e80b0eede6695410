// Budgets: what the firm may still take on, in equal shares on top of what each slot uses.

#include "actors/trading/risk/core.hpp"

#include <algorithm>

namespace troupe::risk {
namespace {

/// The largest budget of the slot that somebody may still be using.
int128 committed(const slot_leases& s, boot_ns now) {
  int128 most = 0;
  for (const auto& l : s.leases)
    if (l.expires_at > now) most = std::max<int128>(most, l.budget.units);
  return most;
}

} // namespace

lease core::grant(const state& s, view& v, const lease_request& r, boot_ns now) const {
  const auto in_force = answer(s, v, risk_query{});
  lease granted{r.slot, s.version, {}, {}, {}, in_force.fallback, in_force.accounts, in_force.halts, in_force.blocked};
  if (const auto seen = v.slots.find(r.slot); seen != v.slots.end() && r.epoch < seen->second.epoch) return granted;

  auto& mine = v.slots[r.slot];
  mine.epoch = r.epoch;
  mine.clock_ahead = r.asked_at - now;
  mine.exposure = std::max(r.exposure.value, price{});
  std::erase_if(mine.leases, [&](const outstanding& l) { return l.expires_at <= now; });

  int128 others = 0, exposure = 0;
  for (const auto& [slot, l] : v.slots) {
    if (slot != r.slot) others += committed(l, now);
    exposure += l.exposure.units;
  }
  const int128 most = config_.firm_exposure_max.units;
  const int128 share = std::max<int128>(most - exposure, 0) / config_.slots;
  int128 budget = std::min(mine.exposure.units + share, std::max<int128>(most - others, 0));
  if (now < v.forgotten_until) {
    budget = std::min<int128>(budget, std::max<std::int64_t>(r.held.value.units, 0));
    granted.collecting_until = v.forgotten_until + mine.clock_ahead;
  }

  granted.exposure_budget.value.units = static_cast<std::int64_t>(budget); // at most firm_exposure_max
  const auto ends = now + config_.lease_duration;
  granted.expires_at = ends + mine.clock_ahead;
  // The larger of two overlapping leases counts until it has run out; smaller, earlier ones need no memory.
  std::erase_if(mine.leases, [&](const outstanding& l) { return l.budget.units <= budget; });
  mine.leases.push_back({granted.exposure_budget.value, ends});
  return granted;
}

} // namespace troupe::risk
