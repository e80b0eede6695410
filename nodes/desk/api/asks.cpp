#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/asks.hpp"

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/portfolio_part.hpp"

#include <algorithm>

namespace troupe::desk {
namespace {

actor_name slot_actor(const oms::new_order& o) { return trading::slot_name(trading::slot_of(o.tenant, o.account)); }

/// Open orders of several slots while their answers come in.
struct gathering {
  order_list_query query;
  answer_to<order_list> then;
  std::uint32_t last_slot = 0;
  std::size_t waiting = 0;
  std::optional<error> failed;
  std::vector<oms::order> open;
  std::uint64_t known_to = UINT64_MAX; // a slot that filled its page may have more open orders above this id
};
using gathering_ptr = std::shared_ptr<gathering>;

bool wanted(const order_scope& scope, const oms::order& o) {
  return (!scope.tenant || o.request.tenant == *scope.tenant) && (!scope.account || o.request.account == *scope.account);
}

/// Merges open and finished orders; an order in both finished between the two looks.
order_list merge(gathering& g, order_rows finished) {
  if (finished.stopped_at) g.known_to = std::min(g.known_to, finished.stopped_at->value);
  auto& all = finished.orders;
  for (auto& o : g.open)
    if (wanted(g.query.scope, o)) all.push_back(std::move(o));
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  all.erase(std::unique(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id == b.id; }), all.end());
  std::erase_if(all, [&](const auto& o) { return o.id.value > g.known_to; });
  order_list page;
  if (all.size() > g.query.limit) {
    all.resize(g.query.limit);
    page.next = all.back().id;
  } else if (g.known_to != UINT64_MAX) {
    page.next = trading::order_id{g.known_to};
  }
  page.orders = std::move(all);
  return page;
}

void finish(const api_ptr& a, const gathering_ptr& g) {
  if (g->failed) return g->then(*g->failed);
  if (!g->query.finished) return g->then(merge(*g, {}));
  boost::asio::post(*a->reader, [a, g] {
    auto rows = finished_orders(*a->node->parts().journal, g->query.after, g->last_slot, g->query.scope, g->query.limit);
    if (!rows) return g->then(rows.error());
    g->then(merge(*g, std::move(*rows)));
  });
}

template <class R, class C>
void ask_risk_actor(const api& a, lane l, const context& c, const C& command, answer_to<R> then) {
  a.port->ask<R>(risk_name, l, c, command, std::move(then));
}

} // namespace

void place(const api& a, const context& c, const oms::new_order& order, answer_to<oms::order_ack> then) {
  a.counts->asked.fetch_add(1, std::memory_order_relaxed);
  a.port->ask<oms::order_ack>(slot_actor(order), lane::order, c, order,
                              [counts = a.counts, then = std::move(then)](result<oms::order_ack> ack) {
                                if (ack) {
                                  counts->answered.fetch_add(1, std::memory_order_relaxed);
                                  // What risk refused is on record and counted from there, once.
                                  if (failure_of(*ack)) counts->refuse(ack->refusal);
                                }
                                then(std::move(ack));
                              });
}

void cancel(const api& a, const context& c, trading::order_id id, answer_to<oms::order_ack> then) {
  oms::cancel_order command;
  command.order = id;
  a.port->ask<oms::order_ack>(trading::slot_name(id.slot()), lane::control, c, command, std::move(then));
}

void replace(const api& a, const context& c, const oms::replace_order& change, answer_to<oms::order_ack> then) {
  a.port->ask<oms::order_ack>(trading::slot_name(change.order.slot()), lane::order, c, change, std::move(then));
}

void check(const api& a, const context& c, const oms::new_order& order, answer_to<oms::check_view> then) {
  const auto& parts = a.node->parts();
  const oms::check_query q{order, parts.env.clock->now(), parts.env.clock->boot(), parts.journal->has_space()};
  a.port->ask<oms::check_view>(slot_actor(order), lane::order, c, q, std::move(then));
}

