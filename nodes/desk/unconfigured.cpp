#include "nodes/desk/unconfigured.hpp"

#include "actors/trading/oms/halts.hpp"
#include "runtime/core/counted.hpp"

#include <algorithm>

namespace troupe::desk {
namespace {

/// Of the account, whoever traded for it; zero when it holds nothing there.
quantity position_of(const oms::state& s, const strategy::place& where) {
  const auto tenant = s.accounts.find(where.tenant);
  if (tenant == s.accounts.end()) return {};
  const auto account = tenant->second.find(where.account);
  if (account == tenant->second.end()) return {};
  const auto held = account->second.holdings.find(where.instrument);
  return held == account->second.holdings.end() ? quantity{} : held->second.position;
}

} // namespace

std::map<trading::strategy_id, left_open> open_of_unconfigured(const oms::state& s, const std::set<trading::strategy_id>& configured) {
  std::map<trading::strategy_id, left_open> all;
  for (const auto& [id, w] : s.orders) {
    const auto& r = w.order.request;
    if (r.strategy.value.empty() || configured.contains(r.strategy)) continue;
    auto& left = all[r.strategy];
    ++left.orders;
    left.places.insert({r.tenant, r.account, r.instrument});
  }
  return all;
}

std::string told_of_open(const trading::strategy_id& who, const left_open& what, const oms::state& s, bool are_withdrawn) {
  std::string held;
  for (const auto& where : what.places)
    held += (held.empty() ? "" : ", ") + std::string{"account "} + where.account.value.str() + " holds " + position_of(s, where).str() + " " + where.instrument.value.str();
  return "strategy " + who.value.str() + " is not configured any more and has " + counted(what.orders, "open order") + " here, " +
         (are_withdrawn ? "withdrawn under a halt of the strategy, which `troupe resume strategy " + who.value.str() + "` lifts once it is configured again"
                        : "which stay open and nobody manages, because halt.cancels_orders is false: `troupe cancel` withdraws them") +
         "; " + held;
}

std::map<trading::venue_id, std::uint64_t> open_at_unconfigured(const oms::state& s, const std::set<trading::venue_id>& configured) {
  std::map<trading::venue_id, std::uint64_t> all;
  for (const auto& [id, w] : s.orders)
    if (const auto venue = trading::venue_named_by(w.order.request.instrument); !configured.contains(venue)) ++all[venue];
  return all;
}

std::string told_of_venue(const trading::venue_id& venue, std::uint64_t orders) {
  return "venue " + venue.value.str() + " is not configured any more and has " + counted(orders, "open order") +
         " of this slot: until it is configured again no cancel reaches it, and nobody hears of its fills";
}

std::optional<std::string> told_of_positions(const actor_name& shown, const std::vector<strategy::holding>& held) {
  std::string all;
  for (const auto& h : held)
    if (!h.position.is_zero()) all += (all.empty() ? "" : ", ") + h.position.str() + " " + h.instrument.value.str() + " for account " + h.account.value.str();
  if (all.empty()) return std::nullopt;
  return "it is not configured any more, and nobody looks after what it held by its own record: " + all + "; `troupe inspect state " + shown.value.str() +
         "` shows the record, `troupe positions` the books";
}

std::optional<std::string> told_of_halt(const risk::halt& h, const std::set<trading::strategy_id>& configured) {
  const auto is_it = [&](const trading::strategy_id& s) { return s.value.view() == h.key.view(); };
  if (h.scope != risk::halt_scope::strategy || std::ranges::none_of(configured, is_it)) return std::nullopt;
  return oms::why_halted(h) + "; it opens nothing until an operator lifts that: `troupe resume strategy " + h.key.str() + "`";
}

} // namespace troupe::desk
