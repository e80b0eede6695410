#include "actors/trading/strategy/core.hpp"

#include "actors/trading/strategy/factory.hpp"
#include "runtime/core/assert.hpp"

#include <algorithm>

namespace troupe::strategy {

namespace {

/// Calls the logic for one market event; `seen.book` is up to date when it hears of it.
struct listener {
  strategy_logic& logic;
  host_view& seen;
  const instrument_id& mine;
  actions& desk;

  void operator()(const market::quote& q) const {
    if (q.instrument != mine) return;
    seen.book = q;
    logic.on_quote(q, desk);
  }
  void operator()(const market::trade& t) const {
    if (t.instrument == mine) logic.on_trade(t, desk);
  }
  void operator()(const market::bar& b) const {
    if (b.instrument == mine) logic.on_bar(b, desk);
  }
  void operator()(const market::book_lost& l) const {
    if (l.instrument != mine) return;
    seen.book.reset();
    logic.on_book_lost(desk);
  }
};

/// Requires: the order is open.
own_order& open_order(strategy_state& now, const client_order_id& id) {
  const auto found = std::ranges::find_if(now.holdings, [&](const holding& h) { return h.orders.contains(id); });
  TROUPE_ASSERT(found != now.holdings.end(), "only what is done to open orders is recorded");
  return found->orders.at(id);
}

void apply(strategy_state& now, const submitted& e) {
  auto& order = holding_at(now, place_of(e.order)).orders[e.order.client_id];
  order.request = e.order;
  order.quantity = e.order.quantity;
  order.limit = e.order.limit;
  ++now.next_number;
}

void apply(strategy_state& now, const cancel_intended& e) { open_order(now, e.client_id).cancel_asked = true; }

void apply(strategy_state& now, const replace_intended& e) { open_order(now, e.client_id).replacing = e.change; }

/// Who still wants it gone may ask again. Of a cancel that is under way after all the OMS makes no second one.
void settle_cancel(own_order& order, const oms::order_update& u) {
  if (may_refuse_cancel(order, u)) order.cancel_asked = false;
}

/// A replace is answered by an update without a fill; a refusal leaves the order as it was.
void settle_replace(own_order& order, const oms::order_update& u) {
  if (!order.replacing || !u.last_quantity.is_zero()) return;
  if (u.refusal == oms::refusal::none) {
    order.quantity = order.replacing->quantity;
    order.limit = order.replacing->limit;
  }
  order.replacing.reset();
}

void apply(strategy_state& now, const update_folded& e) {
  const auto& u = e.update;
  auto& order = open_order(now, u.client_id);
  if (u.order != order_id{}) order.id = u.order;
  if (u.filled > order.filled) { // cumulative, so that no fill counts twice
    const auto more = u.filled - order.filled;
    auto& held = holding_at(now, place_of(order.request)); // also when it trades elsewhere by now
    held.position += order.request.side == side::buy ? more : -more;
    ++held.fills;
    order.filled = u.filled;
  }
  order.status = u.status;
  settle_cancel(order, u); // it looks at the replace
  settle_replace(order, u);
  const bool unknown = u.refusal == oms::refusal::unknown_order || u.refusal == oms::refusal::order_finished;
  if (is_terminal(u.status) || unknown) holding_at(now, place_of(order.request)).orders.erase(u.client_id);
}

/// Only the market's word ends a row of refusals; and a refused cancel says nothing about what may be sent.
void weigh(refusal_guard& guard, const own_order& order, const oms::order_update& update, time_ns at) {
  const bool on_market = update.status == order_status::new_ || update.status == order_status::partially_filled ||
                         update.status == order_status::filled;
  if (update.refusal == oms::refusal::none && on_market) guard.accepted();
  if (update.refusal != oms::refusal::none && !order.cancel_asked && !may_refuse_cancel(order, update)) guard.refused(update.refusal, at);
}

void apply(strategy_state& now, const strategy_position_corrected& e) { fold_correction(now, e); }

} // namespace

bool may_refuse_cancel(const own_order& order, const oms::order_update& u) {
  if (u.refusal != oms::refusal::venue_rejected || is_terminal(u.status)) return false; // the OMS itself refuses no cancel
  return order.cancel_asked || !order.replacing;
}

host::host(strategy_config config)
  : config_{std::move(config)}, here_{config_.tenant, config_.account, config_.instrument.id} {}

const oms::new_order& host::intended(const state& now, const client_order_id& id) {
  const auto found = find_order(now, id);
  TROUPE_ASSERT(found, "only what is done to open orders is recorded");
  return found.order->request;
}

strategy_logic& host::logic(view& seen) const {
  if (!seen.logic) {
    auto made = make_logic(config_);
    TROUPE_ASSERT(made.has_value(), "the strategy's configuration was checked before");
    seen.logic = std::move(*made);
  }
  return *seen.logic;
}

void host::decide(const state& now, view& seen, const market::market_batch& said, const actor::turn_context& at,
                  output& out) const {
  actions desk{*this, now, seen.book, seen.guard, at, out};
  for (const auto& item : said.events) {
    const auto before = out.events.size();
    std::visit(listener{logic(seen), seen, config_.instrument.id, desk}, item);
    if (out.events.size() == before) continue;
    out.inputs.book = seen.book;
    out.inputs.tape = std::visit([](const auto& e) { return e.tape; }, item);
  }
}

void host::decide(const state& now, view& seen, const oms::order_update& update, const actor::turn_context& at,
                  output& out) const {
  const auto found = find_order(now, update.client_id);
  if (!found) return; // finished before, or not ours
  const bool is_here = *found.in == here_;
  if (is_here) weigh(seen.guard, *found.order, update, at.decided_at);
  if (found.order->cancel_asked && may_refuse_cancel(*found.order, update)) seen.guard.cancel_refused(update.client_id, at.decided_at);
  actions desk{*this, now, seen.book, seen.guard, at, out};
  desk.fold(update);
  if (!desk.is_open(update.client_id)) seen.guard.finished(update.client_id);
  if (!is_here) return; // of something that it trades no more the logic hears nothing
  logic(seen).on_fill(update, desk);
  if (seen.book) {
    out.inputs.book = seen.book;
    out.inputs.tape = seen.book->tape;
  }
}

void host::decide(const state& now, view& seen, const withdraw_elsewhere&, const actor::turn_context& at, output& out) const {
  actions{*this, now, seen.book, seen.guard, at, out}.withdraw_elsewhere();
}

void host::evolve(state& now, const event& happened, actor::archive&) const {
  std::visit([&](const auto& e) { apply(now, e); }, happened);
}

strategy_view host::answer(const state& now, const view& seen, const strategy_query&) const {
  strategy_view v{config_.name, config_.kind, config_.account, config_.instrument.id};
  if (const auto* held = find_holding(now, here_)) {
    v.position = held->position;
    v.fills = held->fills;
    for (const auto& [id, order] : held->orders) v.orders.push_back(order);
  }
  v.next_number = now.next_number;
  v.elsewhere = left_elsewhere(now, here_);
  v.book_known = seen.book.has_value();
  v.refusals_in_row = seen.guard.in_row();
  v.stopped = seen.guard.is_stopped();
  v.quiet_until = seen.guard.quiet_until();
  return v;
}

} // namespace troupe::strategy