void find_order(const api_ptr& a, const context& c, trading::order_id id, answer_to<oms::order> then) {
  a->port->ask<oms::orders_view>(
    trading::slot_name(id.slot()), lane::order, c, oms::order_query{id},
    [a, id, then = std::move(then)](result<oms::orders_view> open) {
      if (!open) return then(open.error());
      if (!open->orders.empty()) return then(std::move(open->orders.front()));
      boost::asio::post(*a->reader, [a, id, then] {
        auto done = finished_order(*a->node->parts().journal, id);
        if (!done) return then(done.error());
        if (!*done) return then(fail(errc::not_found, "there is no order " + to_text(id)));
        then(std::move(**done));
      });
    });
}

void list_orders(const api_ptr& a, const context& c, const order_list_query& q, answer_to<order_list> then) {
  auto g = std::make_shared<gathering>();
  g->query = q;
  g->then = std::move(then);
  std::uint32_t first = q.after.slot();
  g->last_slot = trading::slot_count - 1;
  if (q.scope.account) { // one slot holds all of an account
    const auto slot = trading::slot_of(q.scope.tenant.value_or(trading::tenant_id{"main"}), *q.scope.account);
    if (first > slot) return g->then(order_list{});
    if (first < slot) g->query.after = trading::order_id::make(slot, 0);
    first = g->last_slot = slot;
  }
  const auto limit = static_cast<std::uint32_t>(std::clamp<std::size_t>(q.limit, 1, 1000));
  g->waiting = g->last_slot - first + 1;
  for (auto slot = first; slot <= g->last_slot; ++slot)
    a->port->ask<oms::orders_view>(
      trading::slot_name(slot), lane::order, c, oms::orders_query{q.scope.account, g->query.after, {limit}},
      [a, g, limit](result<oms::orders_view> open) {
        if (!open) g->failed = open.error();
        else {
          if (open->orders.size() == limit) g->known_to = std::min(g->known_to, open->orders.back().id.value);
          g->open.insert(g->open.end(), std::make_move_iterator(open->orders.begin()),
                         std::make_move_iterator(open->orders.end()));
        }
        if (--g->waiting == 0) finish(a, g);
      });
}

void list_open(const api_ptr& a, const context& c, const order_scope& scope, std::size_t limit, answer_to<order_list> then) {
  list_orders(a, c, {scope, {}, limit, false}, std::move(then));
}

void ask_positions(const api& a, const context& c, const portfolio::positions_query& q,
                   answer_to<portfolio::positions_view> then) {
  a.port->ask<portfolio::positions_view>(portfolio_name, lane::data, c, q, std::move(then));
}

void ask_cash(const api& a, const context& c, const portfolio::cash_query& q, answer_to<portfolio::cash_list> then) {
  a.port->ask<portfolio::cash_list>(portfolio_name, lane::data, c, q, std::move(then));
}

void ask_fills(const api& a, const context& c, const portfolio::fills_query& q, answer_to<portfolio::fills_view> then) {
  a.port->ask<portfolio::fills_view>(portfolio_name, lane::data, c, q, std::move(then));
}

void settle_fills(const api& a, const context& c, std::function<void(std::optional<error>)> then) {
  a.port->ask<settled>(portfolio_name, lane::data, c, settle_request{}, [then = std::move(then)](result<settled> done) {
    then(done ? std::optional<error>{} : std::optional{done.error()});
  });
}

void ask_risk(const api& a, const context& c, answer_to<risk::risk_view> then) {
  ask_risk_actor(a, lane::order, c, risk::risk_query{}, std::move(then));
}
void halt(const api& a, const context& c, const risk::halt_command& command, answer_to<risk::risk_reply> then) {
  ask_risk_actor(a, lane::control, c, command, std::move(then));
}
void resume(const api& a, const context& c, const risk::resume_command& command, answer_to<risk::risk_reply> then) {
  ask_risk_actor(a, lane::order, c, command, std::move(then));
}
void set_limits(const api& a, const context& c, const risk::set_limits& command, answer_to<risk::risk_reply> then) {
  ask_risk_actor(a, lane::order, c, command, std::move(then));
}
void block(const api& a, const context& c, const risk::block_instrument& command, answer_to<risk::risk_reply> then) {
  ask_risk_actor(a, command.blocked ? lane::control : lane::order, c, command, std::move(then));
}

void inspect(const api& a, const context& c, const actor_name& name, bool ahead, answer_to<actor::inspected> then) {
  a.port->ask<actor::inspected>(name, lane::control, c, actor::inspect_request{ahead}, std::move(then));
}

} // namespace troupe::desk
