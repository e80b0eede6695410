// What a slot hears without deciding, and what it answers. What looks at finished orders too stands beside decide in core.cpp.

#include "actors/trading/oms/core.hpp"
#include "actors/trading/oms/exposure.hpp"

#include <algorithm>
#include <vector>

namespace troupe::oms {

void core::observe(view& v, const risk::lease& l) const {
  if (l.slot != config_.slot || l.epoch != v.epoch) return; // meant for an earlier life, which had shown what it held
  if (l.number <= v.newest_lease) return; // overtaken: a halt must not be undone by an old message, nor a budget that risk has lent to others come back
  const auto knows_it_is_older = [](const risk::halt& h) { return h.scope == risk::halt_scope::firm && h.halted_by == risk::own_principal; };
  if (l.limits_version < v.newest_limits && std::ranges::none_of(l.halts, knows_it_is_older)) {
    v.newer_limits = v.newest_limits; // a restored risk has forgotten what these forbid
    return;
  }
  v.lease = l;
  v.newest_lease = l.number;
  v.newest_limits = l.limits_version;
}

void core::observe(view& v, const market::heard_quote& q) const {
  if (config_.instruments.contains(q.instrument)) v.marks[q.instrument] = q;
}

orders_view core::answer(const state& s, const view&, const order_query& q) const {
  orders_view shown;
  if (const auto at = s.orders.find(q.id); at != s.orders.end()) shown.orders.push_back(at->second.order);
  return shown;
}

orders_view core::answer(const state& s, const view&, const orders_query& q) const {
  const auto is_wanted = [&](const new_order& r) { return (!q.tenant || r.tenant == *q.tenant) && (!q.account || r.account == *q.account); };
  std::vector<const order*> found;
  for (auto at = s.orders.upper_bound(q.after); at != s.orders.end() && (q.newest || found.size() < q.limit.value); ++at)
    if (is_wanted(at->second.order.request)) found.push_back(&at->second.order);
  if (q.newest) {
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(found.size(), q.limit.value));
    std::partial_sort(found.begin(), end, found.end(), [](const order* a, const order* b) { return is_newer(*a, *b); });
    found.erase(end, found.end());
  }
  orders_view shown;
  shown.orders.reserve(found.size());
  for (const auto* o : found) shown.orders.push_back(*o);
  return shown;
}

money core::exposure(const state& s, const view& v) const {
  money sum;
  for (const auto& [tenant, accounts] : s.accounts)
    for (const auto& [name, a] : accounts)
      for (const auto& [instrument, h] : a.holdings) {
        const auto at = v.marks.find(instrument);
        const auto mark = at == v.marks.end() ? price{} : middle(at->second);
        sum += mark.is_positive() ? exposure_of(h, mark) : exposure_of(h);
      }
  return sum;
}

venue_id core::venue_of(const instrument_id& id) const {
  if (const auto at = config_.instruments.find(id); at != config_.instruments.end()) return at->second.venue;
  return venue_named_by(id); // taken out of the configuration while orders in it were open
}

std::optional<currency> core::quote_of(const instrument_id& id, const currency& said) const {
  if (const auto at = config_.instruments.find(id); at != config_.instruments.end()) return at->second.quote;
  if (const auto at = config_.former_quotes.find(id); at != config_.former_quotes.end()) return at->second;
  const bool is_known = said.empty() || std::ranges::any_of(config_.instruments, [&](const auto& one) { return one.second.quote == said; }) ||
                        std::ranges::any_of(config_.former_quotes, [&](const auto& one) { return one.second == said; });
  return is_known ? std::optional{said} : std::nullopt;
}

} // namespace troupe::oms
