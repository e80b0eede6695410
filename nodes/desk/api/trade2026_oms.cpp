#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/trade2026_routes.hpp"

#include "actors/platform/trade2026/views.hpp"
#include "actors/trading/portfolio/core.hpp"
#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/common.hpp"

#include <algorithm>

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;
namespace t26 = trade2026;

constexpr const char* oms_surface = "trade2026_oms";
constexpr std::size_t list_max = 1000; // orders or fills in one answer

// -- placing ----------------------------------------------------------------------------------------------------------

/// Everything but the instrument. Errors: invalid_argument (what this desk does not offer), as reserved, as client_id_of.
result<oms::new_order> order_of(const request_context& request, const t26::order_request& body) {
  auto kind = t26::kind_of(body);
  if (!kind) return kind.error();
  const bool has_stop = body.stop_price && !body.stop_price->value.is_zero(); // a stop that were sent at once would be another order
  if (has_stop || (*kind != t26::order_kind::market && *kind != t26::order_kind::limit))
    return fail(errc::invalid_argument, "Order validation failed: stop orders are not supported, send MARKET or LIMIT without a stop_price");
  if (body.time_in_force.value == t26::validity::gtd)
    return fail(errc::invalid_argument, "Order validation failed: GTD is not supported, send DAY, GTC, IOC or FOK");
  if (auto no = reserved({body.account.value.value})) return *no;
  auto client_id = client_id_of(request, body.client_order_id ? std::optional{body.client_order_id->value} : std::nullopt);
  if (!client_id) return client_id.error();
  oms::new_order o;
  o.tenant = main_tenant;
  o.account = {body.account.value.value};
  o.client_id = *client_id;
  o.side = body.side;
  o.type = *kind == t26::order_kind::market ? trading::order_type::market : trading::order_type::limit;
  o.tif = static_cast<trading::time_in_force>(body.time_in_force.value);
  o.quantity = body.quantity.value.value;
  if (o.type == trading::order_type::limit) { // the original ignores the price of a market order
    if (!body.price || !body.price->value.is_positive())
      return fail(errc::invalid_argument, "Order validation failed: a LIMIT order needs a price above 0");
    o.limit = body.price->value;
  }
  return o;
}

/// What a slot refused, by the names that this surface has for the fields.
error in_its_words(error e) {
  for (auto& f : e.fields) {
    if (f.field == "limit_price") f.field = "price";
    else if (f.field == "instrument") f.field = "symbol";
  }
  return e;
}

void answer(const responder& reply, const t26::order_request& body, const oms::order_ack& ack) {
  if (auto why = failure_of(ack)) {
    reply.fail(in_its_words(std::move(*why)));
    return;
  }
  t26::order_reply out;
  out.order_id = ack.order;
  out.status = t26::state_of(ack.status, ack.refusal);
  out.symbol = body.symbol.value;
  out.side = body.side;
  out.order_type = t26::kind_of(body).value();
  out.quantity = {body.quantity.value.value};
  if (body.price) out.price.value = t26::price_number{body.price->value};
  if (ack.refusal != oms::refusal::none) out.error_message.value = ack.reason;
  out.created_at = ack.created_at;
  reply.value(out);
}

/// A bare symbol may mean another instrument than when the same client id was used first. The slot says conflict then,
/// and a conflict places nothing, so the other meanings are tried: a repeat finds its first answer.
void place_any(const std::shared_ptr<api>& a, const context& c, oms::new_order order, std::vector<trading::instrument_id> meant,
               const t26::order_request& body, const responder& reply) {
  order.instrument = meant.front();
  meant.erase(meant.begin());
  place(*a, c, order, [a, c, order, meant, body, reply](const result<oms::order_ack>& ack) {
    if (!ack) reply.fail(ack.error());
    else if (ack->refusal == oms::refusal::conflict && !meant.empty()) place_any(a, c, order, meant, body, reply);
    else answer(reply, body, *ack);
  });
}

void post_order(const std::shared_ptr<api>& a, const request_context& request, const t26::order_request& body,
                const responder& reply) {
  auto order = order_of(request, body);
  if (!order) return void(reply.fail(order.error()));
  auto meant = instruments_for(*a, body.symbol.value.view());
  if (meant.empty())
    return void(reply.fail(fail(errc::invalid_argument, "Order validation failed: symbol " + body.symbol.value.str() + " is not traded here")));
  place_any(a, a->context_of(request, principal_of(request)), std::move(*order), std::move(meant), body, reply);
}

