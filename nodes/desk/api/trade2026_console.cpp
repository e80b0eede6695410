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
  const auto key = body.key.value_or(text<32>{});
  const auto c = a->context_of(request, principal_of(request));
  const auto stop = [a, c, scope, why = reason_of_halt(body.reason, "halted over HTTP")](const text<32>& name, answer_to<risk::risk_reply> then) {
    halt(*a, c, {scope, name, why}, std::move(then));
  };
  if (key.empty()) return stop(key, answer(reply, "halted")); // the scope says whether it needs one
  if (scope == risk::halt_scope::instrument)
    return stop_symbol(a, c, key.str(), [stop](const auto& id, auto then) { stop(text<32>{id.value.view()}, std::move(then)); }, answer(reply, "halted"));
  if (auto unknown = unknown_scope(*a, scope, key.view())) return void(reply.fail(*unknown));
  stop(key, answer(reply, "halted"));
}

/// Lifts what is halted under any of `names`. Where none is it is a mistake to name what nobody has.
void lift(const std::shared_ptr<api>& a, const context& c, risk::halt_scope scope, const std::vector<text<32>>& names, const std::optional<error>& unknown, const responder& reply) {
  std::vector<risk_command> commands;
  for (const auto& name : names)
    commands.push_back([a, c, scope, name](answer_to<risk::risk_reply> then) { resume(*a, c, {scope, name}, std::move(then)); });
  in_turn(std::move(commands), [unknown, reply, then = answer(reply, "resumed")](const result<risk::risk_reply>& said) {
    if (unknown && said && said->verdict == risk::verdict::unchanged) return void(reply.fail(*unknown));
    then(said);
  });
}

/// All that `symbol` may mean, and what is halted under it, configured or not.
std::vector<text<32>> names_halted(const api& a, const text<32>& symbol, const std::vector<risk::halt>& in_force) {
  std::vector<trading::instrument_id> halted;
  for (const auto& h : in_force)
    if (const auto id = decltype(trading::instrument_id::value)::make(h.key.view()); id && h.scope == risk::halt_scope::instrument) halted.push_back({*id});
  std::vector<text<32>> names;
  for (const auto& id : instruments_for(a, symbol.view(), halted)) names.emplace_back(id.value.view());
  return names;
}

/// What was halted is lifted, whether the name is known here any more or not.
void resume_scope_of(const std::shared_ptr<api>& a, const request_context& request, const t26::resume_request& body, const responder& reply) {
  const auto who = require_operator(reply);
  if (!who) return;
  const auto scope = body.scope.value;
  const auto key = body.key.value_or(text<32>{});
  const auto c = a->context_of(request, *who);
  if (key.empty()) return lift(a, c, scope, {key}, std::nullopt, reply);
  if (scope != risk::halt_scope::instrument) return lift(a, c, scope, {key}, unknown_scope(*a, scope, key.view()), reply);
  ask_risk(*a, c, [a, c, scope, key, reply](const result<risk::risk_view>& v) {
    if (!v) return void(reply.fail(v.error()));
    const auto names = names_halted(*a, key, v->halts);
    if (names.empty()) reply.fail(unknown_symbol(key.view()));
    else lift(a, c, scope, names, std::nullopt, reply);
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
