#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/gather.hpp"
#include "nodes/desk/portfolio_part.hpp"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

namespace troupe::desk {
namespace {

/// Of an order, else of an account, else of everybody.
std::vector<node_name> nodes_of_fills(const api& a, const std::optional<trading::tenant_id>& tenant, const std::optional<trading::account_id>& account,
                                      const std::optional<trading::order_id>& order) {
  if (order) return {a.node->nodes().node_of(trading::slot_name(order->slot()))};
  return nodes_of(a, tenant, account);
}

/// Fills of a slot that was given up stay at its venue until it runs again: what is known of its accounts is old, and nobody should hedge on it. `slots` is
/// what the portfolios told. Who asks for one account or order is told of its slot alone, and by this error; a list of all keeps what was told.
std::optional<error> out_of_date(const api& a, std::uint64_t& slots, const std::optional<trading::tenant_id>& tenant,
                                 const std::optional<trading::account_id>& account, const std::optional<trading::order_id>& order = {}) {
  if (!order && !account) return std::nullopt;
  const auto number = order ? order->slot() : trading::slot_of(tenant.value_or(main_tenant), *account);
  if (((std::exchange(slots, 0) >> number) & 1) == 0) return std::nullopt;
  const auto slot = trading::slot_name(number);
  const auto is_here = a.node->nodes().node_of(slot) == a.node->nodes().self();
  return fail(errc::unavailable, (is_here ? a.node->why_unanswered(slot) : std::nullopt).value_or(slot.value.str() + " was given up by its node") +
                                   "; what its venues have reported since is missing in the books");
}

/// One question to the portfolios of several nodes, its rows in one list.
template <class V, class Row, class Q>
void ask_portfolios(const api_ptr& a, const context& c, const std::vector<node_name>& nodes, const Q& q, std::vector<Row> V::*rows,
                    std::function<void(result<found_rows<Row>>)> then) {
  gather<V>(
    a, nodes,
    [a, c, q](const node_name& node, answer_to<V> done) { a->port->ask<V>(a->node->nodes().name_on(node, portfolio_name), lane::data, c, q, std::move(done)); },
    [rows, then = std::move(then)](result<gathered<V>> found) {
      if (auto why = missing_whole(found)) return then(*why);
      found_rows<Row> all;
      for (auto& [node, view] : found->answers) {
        all.rows.insert(all.rows.end(), std::make_move_iterator((view.*rows).begin()), std::make_move_iterator((view.*rows).end()));
        all.out_of_date |= view.out_of_date;
      }
      all.missing = std::move(found->missing);
      then(std::move(all));
    });
}

} // namespace

void ask_positions(const api_ptr& a, const context& c, const portfolio::positions_query& q, answer_to<found_rows<portfolio::position_view>> then) {
  ask_portfolios(a, c, nodes_of(*a, q.tenant, q.account), q, &portfolio::positions_view::positions,
                 answer_to<found_rows<portfolio::position_view>>{[a, q, then = std::move(then)](result<found_rows<portfolio::position_view>> all) {
                   if (!all) return then(all.error());
                   if (auto old = out_of_date(*a, all->out_of_date, q.tenant, q.account)) return then(*old);
                   std::stable_sort(all->rows.begin(), all->rows.end(), [](const auto& x, const auto& y) {
                     return std::tie(x.tenant, x.account, x.instrument) < std::tie(y.tenant, y.account, y.instrument);
                   });
                   then(std::move(all));
                 }});
}

void ask_cash(const api_ptr& a, const context& c, const portfolio::cash_query& q, answer_to<found_rows<portfolio::cash_view>> then) {
  ask_portfolios(a, c, nodes_of(*a, q.tenant, q.account), q, &portfolio::cash_list::cash,
                 answer_to<found_rows<portfolio::cash_view>>{[a, q, then = std::move(then)](result<found_rows<portfolio::cash_view>> all) {
                   if (!all) return then(all.error());
                   if (auto old = out_of_date(*a, all->out_of_date, q.tenant, q.account)) return then(*old);
                   std::stable_sort(all->rows.begin(), all->rows.end(), [](const auto& x, const auto& y) {
                     return std::tie(x.tenant, x.account, x.amount.ccy) < std::tie(y.tenant, y.account, y.amount.ccy);
                   });
                   then(std::move(all));
                 }});
}

void ask_fills(const api_ptr& a, const context& c, const portfolio::fills_query& q, answer_to<found_rows<portfolio::fill>> then) {
  ask_portfolios(a, c, nodes_of_fills(*a, q.tenant, q.account, q.order), q, &portfolio::fills_view::fills,
                 answer_to<found_rows<portfolio::fill>>{[a, q, then = std::move(then)](result<found_rows<portfolio::fill>> all) {
                   if (!all) return then(all.error());
                   if (auto old = out_of_date(*a, all->out_of_date, q.tenant, q.account, q.order)) return then(*old);
                   std::stable_sort(all->rows.begin(), all->rows.end(), [](const auto& x, const auto& y) { return x.decided_at > y.decided_at; });
                   if (all->rows.size() > q.limit.value) all->rows.resize(q.limit.value);
                   then(std::move(all));
                 }});
}

namespace {

/// Pages of several nodes as one: what lies behind the first end of a page that has more is left for the next.
fill_list merge(gathered<fills_found> found, std::size_t limit) {
  std::vector<std::pair<std::string, portfolio::fill>> all;
  std::optional<std::string> known_to;
  for (auto& [node, page] : found.answers) {
    if (page.next && (!known_to || *page.next < *known_to)) known_to = page.next;
    for (std::size_t i = 0; i < page.fills.size(); ++i) all.emplace_back(std::move(page.keys[i]), std::move(page.fills[i]));
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  fill_list list;
  list.missing = std::move(found.missing);
  list.next = known_to;
  for (auto& [key, f] : all) {
    if (list.fills.size() == limit) {
      list.next = key;
      break;
    }
    if (known_to && key >= *known_to) break;
    list.fills.push_back(std::move(f));
  }
  return list;
}

} // namespace

void list_fills(const api_ptr& a, const context& c, const std::string& from, const fill_scope& scope, std::size_t limit, answer_to<fill_list> then) {
  const auto old = std::make_shared<std::uint64_t>(0); // slots, as the portfolios tell
  gather<fills_found>(
    a, nodes_of_fills(*a, scope.tenant, scope.account, scope.order),
    [a, c, from, scope, limit, old](const node_name& node, answer_to<fills_found> done) {
      a->port->ask<settled>(a->node->nodes().name_on(node, portfolio_name), lane::data, c, settle_request{},
                            [a, c, from, scope, limit, node, old, done = std::move(done)](const result<settled>& ready) {
                              if (!ready) return done(ready.error());
                              *old |= ready->out_of_date;
                              const fill_rows_query q{from, a->node->nodes().slots_of(node), scope, static_cast<std::uint32_t>(limit)};
                              ask_history<fills_found>(*a, node, c, q, done);
                            });
    },
    [a, scope, limit, old, then = std::move(then)](result<gathered<fills_found>> found) {
      if (auto why = missing_whole(found)) return then(*why);
      if (auto why = out_of_date(*a, *old, scope.tenant, scope.account, scope.order)) return then(*why);
      auto list = merge(std::move(*found), limit);
      list.out_of_date = *old;
      then(std::move(list));
    });
}

} // namespace troupe::desk