// -- cancelling -------------------------------------------------------------------------------------------------------

std::optional<trading::order_id> id_of(const std::string& text) {
  trading::order_id id;
  return trading::from_text(text, id) ? std::optional{id} : std::nullopt;
}

error no_order(const std::string& id) { return fail(errc::not_found, "Order " + id.substr(0, 64) + " not found"); }

void cancel_order(const api& a, const request_context& request, const t26::order_path& p, const responder& reply) {
  t26::cancel_reply out{"cancellation requested", p.order_id, false, no_order(p.order_id).message};
  const auto id = id_of(p.order_id);
  if (!id) return void(reply.value(out));
  cancel(a, a.context_of(request, principal_of(request)), *id, [reply, out](const result<oms::order_ack>& ack) mutable {
    if (!ack) return void(reply.fail(ack.error()));
    if (ack->refusal == oms::refusal::none) {
      out.success = true;
      out.message = out.status;
    } else if (ack->refusal != oms::refusal::unknown_order) {
      out.message = ack->reason;
    }
    reply.value(out);
  });
}

// -- looking ----------------------------------------------------------------------------------------------------------

std::string rows_json(const std::vector<oms::order>& orders) {
  std::vector<t26::order_row> rows;
  for (const auto& o : orders) rows.push_back(t26::row_of(o));
  return wire::to_json(rows);
}

/// Open orders first, then the newest finished ones.
void list(const std::shared_ptr<api>& a, const request_context& request, const t26::orders_params& p, const responder& reply) {
  const order_scope scope{main_tenant, p.account};
  list_open(a, a->context_of(request), scope, list_max, [a, reply, scope, active = p.active_only.value.on](result<order_list> open) {
    if (!open) return void(reply.fail(open.error()));
    if (auto why = incomplete(open->missing, open->out_of_date)) return void(reply.fail(*why));
    if (active || open->orders.size() >= list_max) return void(reply.json(rows_json(open->orders)));
    const auto left = list_max - open->orders.size();
    list_newest_finished(a, a->context_of(reply.context()), scope, left, [reply, shown = std::move(open->orders)](result<found_rows<oms::order>> done) mutable {
      if (!done) return void(reply.fail(done.error()));
      if (auto why = incomplete(done->missing)) return void(reply.fail(*why));
      for (auto& o : done->rows) // what finished between the two looks is shown finished
        std::erase_if(shown, [&](const auto& s) { return s.id == o.id; });
      shown.insert(shown.end(), std::make_move_iterator(done->rows.begin()), std::make_move_iterator(done->rows.end()));
      reply.json(rows_json(shown));
    });
  });
}

/// Page by page, until all are there or time is past the order's end.
void collect_fills(const std::shared_ptr<api>& a, const oms::order& o, const std::string& from, std::vector<t26::fill_row> rows, const responder& reply) {
  fill_scope scope;
  scope.order = o.id;
  list_fills(a, a->context_of(reply.context()), from, scope, o.fills - rows.size(), [a, o, rows = std::move(rows), reply](result<fill_list> page) mutable {
    if (!page) return void(reply.fail(page.error()));
    for (const auto& f : page->fills) rows.push_back(t26::row_of(f));
    const auto end = cursor_of(portfolio::fills_from(std::max(o.created_at, o.updated_at) + nanoseconds{1}));
    if (rows.size() < o.fills && page->next && *page->next <= end) return collect_fills(a, o, *page->next, std::move(rows), reply);
    reply.value(rows);
  });
}

void show_fills_of_order(const std::shared_ptr<api>& a, const request_context& request, const std::string& text,
                         const responder& reply) {
  const auto id = id_of(text);
  if (!id) return void(reply.fail(no_order(text)));
  find_order(a, a->context_of(request), *id, [a, text, reply](const result<oms::order>& o) {
    if (!o) return void(reply.fail(o.error().code == errc::not_found ? no_order(text) : o.error()));
    if (o->fills == 0) return void(reply.value(std::vector<t26::fill_row>{}));
    // A clock that was set back meanwhile leaves fills anywhere before the order's birth.
    collect_fills(a, *o, cursor_of(portfolio::fills_from(o->updated_at < o->created_at ? time_ns{} : o->created_at)), {}, reply);
  });
}

