#include "actors/trading/oms/halts.hpp"

#include "actors/trading/oms/sentence.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace troupe::oms {
namespace {

/// Of one turn: what it takes to write and send them is not to keep a cancel waiting.
constexpr std::size_t enforced_per_turn = 256;

const risk::halt* find_halt(const std::vector<risk::halt>& halts, risk::halt_scope scope, std::string_view key) {
  const auto wanted = std::pair{scope, key};
  const auto at = std::ranges::lower_bound(halts, wanted, {}, [](const risk::halt& h) { return std::pair{h.scope, h.key.view()}; });
  return at != halts.end() && at->scope == scope && at->key.view() == key ? &*at : nullptr;
}

bool is_to_wait(const view& v, const order_id& id, boot_ns now) {
  const auto at = v.refused_withdrawals.find(id);
  return at != v.refused_withdrawals.end() && now < at->second.not_before;
}

} // namespace

const risk::halt* halt_over(const std::vector<risk::halt>& halts, const new_order& asked, const venue_id& at) {
  if (halts.empty()) return nullptr;
  using enum risk::halt_scope;
  const std::pair<risk::halt_scope, std::string_view> scopes[] = {{strategy, asked.strategy.value.view()},
                                                                  {account, asked.account.value.view()},
                                                                  {instrument, asked.instrument.value.view()},
                                                                  {venue, at.value.view()},
                                                                  {firm, {}}};
  for (const auto& [scope, key] : scopes)
    if (scope == firm || !key.empty())
      if (const auto* h = find_halt(halts, scope, key)) return h;
  return nullptr;
}

std::string why_halted(const risk::halt& h) {
  std::string what = boost::describe::enum_to_string(h.scope, "?");
  if (!h.key.empty()) what += " " + h.key.str();
  return sentence(what + " is halted by " + h.halted_by.value.str() + ": " + h.reason.str());
}

const risk::halt* core::unenforced(const state& s, const view& v, boot_ns now) const {
  if (!v.lease || v.lease->halts.empty()) return nullptr;
  for (const auto& [id, w] : s.orders)
    if (!w.order.cancel_asked && !is_to_wait(v, id, now))
      if (const auto* h = halt_over(v.lease->halts, w.order.request, venue_of(w.order.request.instrument))) return h;
  return nullptr;
}

void core::decide(const state& s, view& v, const enforce_halt& asked, const turn_context& ctx, output& out) const {
  if (!v.lease) return;
  for (const auto& [id, w] : s.orders) {
    if (out.events.size() == enforced_per_turn) return;
    const auto& request = w.order.request;
    if (w.order.cancel_asked || is_to_wait(v, id, ctx.decided_boot)) continue;
    const auto* h = halt_over(v.lease->halts, request, venue_of(request.instrument));
    if (h && h->scope == asked.scope && h->key == asked.key) out.events.push_back(order_withdrawn{id, ctx.decided_at, request.instrument, {why_halted(*h)}});
  }
}

} // namespace troupe::oms
