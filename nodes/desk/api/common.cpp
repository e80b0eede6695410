#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/tables.hpp"
#include "runtime/core/printable.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace troupe::desk {

context api::context_of(const edge::request_context& request, const principal_id& who) const {
  context c;
  c.cause.source = text<23>{"http-" + boot_id.str()};
  c.cause.number = request.number;
  c.principal = who;
  return c;
}

edge::response error_response(const edge::request_context& request, const error& e) {
  return request.matched->surface->rules.format(e, edge::http_status(e.code), request.id.view());
}

edge::response json_response(std::string body, unsigned status) {
  edge::response r;
  r.status = status;
  r.body = std::move(body);
  return r;
}

principal_id principal_of(const edge::request_context& request) { return request.caller ? request.caller->who : principal_id{"http"}; }

std::optional<trading::tenant_id> tenant_meant(const std::optional<trading::tenant_id>& tenant, const std::optional<trading::account_id>& account) {
  return account && !tenant ? main_tenant : tenant;
}

std::optional<principal_id> require_operator(const edge::responder& reply) {
  const auto& request = reply.context();
  if (request.caller && request.caller->may == edge::access::operate) return request.caller->who;
  const char* why = request.authorization.empty() ? "this needs an operator's key: send Authorization: Bearer KEY"
                                                  : "the key is not one of this node's operators; they lie in the folder keys of its data directory";
  auto refused = error_response(request, fail(errc::not_authorised, why));
  refused.header("WWW-Authenticate", "Bearer");
  reply.send(std::move(refused));
  return std::nullopt;
}

result<trading::client_order_id> client_id_of(const edge::request_context& request, const std::optional<text<48>>& given) {
  if (given && !request.idempotency_key.empty() && given->view() != request.idempotency_key)
    return error{errc::invalid_argument, "the request has invalid fields",
                 {{"Idempotency-Key", "stands for the client order id and differs from " + given->str() + " in the body; send one of them"}}};
  if (given) return trading::client_order_id{*given};
  if (request.idempotency_key.empty())
    return trading::client_order_id{text<48>{"http-" + request.id.str()}};
  if (auto key = text<48>::make(request.idempotency_key); key && !is_blank(*key)) return trading::client_order_id{*key};
  return error{errc::invalid_argument, "the request has invalid fields",
               {{"Idempotency-Key", "must be at most 48 printable ASCII characters, and not blank"}}};
}

std::optional<error> reserved(const trading::account_id& account) {
  if (!trading::is_reserved(account)) return std::nullopt;
  return error{errc::invalid_argument, "the request has invalid fields", {{"account", trading::reserved_accounts}}};
}

std::optional<error> blank_key(const std::optional<text<32>>& key) {
  if (!key || key->empty() || !is_blank(*key)) return std::nullopt;
  return error{errc::invalid_argument, "the request has invalid fields", {{"key", "must not be blank"}}};
}

text<95> reason_of_halt(const std::optional<std::string>& given, const text<95>& otherwise) {
  return given && !is_blank(*given) ? printable<95>(*given) : otherwise;
}

std::optional<error> unknown_scope(const api& a, risk::halt_scope scope, std::string_view key) {
  std::vector<std::string> known;
  switch (scope) {
  case risk::halt_scope::venue:
    for (const auto& v : a.node->config().venues) known.push_back(v.name.value().value.str());
    break;
  case risk::halt_scope::strategy:
    for (const auto& s : a.node->strategies()) known.push_back(s.name.value.str());
    break;
  case risk::halt_scope::instrument:
    for (const auto& [id, i] : a.node->parts().instruments) known.push_back(id.value.str());
    break;
  case risk::halt_scope::account:
  case risk::halt_scope::firm: return std::nullopt;
  }
  if (std::ranges::find(known, key) != known.end()) return std::nullopt;
  std::string text = "there is no " + std::string{boost::describe::enum_to_string(scope, "scope")} + " \"" + std::string{key} + "\"; ";
  if (known.empty()) return fail(errc::not_found, text + "none is configured");
  text += "there are ";
  for (std::size_t i = 0; i < known.size(); ++i) text += (i ? ", " : "") + known[i];
  return fail(errc::not_found, std::move(text));
}

std::vector<node_name> away_with_orders(const api& a) {
  if (a.node->nodes().is_alone()) return {};
  std::set<node_name> away;
  for (const auto& [name, node] : a.node->nodes().placed())
    if ((trading::slot_called(name) || trading::venue_called(name.value.view())) && !a.node->nodes().is_up(node)) away.insert(node);
  return {away.begin(), away.end()};
}

namespace {

/// The field of the request that a refusal is about.
const char* field_of(oms::refusal r) noexcept {
  switch (r) {
  case oms::refusal::unknown_instrument: return "instrument";
  case oms::refusal::price_missing:
  case oms::refusal::price_forbidden:
  case oms::refusal::off_tick: return "limit_price";
  case oms::refusal::off_lot:
  case oms::refusal::quantity_below_filled: return "quantity";
  default: return "";
  }
}

} // namespace

std::optional<error> failure_of(const oms::order_ack& ack) {
  if (ack.refusal == oms::refusal::no_lease && ack.order.value == 0) return fail(errc::unavailable, ack.reason);
  if (ack.refusal == oms::refusal::none || oms::is_risk_refusal(ack.refusal)) return std::nullopt;
  switch (ack.refusal) {
  case oms::refusal::unknown_order: return fail(errc::not_found, ack.reason);
  case oms::refusal::conflict:
  case oms::refusal::order_finished:
  case oms::refusal::replace_pending: return fail(errc::conflict, ack.reason);
  case oms::refusal::disk_full: return fail(errc::disk_full, ack.reason);
  default: return error{errc::invalid_argument, "the request has invalid fields", {{field_of(ack.refusal), ack.reason}}};
  }
}

error no_order_of(const oms::client_order_query& which) {
  const auto whose = which.account.value.str() + (which.tenant == main_tenant ? "" : " of tenant " + which.tenant.value.str());
  return fail(errc::not_found, "account " + whose + " has no order with client order id " + which.client_id.value.str() +
                                 ": nothing with it was acknowledged so far, and what is still under way with it may yet arrive");
}

} // namespace troupe::desk