void positions(const std::shared_ptr<api>& a, const request_context& request, const std::optional<trading::account_id>& account,
               std::function<void(result<std::vector<portfolio::position_view>>)> then) {
  portfolio::positions_query q;
  q.tenant = main_tenant;
  q.account = account;
  ask_positions(a, a->context_of(request), q, [then = std::move(then)](result<found_rows<portfolio::position_view>> seen) {
    if (!seen) return then(seen.error());
    if (auto why = incomplete(seen->missing, seen->out_of_date)) return then(*why);
    then(std::move(seen->rows));
  });
}

std::vector<t26::position_row> rows_of(const std::vector<portfolio::position_view>& all) {
  std::vector<t26::position_row> rows;
  for (const auto& p : all) rows.push_back(t26::row_of(p));
  return rows;
}

/// The position in one of `meant`. Of no account in particular that of the platform's default account if it has one, else the first that
/// the list without an account shows.
const portfolio::position_view* position_in(const std::vector<portfolio::position_view>& all, const std::vector<trading::instrument_id>& meant) {
  const portfolio::position_view* found = nullptr;
  for (const auto& id : meant)
    for (const auto& held : all) {
      if (held.instrument != id) continue;
      if (held.account == t26::default_account) return &held;
      if (!found) found = &held;
    }
  return found;
}

void show_positions_of(const std::shared_ptr<api>& a, const request_context& request, const std::string& account, const responder& reply) {
  const auto name = text<32>::make(account);
  if (!name) return void(reply.fail(unknown_symbol(account)));
  positions(a, request, trading::account_id{*name}, [reply, account](const auto& all) {
    if (!all) reply.fail(all.error());
    else if (all->empty()) reply.fail(fail(errc::not_found, "No position for " + account));
    else reply.value(rows_of(*all));
  });
}

/// What `symbol` means among what is configured and what is held, which need not be configured any more.
std::vector<trading::instrument_id> meant_or_held(const api& a, const std::string& symbol, const std::vector<portfolio::position_view>& held) {
  std::vector<trading::instrument_id> ids;
  for (const auto& p : held) ids.push_back(p.instrument);
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return instruments_for(a, symbol, ids);
}

/// A symbol answers with its position; any other word is taken for an account and answers with a list.
void show_position(const std::shared_ptr<api>& a, const request_context& request, const t26::position_params& p, const responder& reply) {
  portfolio::positions_query q;
  q.tenant = main_tenant;
  q.account = p.account;
  ask_positions(a, a->context_of(request), q, [a, reply, p](const result<found_rows<portfolio::position_view>>& seen) {
    if (!seen) return void(reply.fail(seen.error()));
    const auto meant = meant_or_held(*a, p.symbol, seen->rows);
    if (meant.empty()) return show_positions_of(a, reply.context(), p.symbol, reply);
    const auto* held = position_in(seen->rows, meant);
    const auto is_old = [&](const auto& account) { return ((seen->out_of_date >> trading::slot_of(main_tenant, account)) & 1) != 0; };
    const bool is_sure = held && held->account == p.account.value_or(t26::default_account) && !is_old(held->account); // whatever is missing elsewhere
    if (auto why = incomplete(seen->missing, seen->out_of_date); why && !is_sure) return void(reply.fail(*why));
    if (held) reply.value(t26::row_of(*held));
    else reply.fail(fail(errc::not_found, "No position for " + p.symbol));
  });
}

void show_fills(const std::shared_ptr<api>& a, const request_context& request, const t26::account_params& p, const responder& reply) {
  portfolio::fills_query q;
  q.tenant = main_tenant;
  q.account = p.account;
  q.limit.value = list_max;
  ask_fills(a, a->context_of(request), q, [reply](const result<found_rows<portfolio::fill>>& seen) {
    if (!seen) return void(reply.fail(seen.error()));
    if (auto why = incomplete(seen->missing, seen->out_of_date)) return void(reply.fail(*why));
    std::vector<t26::fill_row> rows;
    for (const auto& f : seen->rows) rows.push_back(t26::row_of(f));
    reply.value(rows);
  });
}

