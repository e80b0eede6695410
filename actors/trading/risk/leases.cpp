// Budgets: how much of the firm's exposure each slot may use, on record before anybody uses it.

#include "actors/trading/risk/budgets.hpp"
#include "actors/trading/risk/core.hpp"

#include <algorithm>

namespace troupe::risk {
namespace {

/// Smaller changes of a budget are not worth a turn: this part of the firm's maximum.
constexpr std::int64_t grains = 4096;

constexpr const char* restored_reason = "risk is older than leases that slots hold: set again what was halted, blocked or limited since";

price budget_of(const state& s, std::uint32_t slot) {
  const auto at = s.budgets.find(slot);
  return at == s.budgets.end() ? price{} : at->second;
}

/// Never above what the firm may have, which is a price.
price price_of(int128 units) { return price{static_cast<std::int64_t>(units)}; }

/// The budget below which it is raised: half of its idle room is gone.
int128 low(const part& p) { return (p.base <= p.given ? p.base : p.used) + p.idle / 2; }

/// What a slot's budget is raised to now, or what it is. Before everybody has asked nobody knows what is idle, and an order gets no more than twice what it takes.
int128 raised(const part& p, bool have_all_asked, int128 grain) {
  if (p.base > p.used && p.base > p.given && p.base <= p.room) {
    const int128 idle = have_all_asked ? p.idle : std::min(p.idle, p.base);
    return std::max(p.base, std::min(p.base + idle, p.room - p.promised));
  }
  const bool lacks = p.given == 0 || (have_all_asked && p.given < low(p));
  const int128 more = std::min((p.base <= p.given ? p.base : p.used) + p.idle, p.room - p.promised);
  return lacks && more - p.given > grain ? more : p.given;
}

/// What a slot is offered instead of its budget, or its budget: what is beyond twice its idle room is of no use to it; beyond once, while others lack. While
/// more is on record than there is, everybody together could use that: nobody is to use more than it does, from its first lease on.
int128 lowered(const part& p, bool have_all_asked, int128 grain) {
  if (p.is_overlent) return std::min(p.given, p.used);
  const int128 enough = p.base + p.idle, most = p.others_lack ? enough : enough + p.idle;
  const bool is_ordered = p.others_lack && p.promised > 0; // to the last of it
  return have_all_asked && p.given > most && p.given - enough > (is_ordered ? 0 : grain) ? enough : p.given;
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
  mine.wanted = std::max(r.wanted.value, price{});
  mine.heard_at = ctx.decided_boot;
  if (!v.asked_since) v.asked_since = ctx.decided_boot;
  if (is_older && halt_restored(s, ctx, out)) return refused(s, v, r.slot); // the halt is with every slot when it is on record

  const int128 grain = config_.firm_exposure_max.units / grains;
  const pool firm{config_.firm_exposure_max, fallback_of(s).exposure_max.value, config_.slots, 2 * config_.lease_duration, grain};
  const auto p = part_of(firm, s, v, r.slot, ctx.decided_boot);
  const bool have_all_asked = ctx.decided_boot - *v.asked_since >= config_.lease_duration;
  mine.reachable = have_all_asked ? price_of(std::clamp<int128>(p.reachable, p.is_overlent ? 0 : p.given, INT64_MAX)) : config_.firm_exposure_max;
  const auto less = lowered(p, have_all_asked, grain);
  if (p.is_overlent && !mine.offered && less < p.given) mine.offered = {v.last_number + 1, price_of(less)};
  if (!ctx.has_space) return renewed(s, v, r.slot, r.asked_at); // the last of the disk is for halts
  const auto set = [&](int128 budget) {
    mine.offered.reset();
    out.events.push_back(budget_set{r.slot, {price_of(budget)}, {config_.firm_exposure_max}}); // at most that
    return budget;
  };

  int128 budget = p.given;
  if (const auto more = raised(p, have_all_asked, grain); more > p.given) budget = set(more);
  else if (mine.offered && !p.is_overlent && mine.offered->budget.units < low(p)) mine.offered.reset(); // it uses more by now
  else if (mine.offered && r.held >= mine.offered->number) budget = set(mine.offered->budget.units);
  else if (mine.offered) budget = mine.offered->budget.units;
  else if (less < p.given) {
    mine.offered = {v.last_number + 1, price_of(less)};
    budget = less;
  }
  return grant(s, v, r.slot, price_of(budget), r.asked_at);
}

lease core::renewed(const state& s, view& v, std::uint32_t slot, boot_ns asked_at) const {
  const auto& offered = v.slots[slot].offered;
  return grant(s, v, slot, offered ? offered->budget : budget_of(s, slot), asked_at);
}

lease core::grant(const state& s, view& v, std::uint32_t slot, price budget, boot_ns asked_at) const {
  return {slot, ++v.last_number, s.version, asked_at + config_.lease_duration, {budget}, fallback_of(s), accounts_of(s), s.halts, s.blocked,
          v.slots[slot].epoch, {config_.firm_exposure_max}, {std::max(v.slots[slot].reachable, budget)}};
}

} // namespace troupe::risk
