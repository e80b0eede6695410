#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/gather.hpp"
#include "nodes/desk/api/pages.hpp"
#include "nodes/desk/api/v1_messages.hpp"
#include "nodes/desk/api/v1_routes.hpp"
#include "nodes/desk/slot_sets.hpp"

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;

std::vector<v1::fill_view> views_of(const std::vector<portfolio::fill>& fills) {
  std::vector<v1::fill_view> out;
  out.reserve(fills.size());
  for (const auto& f : fills) out.push_back(v1::view_of(f));
  return out;
}

void show_newest_fills(const std::shared_ptr<api>& a, const request_context& request, const v1::fills_params& p, const responder& reply) {
  portfolio::fills_query q{tenant_meant(p.tenant, p.account), p.account, p.instrument, p.order_id, {}};
  q.limit.value = p.limit ? p.limit->value : v1::page_size_fallback;
  ask_fills(a, a->context_of(request), q, [reply](result<found_rows<portfolio::fill>> seen) {
    if (seen) reply.value(v1::fills_page{views_of(seen->rows), {}, unless_none(std::move(seen->missing)), unless_none(slot_names(seen->out_of_date))});
    else reply.fail(seen.error());
  });
}

void show_fills(const std::shared_ptr<api>& a, const request_context& request, const v1::fills_params& p, const responder& reply) {
  if (p.sort.value == v1::list_order::newest) {
    if (p.cursor) return void(reply.fail(no_cursor_here()));
    return show_newest_fills(a, request, p, reply);
  }
  const auto from = p.cursor ? key_in("fills", p.cursor->view()) : std::string{};
  if (!from) return void(reply.fail(bad_cursor()));
  const fill_scope scope{tenant_meant(p.tenant, p.account), p.account, p.instrument, p.order_id};
  list_fills(a, a->context_of(request), cursor_of(*from), scope, p.limit ? p.limit->value : v1::page_size_fallback, [reply](result<fill_list> found) {
    if (found) reply.value(v1::fills_page{views_of(found->fills), next_in("fills", std::move(found->next)), unless_none(std::move(found->missing)), unless_none(slot_names(found->out_of_date))});
    else reply.fail(found.error());
  });
}

std::string key_of_position(const portfolio::position_view& p) {
  return key_of_parts(p.tenant.value.view(), p.account.value.view(), p.instrument.value.view());
}
std::string key_of_cash(const portfolio::cash_view& c) {
  return key_of_parts(c.tenant.value.view(), c.account.value.view(), c.amount.ccy.view());
}

} // namespace

void add_book_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.get<v1::positions_params, v1::positions_page>(
    "v1", "/v1/positions", "Positions with cost basis, realized and unrealized P&L, in pages.", {},
    [a](const request_context& request, const v1::positions_params& p, const responder& reply) {
      portfolio::positions_query q{tenant_meant(p.tenant, p.account), p.account, p.instrument, p.flat};
      ask_positions(a, a->context_of(request), q, [reply, p](result<found_rows<portfolio::position_view>> seen) {
        if (!seen) return void(reply.fail(seen.error()));
        auto page = page_of("positions", std::move(seen->rows), key_of_position, p.cursor, p.limit);
        if (page) reply.value(v1::positions_page{std::move(page->first), std::move(page->second), unless_none(std::move(seen->missing)), unless_none(slot_names(seen->out_of_date))});
        else reply.fail(page.error());
      });
    });
  table.get<v1::cash_params, v1::cash_page>(
    "v1", "/v1/cash", "Change of cash since the beginning, by account and currency, in pages.", {},
    [a](const request_context& request, const v1::cash_params& p, const responder& reply) {
      ask_cash(a, a->context_of(request), {tenant_meant(p.tenant, p.account), p.account}, [reply, p](result<found_rows<portfolio::cash_view>> seen) {
        if (!seen) return void(reply.fail(seen.error()));
        auto page = page_of("cash", std::move(seen->rows), key_of_cash, p.cursor, p.limit);
        if (page) reply.value(v1::cash_page{std::move(page->first), std::move(page->second), unless_none(std::move(seen->missing)), unless_none(slot_names(seen->out_of_date))});
        else reply.fail(page.error());
      });
    });
  table.get<v1::fills_params, v1::fills_page>(
    "v1", "/v1/fills", "All fills, ascending by time, in pages; or with sort=NEWEST the newest of those in memory (1000 a node), newest first.", {},
    [a](const request_context& request, const v1::fills_params& p, const responder& reply) { show_fills(a, request, p, reply); });
}

} // namespace troupe::desk
