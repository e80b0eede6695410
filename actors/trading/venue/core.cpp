#include "actors/trading/venue/core.hpp"

#include "actors/trading/venue/turn.hpp"
#include "runtime/core/assert.hpp"

#include <algorithm>

namespace troupe::venue {

const report* report_of(const simulator_event& event) noexcept {
  return std::visit(
    [](const auto& e) -> const report* {
      if constexpr (requires { e.report; }) return &e.report;
      else return nullptr;
    },
    event);
}

simulator::simulator(simulator_config config) : config_{std::move(config)} {
  for (const auto& [id, what] : config_.instruments)
    TROUPE_ASSERT(what.tick_size.is_positive() && what.lot_size.is_positive(), "the configuration was checked before");
}

void simulator::decide(const state& now, view& market, const command& what, const actor::turn_context& at,
                       output& out) const {
  turn t{*this, now, market, at, out};
  struct {
    turn& t;
    void operator()(const submit& c) const { t.submit(c); }
    void operator()(const cancel& c) const { t.cancel(c); }
    void operator()(const replace& c) const { t.replace(c); }
  } run{t};
  std::visit(run, what);
}

void simulator::decide(const state& now, view& market, const market::market_batch& said, const actor::turn_context& at,
                       output& out) const {
  turn t{*this, now, market, at, out};
  for (const auto& item : said.events)
    std::visit(
      [&](const auto& e) {
        const auto before = out.events.size();
        t.on(e);
        if (out.events.size() != before) out.inputs.tape = e.tape;
      },
      item);
}

void simulator::decide(const state& now, view& market, const day_closed& what, const actor::turn_context& at,
                       output& out) const {
  turn{*this, now, market, at, out}.close_day(what.closed_at);
}

void simulator::decide(const state& now, view& market, const slot_opened& what, const actor::turn_context& at,
                       output& out) const {
  turn{*this, now, market, at, out}.open_slot(what);
}

mass_cancel_report simulator::decide(const state& now, view& market, const mass_cancel& what, const actor::turn_context& at,
                                     output& out) const {
  return turn{*this, now, market, at, out}.cancel_all(what);
}

open_orders simulator::answer(const state& now, const view& market, const open_orders_query& query) const {
  open_orders reply;
  reply.unacknowledged = market.unacknowledged;
  reply.venue = config_.venue;
  reply.sequence = now.sequence;
  if (const auto seen = now.slots.find(query.slot); seen != now.slots.end()) {
    if (query.epoch < seen->second.epoch) {
      reply.fenced = true;
      return reply;
    }
    reply.highest_number = seen->second.highest_number;
  }
  for (auto i = now.open.lower_bound(order_id::make(query.slot, 0)); i != now.open.end() && i->first.slot() == query.slot; ++i)
    reply.orders.push_back(i->second.order);
  return reply;
}

fills_since simulator::answer(const state& now, const view& market, const fills_since_query& query) const {
  auto reply = market.missed;
  reply.venue = config_.venue;
  if (const auto seen = now.slots.find(query.slot); seen != now.slots.end()) {
    reply.epoch = seen->second.epoch;
    reply.highest_number = seen->second.highest_number;
  }
  const auto known = std::max(reply.epoch, market.heard);
  reply.fenced = query.epoch < known;
  const bool has_nothing = query.last_number == 0 && query.sequence == 0;
  if (reply.fenced || has_nothing) reply.epoch = known; // else commands may be this life's own, also of orders that came back and are withdrawn
  return reply;
}

order_view simulator::answer(const state& now, const view&, const order_query& query) const {
  const auto seen = now.slots.find(query.id.slot());
  if (seen != now.slots.end() && query.epoch < seen->second.epoch) return {order_standing::never_received, std::nullopt, true};
  if (const auto found = now.open.find(query.id); found != now.open.end())
    return {order_standing::open, found->second.order};
  const bool received = seen != now.slots.end() && query.id.number() <= seen->second.highest_number;
  return {received ? order_standing::finished : order_standing::never_received, std::nullopt};
}

} // namespace troupe::venue
