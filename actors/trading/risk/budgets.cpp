#include "actors/trading/risk/budgets.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>
#include <vector>

namespace troupe::risk {
namespace {

/// What one slot that may be lent to, or lent less, has and asks for.
struct claim {
  std::uint32_t slot = 0;
  int128 given = 0;
  int128 used = 0;
  int128 base = 0;
  int128 idle = 0;

  [[nodiscard]] int128 asked() const { return base - used; }
  [[nodiscard]] int128 promised() const { return asked() > 0 ? std::max<int128>(base - given, 0) : 0; }
  [[nodiscard]] int128 lack(int128 grain) const {
    const auto missing = base + idle - given;
    return promised() > 0 || (given < base + idle / 2 && missing > grain) ? missing : 0;
  }
};

/// All of them, and what of the firm's is not theirs to ask for.
struct firm_claims {
  std::vector<claim> claims;
  std::uint32_t away = 0; // slots that have a budget and do not ask
  int128 budgets = 0;     // of everybody, or what is used where that is more
  int128 left = 0;        // of the firm's maximum when everybody keeps what is used, who is away its budget
};

/// What one slot holds for itself, whatever risk decides.
int128 held(int128 given, int128 used) { return std::max(given, used); }

firm_claims claims_of(const pool& firm, const state& s, const view& v, boot_ns now) {
  firm_claims all;
  all.left = firm.firm_exposure_max.units;
  const auto budget_of = [&](std::uint32_t slot) {
    const auto at = s.budgets.find(slot);
    return at == s.budgets.end() ? int128{0} : int128{at->second.units};
  };
  for (const auto& [slot, seen] : v.slots) {
    const claim c{slot, budget_of(slot), seen.exposure.units, std::max<int128>(seen.exposure.units, seen.wanted.units), 0};
    all.budgets += held(c.given, c.used);
    const bool is_away = now - seen.heard_at > firm.heard_within;
    all.left -= is_away ? held(c.given, c.used) : c.used;
    if (is_away) ++all.away;
    else all.claims.push_back(c);
  }
  for (const auto& [slot, budget] : s.budgets) {
    if (v.slots.contains(slot)) continue;
    ++all.away;
    all.budgets += budget.units;
    all.left -= budget.units;
  }
  all.left = std::max<int128>(all.left, 0);
  return all;
}

/// The greatest amount such that nobody gets more of `pot` than that, and nobody more than it demands.
int128 level_of(std::vector<int128> demands, int128 pot) {
  std::sort(demands.begin(), demands.end());
  for (std::size_t i = 0; i < demands.size(); ++i) {
    const auto each = pot / static_cast<int128>(demands.size() - i);
    if (demands[i] > each) return each;
    pot -= demands[i];
  }
  return demands.empty() ? int128{0} : demands.back();
}

/// Idle room for each. Who has not asked yet and has no budget is kept some as well.
void spread_idle(const pool& firm, firm_claims& all) {
  int128 left = all.left;
  for (const auto& c : all.claims) left -= c.asked();
  left = std::max<int128>(left, 0);
  const auto asking = static_cast<std::uint32_t>(all.claims.size());
  const auto sharing = std::max(firm.slots > all.away ? firm.slots - all.away : 1u, std::max(asking, 1u));
  const int128 share = left / sharing, account = firm.account_exposure_max.units;
  const int128 least = 3 * account <= 2 * share ? std::max(account, share / 2) : share / 2;
  std::vector<int128> demands(sharing, least);
  for (std::size_t i = 0; i < all.claims.size(); ++i) demands[i] += all.claims[i].base;
  const auto level = level_of(demands, left * 3 / 4);
  for (std::size_t i = 0; i < all.claims.size(); ++i) all.claims[i].idle = std::min(demands[i], level);
}

} // namespace

part part_of(const pool& firm, const state& s, const view& v, std::uint32_t slot, boot_ns now) {
  auto all = claims_of(firm, s, v, now);
  for (auto& c : all.claims)
    if (c.asked() > all.left) c.base = c.used; // no giving back would make room for that
  spread_idle(firm, all);
  const auto mine = std::ranges::find(all.claims, slot, &claim::slot);
  TROUPE_ASSERT(mine != all.claims.end(), "a budget is set for a slot that asks");
  part p{mine->given, mine->used, mine->base, mine->idle, {}, {}, all.left + mine->used, false, false};
  const int128 most = firm.firm_exposure_max.units;
  int128 on_record = 0;
  for (const auto& [any, budget] : s.budgets) on_record += budget.units;
  p.is_overlent = on_record > most;
  p.room = std::max<int128>(most - (all.budgets - held(mine->given, mine->used)), 0);
  int128 lack = 0;
  for (const auto& c : all.claims) {
    if (c.slot == slot) continue;
    p.promised += c.promised();
    lack += c.lack(firm.grain);
  }
  p.promised = std::min(p.promised, p.room);
  p.others_lack = lack > std::max<int128>(most - all.budgets, 0);
  return p;
}

} // namespace troupe::risk
