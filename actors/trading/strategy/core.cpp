#include "actors/trading/strategy/core.hpp"

#include "actors/trading/strategy/factory.hpp"
#include "runtime/core/assert.hpp"

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

void apply(strategy_state& now, const submitted& e) {
  auto& order = now.orders[e.order.client_id];
  order.request = e.order;
  order.quantity = e.order.quantity;
  order.limit = e.order.limit;
  ++now.next_number;
}

void apply(strategy_state& now, const cancel_intended& e) { now.orders.at(e.client_id).cancel_asked = true; }

void apply(strategy_state& now, const replace_intended& e) { now.orders.at(e.client_id).replacing = e.change; }

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
  const auto found = now.orders.find(u.client_id);
  TROUPE_ASSERT(found != now.orders.end(), "only updates of open orders are recorded");
  auto& order = found->second;
  if (u.order != order_id{}) order.id = u.order;
  if (u.filled > order.filled) { // cumulative, so that no fill counts twice
    const auto more = u.filled - order.filled;
    now.position += order.request.side == side::buy ? more : -more;
    order.filled = u.filled;
    ++now.fills;
  }
  order.status = u.status;
  settle_cancel(order, u); // it looks at the replace
  settle_replace(order, u);
  const bool unknown = u.refusal == oms::refusal::unknown_order || u.refusal == oms::refusal::order_finished;
  if (is_terminal(u.status) || unknown) now.orders.erase(found);
}

} // namespace

bool may_refuse_cancel(const own_order& order, const oms::order_update& u) {
  if (u.refusal != oms::refusal::venue_rejected || is_terminal(u.status)) return false; // the OMS itself refuses no cancel
  return order.cancel_asked || !order.replacing;
}

host::host(strategy_config config) : config_{std::move(config)} {}

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
  const auto found = now.orders.find(update.client_id);
  if (found == now.orders.end()) return; // finished before, or not ours
  // Only the market's word ends a row of refusals; and a refused cancel says nothing about what may be sent.
  const bool on_market = update.status == order_status::new_ || update.status == order_status::partially_filled ||
                         update.status == order_status::filled;
  if (update.refusal == oms::refusal::none && on_market) seen.guard.accepted();
  const bool asked = found->second.cancel_asked;
  const bool of_cancel = may_refuse_cancel(found->second, update);
  if (update.refusal != oms::refusal::none && !asked && !of_cancel) seen.guard.refused(update.refusal, at.decided_at);
  if (asked && of_cancel) seen.guard.cancel_refused(update.client_id, at.decided_at);
  actions desk{*this, now, seen.book, seen.guard, at, out};
  desk.fold(update);
  if (!desk.orders().contains(update.client_id)) seen.guard.finished(update.client_id);
  logic(seen).on_fill(update, desk);
  if (seen.book) {
    out.inputs.book = seen.book;
    out.inputs.tape = seen.book->tape;
  }
}

void host::evolve(state& now, const event& happened, actor::archive&) const {
  std::visit([&](const auto& e) { apply(now, e); }, happened);
}

strategy_view host::answer(const state& now, const view& seen, const strategy_query&) const {
  strategy_view v{config_.name, config_.kind, config_.account, config_.instrument.id, now.position, now.fills,
                  now.next_number};
  for (const auto& [id, order] : now.orders) v.orders.push_back(order);
  v.book_known = seen.book.has_value();
  v.refusals_in_row = seen.guard.in_row();
  v.stopped = seen.guard.is_stopped();
  v.quiet_until = seen.guard.quiet_until();
  return v;
}

} // namespace troupe::strategy
