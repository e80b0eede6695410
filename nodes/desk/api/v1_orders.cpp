#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/gather.hpp"
#include "nodes/desk/api/mass_cancel.hpp"
#include "nodes/desk/api/pages.hpp"
#include "nodes/desk/api/v1_messages.hpp"
#include "nodes/desk/api/v1_routes.hpp"
#include "nodes/desk/slot_sets.hpp"

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;

oms::new_order order_of(const v1::order_request& body, const trading::client_order_id& client_id) {
  oms::new_order o;
  o.tenant = {body.tenant.value.value};
  o.account = {body.account.value.value};
  o.client_id = client_id;
  o.instrument = body.instrument;
  o.side = body.side;
  o.type = body.type.value;
  o.tif = body.time_in_force.value;
  o.quantity = body.quantity.value;
  if (body.limit_price) o.limit = body.limit_price->value;
  return o;
}

oms::client_order_query query_of(const v1::client_order_params& p) {
  return {{p.tenant.value.value}, {p.account.value.value}, {p.client_order_id.value}};
}

/// `taken` is the status when the slot did what was asked. A refusal of pre-trade risk is an answer, not an error: 200.
void answer(const responder& reply, const result<oms::order_ack>& ack, unsigned taken) {
  if (!ack) {
    reply.fail(ack.error());
    return;
  }
  if (auto why = failure_of(*ack)) {
    reply.fail(*why);
    return;
  }
  v1::order_reply out{ack->order, ack->client_id, ack->status, {}, {}};
  if (ack->refusal != oms::refusal::none) {
    out.refusal = ack->refusal;
    out.reason = ack->reason;
  }
  reply.value(out, ack->refusal == oms::refusal::none ? taken : 200);
}

void post_order(const api& a, const request_context& request, const v1::order_request& body, const responder& reply) {
  if (auto no = reserved({body.account.value.value})) return void(reply.fail(*no));
  auto client_id = client_id_of(request, body.client_order_id ? std::optional{body.client_order_id->value} : std::nullopt);
  if (!client_id) {
    reply.fail(client_id.error());
    return;
  }
  place(a, a.context_of(request, principal_of(request)), order_of(body, *client_id),
        [reply](const result<oms::order_ack>& ack) { answer(reply, ack, 201); });
}

void check_order(const api& a, const request_context& request, const v1::order_request& body, const responder& reply) {
  if (auto no = reserved({body.account.value.value})) return void(reply.fail(*no));
  // Only an id that the client chose is looked up: a new one cannot be a repeat.
  const auto client_id = body.client_order_id ? trading::client_order_id{body.client_order_id->value} : trading::client_order_id{};
  check(a, a.context_of(request, principal_of(request)), order_of(body, client_id), [reply](result<oms::check_view> seen) {
    if (!seen) {
      reply.fail(seen.error());
      return;
    }
    v1::check_reply out{seen->refusal == oms::refusal::none, {}, {}, std::move(seen->warnings)};
    if (!out.accepted) {
      out.refusal = seen->refusal;
      out.reason = std::move(seen->reason);
    }
    reply.value(out);
  });
}

/// Of an instrument that is not configured any more something may be open. Where nothing is, its name is more likely a wrong one.
void cancel_all(const std::shared_ptr<api>& a, const request_context& request, const v1::mass_cancel_request& body, const responder& reply) {
  const bool is_known = !body.instrument || a->node->parts().instruments.contains(*body.instrument);
  mass_cancel(a, a->context_of(request, principal_of(request)), body, [reply, is_known, what = body.instrument](result<mass_cancelled> done) {
    if (!done) return void(reply.fail(done.error()));
    if (!is_known && done->requested == 0 && done->failed == 0 && done->missing.empty())
      return void(reply.fail(fail(errc::not_found, what->value.str() + " is not traded here; nothing was withdrawn")));
    if (done->why && done->requested == 0 && done->missing.empty()) return void(reply.fail(*done->why));
    v1::mass_cancel_reply out{done->requested, done->failed, {}, unless_none(std::move(done->missing)), unless_none(std::move(done->unreached))};
    if (done->why) out.reason = done->why->message;
    reply.value(out, 202);
  });
}

answer_to<oms::order> show_order_to(const responder& reply) {
  return [reply](const result<oms::order>& o) {
    if (o) reply.value(v1::view_of(*o));
    else reply.fail(o.error());
  };
}

void list(const std::shared_ptr<api>& a, const request_context& request, const v1::orders_params& p, const responder& reply) {
  order_list_query q;
  q.newest = p.sort.value == v1::list_order::newest;
  if (q.newest && p.cursor) return void(reply.fail(no_cursor_here()));
  q.scope = {tenant_meant(p.tenant, p.account), p.account};
  if (p.cursor) q.after = *p.cursor;
  q.limit = p.limit ? p.limit->value : v1::page_size_fallback;
  q.finished = p.status.value == v1::order_filter::all;
  list_orders(a, a->context_of(request), q, [reply](result<order_list> page) {
    if (!page) {
      reply.fail(page.error());
      return;
    }
    v1::orders_page out;
    for (const auto& o : page->orders) out.orders.push_back(v1::view_of(o));
    out.next = page->next;
    out.missing = unless_none(std::move(page->missing));
    out.out_of_date = unless_none(slot_names(page->out_of_date));
    reply.value(out);
  });
}

