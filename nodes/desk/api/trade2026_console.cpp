#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/trade2026_routes.hpp"

#include "actors/platform/trade2026/messages.hpp"
#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/common.hpp"

#include <utility>
#include <vector>

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;
namespace t26 = trade2026;

constexpr const char* console_surface = "trade2026_console";

std::vector<t26::service_status> services(const desk& node) {
  std::vector<t26::service_status> out;
  for (const auto& e : node.tree().all()) {
    t26::service_status s{e.name.value.str(), boost::describe::enum_to_string(e.status, "?"), e.restarts, {}};
    if (!e.last_reason.empty()) s.last_reason.value = e.last_reason;
    out.push_back(std::move(s));
  }
  return out;
}

void show_health(const std::shared_ptr<api>& a, const request_context& request, const responder& reply) {
  t26::system_health h;
  const auto why = a->node->not_ready();
  h.status = why ? "degraded" : "healthy";
  h.reason.value = why;
  for (const auto& e : a->node->tree().all()) {
    ++h.services_total;
    if (e.status == supervise::child_status::running) ++h.services_running;
  }
  h.timestamp = a->node->parts().env.clock->now();
  h.uptime = (h.timestamp - a->started_at).count() / 1'000'000'000;
  ask_risk(*a, a->context_of(request), [reply, h](const result<risk::risk_view>& v) mutable {
    if (!v) { // health must answer when something is broken: that is what it is for
      h.status = "degraded";
      h.reason.value = "risk: " + v.error().message;
      return void(reply.value(h));
    }
    for (const auto& halt : v->halts) h.trading_halted = h.trading_halted || halt.scope == risk::halt_scope::firm;
    reply.value(h);
  });
}

/// Under what names risk knows `key`: those of an instrument are all that its symbol may mean, as for a block. Errors: not_found.
result<std::vector<text<32>>> names_meant(const api& a, risk::halt_scope scope, const text<32>& key) {
  if (key.empty()) return std::vector{key}; // the scope says whether it needs one
  if (scope != risk::halt_scope::instrument) {
    if (auto unknown = unknown_scope(a, scope, key.view())) return *unknown;
    return std::vector{key};
  }
  std::vector<text<32>> all;
  for (const auto& id : instruments_for(a, key.view())) all.emplace_back(id.value.view());
  if (all.empty()) return unknown_symbol(key.view());
  return all;
}

answer_to<risk::risk_reply> answer(const responder& reply, const char* done) {
  return [reply, done](const result<risk::risk_reply>& said) {
    if (!said) return void(reply.fail(said.error()));
    if (said->verdict == risk::verdict::refused) return void(reply.fail(fail(errc::invalid_argument, said->reason)));
    t26::trading_reply out{done, {}};
    if (said->verdict == risk::verdict::approval_recorded) out.status = "approval_recorded";
    if (said->verdict == risk::verdict::unchanged) out.status = "unchanged";
    if (!said->reason.empty()) out.message.value = said->reason;
    reply.value(out, said->verdict == risk::verdict::approval_recorded ? 202 : 200);
  };
}

/// A name that nobody has would stop nothing and look as if it had.
void halt_scope_of(const std::shared_ptr<api>& a, const request_context& request, const t26::halt_request& body, const responder& reply) {
  if (auto blank = blank_key(body.key)) return void(reply.fail(*blank));
  const auto scope = body.scope.value;
  const auto names = names_meant(*a, scope, body.key.value_or(text<32>{}));
  if (!names) return void(reply.fail(names.error()));
  const auto why = reason_of_halt(body.reason, "halted over HTTP");
  std::vector<risk_command> commands;
  for (const auto& name : *names)
    commands.push_back([a, c = a->context_of(request, principal_of(request)), scope, name, why](answer_to<risk::risk_reply> then) { halt(*a, c, {scope, name, why}, std::move(then)); });
  in_turn(std::move(commands), answer(reply, "halted"));
}

/// What was halted is lifted, whether the name is known here any more or not.
void resume_scope_of(const std::shared_ptr<api>& a, const request_context& request, const t26::resume_request& body, const responder& reply) {
  const auto who = require_operator(reply);
  if (!who) return;
  const auto scope = body.scope.value;
  const auto key = body.key.value_or(text<32>{});
  const auto names = names_meant(*a, scope, key);
  std::vector<risk_command> commands;
  for (const auto& name : names ? *names : std::vector{key})
    commands.push_back([a, c = a->context_of(request, *who), scope, name](answer_to<risk::risk_reply> then) { resume(*a, c, {scope, name}, std::move(then)); });
  in_turn(std::move(commands), [names, reply, then = answer(reply, "resumed")](const result<risk::risk_reply>& said) {
    if (!names && said && said->verdict == risk::verdict::unchanged) return void(reply.fail(names.error()));
    then(said);
  });
}

} // namespace

void add_trade2026_console(edge::route_table& table, const std::shared_ptr<api>& a) {
  for (const char* path : {"/system/health", "/api/console/health"})
    table.get<edge::none, t26::system_health>(
      console_surface, path, "How the whole node is.", {},
      [a](const request_context& request, edge::none, const responder& reply) { show_health(a, request, reply); });
  table.get<edge::none, std::vector<t26::service_status>>(
    console_surface, "/services/status", "Every actor of the supervision tree.", {},
    [a](const request_context&, edge::none, const responder& reply) { reply.value(services(*a->node)); });
  // A halt must work from the barest client, so the body may be missing.
  table.post<t26::halt_request, t26::trading_reply>(
         console_surface, "/trading/halt", "Stops trading at once and withdraws what is open: the firm, or the scope in the body. Needs no key.", {errc::not_found},
         [a](const request_context& request, const t26::halt_request& body, const responder& reply) { halt_scope_of(a, request, body, reply); })
    .may_lack_body()
    .urgent();
  table.post<t26::resume_request, t26::trading_reply>(
         console_surface, "/trading/resume",
         "Lifts a halt with an operator's key; the firm's needs several operators (202 approval_recorded until the last).",
         {errc::not_authorised, errc::not_found},
         [a](const request_context& request, const t26::resume_request& body, const responder& reply) { resume_scope_of(a, request, body, reply); })
    .may_lack_body()
    .authorised()
    .may_answer(202);
}

} // namespace troupe::desk
