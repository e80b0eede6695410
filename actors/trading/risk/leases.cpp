// Budgets: how much of the firm's exposure each slot may use, on record before anybody uses it.

#include "actors/trading/risk/core.hpp"

#include <algorithm>

namespace troupe::risk {
namespace {

/// Smaller changes of a budget are not worth a turn: this part of the firm's maximum.
constexpr std::int64_t grains = 4096;
/// For how long an unmet wish makes idle slots give back; slots repeat theirs as long.
constexpr nanoseconds short_for = std::chrono::seconds{5};

constexpr const char* restored_reason = "risk is older than leases that slots hold: set again what was halted, blocked or limited since";

price budget_of(const state& s, std::uint32_t slot) {
  const auto at = s.budgets.find(slot);
  return at == s.budgets.end() ? price{} : at->second;
}

struct usage {
  int128 exposure = 0; // of all slots; of one that has not asked yet, its budget
  int128 others = 0;   // what the others may use, or use by now where marks have moved
};

usage usage_of(const state& s, const view& v, std::uint32_t slot) {
  usage u;
  for (const auto& [other, seen] : v.slots) {
    u.exposure += seen.exposure.units;
    if (other != slot) u.others += std::max(seen.exposure, budget_of(s, other)).units;
  }
  for (const auto& [other, budget] : s.budgets) {
    if (v.slots.contains(other)) continue;
    u.exposure += budget.units;
    if (other != slot) u.others += budget.units;
  }
  return u;
}

/// Risk's folder was lost or restored. Halts, blocks and limits that slots held by it may be gone, and nobody but a person knows which. One that was
/// put on the firm for another reason gives way: lifting it would say nothing about these. False when the firm is halted for it already.
bool halt_restored(const state& s, const core::turn_context& ctx, core::output& out) {
  const auto firm = std::ranges::find(s.halts, halt_scope::firm, &halt::scope);
  if (firm != s.halts.end() && firm->halted_by == own_principal) return false;
  out.events.push_back(halted{{halt_scope::firm, {}, restored_reason, own_principal, ctx.decided_at, {}}});
  return true;
}

} // namespace

void core::decide(const state& s, view&, const newer_limits& held, const turn_context& ctx, output& out) const {
  if (held.limits_version > s.version) halt_restored(s, ctx, out);
}

lease core::refused(const state& s, view& v, std::uint32_t slot) const {
  auto none = grant(s, v, slot, {}, {});
  none.number = 0;
  none.expires_at = {};
  return none;
}

lease core::decide(const state& s, view& v, const lease_request& r, const turn_context& ctx, output& out) const {
  if (const auto seen = v.slots.find(r.slot); seen != v.slots.end() && r.epoch < seen->second.epoch) return refused(s, v, r.slot);
  const bool is_older = r.held > v.last_number;
  v.last_number = std::max(v.last_number, r.held);
  auto& mine = v.slots[r.slot];
  mine.epoch = r.epoch;
  mine.clock_ahead = r.asked_at - ctx.decided_boot;
  mine.exposure = std::max(r.exposure.value, price{});
  if (is_older && halt_restored(s, ctx, out)) return refused(s, v, r.slot); // the halt is with every slot when it is on record

  const auto most = int128{config_.firm_exposure_max.units};
  const auto u = usage_of(s, v, r.slot);
  const int128 used = mine.exposure.units, given = budget_of(s, r.slot).units;
  const int128 room = std::max<int128>(most - u.others, 0);
  const int128 share = std::max<int128>(most - u.exposure, 0) / config_.slots;
  const int128 wanted = r.wanted.value.units <= room ? r.wanted.value.units : 0;
  if (wanted < r.wanted.value.units) v.is_short_until = ctx.decided_boot + short_for;
  const bool gives = ctx.decided_boot < v.is_short_until && r.wanted.value.is_zero(); // for whoever wants
  const int128 idle_most = gives ? share / 2 : share;
  if (!ctx.has_space) return renewed(s, v, r.slot, r.asked_at); // the last of the disk is for halts
  const auto set = [&](int128 budget) {
    out.events.push_back(budget_set{r.slot, {price{static_cast<std::int64_t>(budget)}}, {config_.firm_exposure_max}}); // at most that
    return budget;
  };

  const int128 fitting = std::max(std::min(used + share / 2, room), wanted);
  int128 budget = mine.offered ? mine.offered->budget.units : given;
  if (budget - used < share / 4 || wanted > budget || given == 0) {
    mine.offered.reset();
    budget = fitting - given > (wanted > given ? 0 : most / grains) ? set(fitting) : given;
  } else if (mine.offered && r.held >= mine.offered->number) {
    mine.offered.reset();
    budget = set(budget);
  } else if (const auto enough = std::max(fitting, used); !mine.offered && given > std::max(used, wanted) + idle_most && given - enough > most / grains) {
    mine.offered = {v.last_number + 1, price{static_cast<std::int64_t>(enough)}};
    budget = enough;
  }
  return grant(s, v, r.slot, price{static_cast<std::int64_t>(budget)}, r.asked_at);
}

lease core::renewed(const state& s, view& v, std::uint32_t slot, boot_ns asked_at) const {
  const auto& offered = v.slots[slot].offered;
  return grant(s, v, slot, offered ? offered->budget : budget_of(s, slot), asked_at);
}

lease core::grant(const state& s, view& v, std::uint32_t slot, price budget, boot_ns asked_at) const {
  return {slot, ++v.last_number, s.version, asked_at + config_.lease_duration, {budget}, fallback_of(s), accounts_of(s), s.halts, s.blocked,
          v.slots[slot].epoch};
}

} // namespace troupe::risk
