#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/gather.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace troupe::desk {
namespace {

/// Open orders of several slots while their answers come in.
struct gathering {
  order_list_query query;
  answer_to<order_list> then;
  std::uint32_t first_slot = 0, last_slot = 0;
  std::size_t waiting = 0;
  std::optional<error> failed;
  std::vector<oms::order> open;
  std::set<node_name> missing;
  std::uint64_t out_of_date = 0; // as of order_list
  std::uint64_t known_to = UINT64_MAX; // a slot that filled its page may have more open orders above this id
};
using gathering_ptr = std::shared_ptr<gathering>;

/// Merges open and finished orders; an order in both finished between the two looks.
order_list merge(gathering& g, std::map<node_name, orders_found> finished) {
  std::vector<oms::order> all;
  for (auto& [node, found] : finished) {
    if (found.stopped_at) g.known_to = std::min(g.known_to, found.stopped_at->value);
    all.insert(all.end(), std::make_move_iterator(found.orders.begin()), std::make_move_iterator(found.orders.end()));
  }
  all.insert(all.end(), std::make_move_iterator(g.open.begin()), std::make_move_iterator(g.open.end()));
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
  page.missing.assign(g.missing.begin(), g.missing.end());
  page.out_of_date = g.out_of_date;
  return page;
}

/// The newest of both, in one page.
order_list merge_newest(gathering& g, std::vector<oms::order> all) { // finished ones first: an order in both is finished
  std::set<trading::order_id> finished;
  for (const auto& o : all) finished.insert(o.id);
  for (auto& o : g.open)
    if (!finished.contains(o.id)) all.push_back(std::move(o));
  keep_newest(all, g.query.limit);
  return {std::move(all), {}, {g.missing.begin(), g.missing.end()}, g.out_of_date};
}

void finish_newest(const api_ptr& a, const context& c, const gathering_ptr& g) {
  if (!g->query.finished) return g->then(merge_newest(*g, {}));
  list_newest_finished(a, c, g->query.scope, g->query.limit, [g](result<found_rows<oms::order>> done) {
    if (!done) return g->then(done.error());
    g->missing.insert(done->missing.begin(), done->missing.end());
    g->then(merge_newest(*g, std::move(done->rows)));
  });
}

void finish(const api_ptr& a, const context& c, const gathering_ptr& g) {
  if (g->failed) return g->then(*g->failed);
  if (g->query.newest) return finish_newest(a, c, g);
  if (!g->query.finished) return g->then(merge(*g, {}));
  std::set<node_name> nodes;
  for (auto slot = g->first_slot; slot <= g->last_slot; ++slot) nodes.insert(a->node->nodes().node_of(trading::slot_name(slot)));
  gather<orders_found>(
    a, {nodes.begin(), nodes.end()},
    [a, c, g](const node_name& node, answer_to<orders_found> done) {
      const finished_orders_query q{g->query.after, g->last_slot, a->node->nodes().slots_of(node), g->query.scope,
                                    static_cast<std::uint32_t>(g->query.limit)};
      ask_history<orders_found>(*a, node, c, q, std::move(done));
    },
    [g](result<gathered<orders_found>> found) {
      if (!found) return g->then(found.error());
      g->missing.insert(found->missing.begin(), found->missing.end());
      g->then(merge(*g, std::move(found->answers)));
    });
}

} // namespace

void find_order(const api_ptr& a, const context& c, trading::order_id id, answer_to<oms::order> then) {
  const auto slot = trading::slot_name(id.slot());
  a->port->ask<oms::orders_view>(slot, lane::data, c, oms::order_query{id}, [a, c, id, slot, then = std::move(then)](result<oms::orders_view> open) {
    if (!open) return then(open.error());
    if (!open->orders.empty()) return then(std::move(open->orders.front()));
    ask_history<finished_order_view>(*a, a->node->nodes().node_of(slot), c, finished_order_query{id}, [id, then](result<finished_order_view> done) {
      if (!done) return then(done.error());
      if (!done->order) return then(fail(errc::not_found, "there is no order " + to_text(id)));
      then(std::move(*done->order));
    });
  });
}

void list_orders(const api_ptr& a, const context& c, const order_list_query& q, answer_to<order_list> then) {
  auto g = std::make_shared<gathering>();
  g->query = q;
  g->then = std::move(then);
  g->first_slot = q.after.slot();
  g->last_slot = trading::slot_count - 1;
  if (q.scope.account) { // one slot holds all of an account
    const auto slot = trading::slot_of(q.scope.tenant.value_or(main_tenant), *q.scope.account);
    if (g->first_slot > slot) return g->then(order_list{});
    if (g->first_slot < slot) g->query.after = trading::order_id::make(slot, 0);
    g->first_slot = g->last_slot = slot;
  }
  const auto limit = static_cast<std::uint32_t>(std::clamp<std::size_t>(q.limit, 1, 1000));
  g->waiting = g->last_slot - g->first_slot + 1;
  for (auto slot = g->first_slot; slot <= g->last_slot; ++slot)
    a->port->ask<oms::orders_view>(
      trading::slot_name(slot), lane::data, c, oms::orders_query{q.scope.tenant, q.scope.account, g->query.after, {limit}, q.newest},
      [a, c, g, slot, limit](result<oms::orders_view> open) {
        const auto node = a->node->nodes().node_of(trading::slot_name(slot));
        if (open) {
          if (open->orders.size() == limit && !g->query.newest) g->known_to = std::min(g->known_to, open->orders.back().id.value);
          g->open.insert(g->open.end(), std::make_move_iterator(open->orders.begin()),
                         std::make_move_iterator(open->orders.end()));
        } else if (!g->query.scope.account && is_away(*a, node, open.error())) {
          g->missing.insert(node);
        } else if (!g->query.scope.account && open.error().code == errc::unavailable) {
          g->out_of_date |= std::uint64_t{1} << slot;
        } else {
          g->failed = open.error();
        }
        if (--g->waiting == 0) finish(a, c, g);
      });
}

void list_open(const api_ptr& a, const context& c, const order_scope& scope, std::size_t limit, answer_to<order_list> then) {
  list_orders(a, c, {scope, {}, limit, false, false}, std::move(then));
}

void list_newest_finished(const api_ptr& a, const context& c, const order_scope& scope, std::size_t limit, answer_to<found_rows<oms::order>> then) {
  gather<orders_found>(
    a, nodes_of(*a, scope.tenant, scope.account),
    [a, c, scope, limit](const node_name& node, answer_to<orders_found> done) {
      ask_history<orders_found>(*a, node, c, newest_finished_query{a->node->nodes().slots_of(node), scope, static_cast<std::uint32_t>(limit)},
                                std::move(done));
    },
    [limit, then = std::move(then)](result<gathered<orders_found>> found) {
      if (auto why = missing_whole(found)) return then(*why);
      found_rows<oms::order> all{{}, std::move(found->missing)};
      for (auto& [node, some] : found->answers)
        all.rows.insert(all.rows.end(), std::make_move_iterator(some.orders.begin()), std::make_move_iterator(some.orders.end()));
      keep_newest(all.rows, limit);
      then(std::move(all));
    });
}

} // namespace troupe::desk