/// For who does not know the order's id, because its answer was lost.
void add_client_id_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.get<v1::client_order_params, v1::order_view>(
    "v1", "/v1/orders/by_client_id",
    "The order under a client's own id, open or finished. Asking places nothing; 404 says that nothing with this id was acknowledged so far.", {errc::not_found},
    [a](const request_context& request, const v1::client_order_params& p, const responder& reply) {
      find_order(*a, a->context_of(request), query_of(p), show_order_to(reply));
    });
  table.del<v1::client_order_params, v1::order_reply>(
         "v1", "/v1/orders/by_client_id",
         "Cancels the order under a client's own id, answered as a cancel by the order's id is. What arrives with that id later is a new order: 404 stops nothing.",
         {errc::not_found, errc::conflict}, [a](const request_context& request, const v1::client_order_params& p, const responder& reply) {
           cancel(*a, a->context_of(request, principal_of(request)), query_of(p), [reply](const result<oms::order_ack>& ack) { answer(reply, ack, 202); });
         })
    .urgent()
    .may_answer(202);
}

} // namespace

void add_order_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  const std::vector<errc> of_one{errc::not_found};
  table.post<v1::order_request, v1::order_reply>(
         "v1", "/v1/orders",
         "Places an order: 201 when it is on its way, 200 when pre-trade risk refused it (on record as REJECTED). A repeat "
         "with the same client order id gets exactly the first answer.",
         {errc::invalid_argument, errc::conflict, errc::disk_full},
         [a](const request_context& request, const v1::order_request& body, const responder& reply) {
           post_order(*a, request, body, reply);
         })
    .idempotent()
    .may_answer(201);
  table.post<v1::order_request, v1::check_reply>(
    "v1", "/v1/orders/check", "What a new order would be answered now; nothing is placed. When it would be refused as FIRM_EXPOSURE, its slot asks for more of the firm's exposure.", {},
    [a](const request_context& request, const v1::order_request& body, const responder& reply) {
      check_order(*a, request, body, reply);
    });
  table.post<v1::mass_cancel_request, v1::mass_cancel_reply>(
         "v1", "/v1/orders/mass_cancel",
         "Cancels every open order, or those of an account, an instrument or both: 202 with how many their venues are asked to cancel. Passes under "
         "every halt and on a full disk. What is entered meanwhile may stay: to stop that too, halt.",
         {errc::not_found, errc::unavailable},
         [a](const request_context& request, const v1::mass_cancel_request& body, const responder& reply) { cancel_all(a, request, body, reply); })
    .urgent()
    .may_answer(202);
  table.get<v1::orders_params, v1::orders_page>(
    "v1", "/v1/orders", "Orders, ascending by id, in pages; or with sort=NEWEST those that changed last, newest first, without a page behind them: open ones, and finished ones among the last 5000 ids of each slot.", {},
    [a](const request_context& request, const v1::orders_params& p, const responder& reply) { list(a, request, p, reply); });
  add_client_id_routes(table, a);
  table.get<v1::order_path, v1::order_view>(
    "v1", "/v1/orders/{order_id}", "One order, open or finished.", of_one,
    [a](const request_context& request, const v1::order_path& p, const responder& reply) {
      find_order(a, a->context_of(request), p.order_id, show_order_to(reply));
    });
  table.del<v1::order_path, v1::order_reply>(
         "v1", "/v1/orders/{order_id}",
         "Cancels an order: 202, and the order ends when the venue says so. Passes under every halt and on a full disk.",
         {errc::not_found, errc::conflict}, [a](const request_context& request, const v1::order_path& p, const responder& reply) {
           cancel(*a, a->context_of(request, principal_of(request)), p.order_id,
                  [reply](const result<oms::order_ack>& ack) { answer(reply, ack, 202); });
         })
    .urgent()
    .may_answer(202);
  table.add<v1::order_path, v1::replace_request, v1::order_reply>(
         edge::method::patch, "v1", "/v1/orders/{order_id}",
         "Changes quantity and price: 202 when the venue is asked, 200 with a refusal when pre-trade risk keeps the order as it is.",
         {errc::invalid_argument, errc::not_found, errc::conflict, errc::disk_full},
         [a](const request_context& request, const v1::order_path& p, const v1::replace_request& body, const responder& reply) {
           oms::replace_order change{p.order_id, body.quantity.value, {}};
           if (body.limit_price) change.limit = body.limit_price->value;
           replace(*a, a->context_of(request, principal_of(request)), change,
                   [reply](const result<oms::order_ack>& ack) { answer(reply, ack, 202); });
         })
    .may_answer(202);
}

} // namespace troupe::desk