t26::oms_stats stats_of(const order_totals& n) {
  t26::oms_stats s;
  s.orders_accepted = n.accepted;
  s.risk_rejects = n.risk_rejected;
  s.orders_received = s.total_orders = s.orders_accepted + s.risk_rejects;
  s.orders_failed = n.failed;
  s.orders_rejected = s.risk_rejects + s.orders_failed;
  s.orders_filled = n.filled;
  s.orders_cancelled = n.canceled;
  s.total_volume = {quantity{n.volume}};
  s.commission_collected = {price{n.commission}};
  s.active_orders = n.open;
  s.order_history_size = n.risk_rejected + n.filled + n.canceled + n.expired + n.failed; // orders that ended, whenever they began
  return s;
}

void add_order_paths(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.post<t26::order_request, t26::order_reply>(
         oms_surface, "/orders", "Places an order. 200 also when risk refused it (RISK_REJECTED) and to a repeat, byte for byte.",
         {errc::invalid_argument, errc::conflict, errc::disk_full},
         [a](const request_context& request, const t26::order_request& body, const responder& reply) {
           post_order(a, request, body, reply);
         })
    .idempotent();
  table.get<t26::orders_params, std::vector<t26::order_row>>(
    oms_surface, "/orders", "Open orders and the newest finished ones, at most 1000.", {},
    [a](const request_context& request, const t26::orders_params& p, const responder& reply) { list(a, request, p, reply); });
  table.get<t26::order_path, t26::order_row>(
    oms_surface, "/orders/{order_id}", "One order.", {errc::not_found},
    [a](const request_context& request, const t26::order_path& p, const responder& reply) {
      const auto id = id_of(p.order_id);
      if (!id) return void(reply.fail(no_order(p.order_id)));
      find_order(a, a->context_of(request), *id, [reply, text = p.order_id](const result<oms::order>& o) {
        if (o) reply.value(t26::row_of(*o));
        else reply.fail(o.error().code == errc::not_found ? no_order(text) : o.error());
      });
    });
  table.del<t26::order_path, t26::cancel_reply>(
         oms_surface, "/orders/{order_id}", "Asks to cancel: the same status for every id; `success` says whether the venue is asked.",
         {}, [a](const request_context& request, const t26::order_path& p, const responder& reply) { cancel_order(*a, request, p, reply); })
    .urgent();
  table.get<t26::order_path, std::vector<t26::fill_row>>(
    oms_surface, "/orders/{order_id}/fills", "The fills of one order, oldest first.", {errc::not_found},
    [a](const request_context& request, const t26::order_path& p, const responder& reply) {
      show_fills_of_order(a, request, p.order_id, reply);
    });
}

} // namespace

void add_trade2026_oms(edge::route_table& table, const std::shared_ptr<api>& a) {
  add_order_paths(table, a);
  table.get<t26::account_params, std::vector<t26::position_row>>(
    oms_surface, "/positions", "Open positions.", {},
    [a](const request_context& request, const t26::account_params& p, const responder& reply) {
      positions(a, request, p.account, [reply](const auto& all) {
        if (all) reply.value(rows_of(*all));
        else reply.fail(all.error());
      });
    });
  table.get<t26::position_params, t26::position_row>(
    oms_surface, "/positions/{symbol}", "One position of an account, or without one of \"default\" or else of the first that has it; of an account's name the list of its positions.",
    {errc::not_found}, [a](const request_context& request, const t26::position_params& p, const responder& reply) {
      show_position(a, request, p, reply);
    });
  table.get<t26::account_params, std::vector<t26::fill_row>>(
    oms_surface, "/fills", "The newest fills, at most 1000, newest first.", {},
    [a](const request_context& request, const t26::account_params& p, const responder& reply) { show_fills(a, request, p, reply); });
  add_health_routes(table, a, oms_surface, "oms");
  table.get<edge::none, t26::oms_stats>(
    oms_surface, "/stats", "Counters since the process started.", {},
    [a](const request_context&, edge::none, const responder& reply) { reply.value(stats_of(a->totals())); });
}

} // namespace troupe::desk
