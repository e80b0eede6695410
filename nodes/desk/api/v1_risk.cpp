#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/former_instruments.hpp"
#include "nodes/desk/api/gather.hpp"
#include "nodes/desk/api/limits_page.hpp"
#include "nodes/desk/api/pages.hpp"
#include "nodes/desk/api/v1_messages.hpp"
#include "nodes/desk/api/v1_routes.hpp"

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;

/// A firm halt that still lacks an operator is 202; what risk refuses is a wrong request.
answer_to<risk::risk_reply> answer(const responder& reply) {
  return [reply](result<risk::risk_reply> said) {
    if (!said) {
      reply.fail(said.error());
      return;
    }
    if (said->verdict == risk::verdict::refused) {
      reply.fail(fail(errc::invalid_argument, said->reason));
      return;
    }
    if (said->verdict == risk::verdict::conflict) return void(reply.fail(fail(errc::conflict, said->reason)));
    v1::risk_reply out{said->verdict, {}, said->limits_version};
    if (!said->reason.empty()) out.reason = std::move(said->reason);
    reply.value(out, said->verdict == risk::verdict::approval_recorded ? 202 : 200);
  };
}

/// Who halts must learn of whom the halt has not reached: what is open there may fill yet.
answer_to<risk::risk_reply> answer_halt(const std::shared_ptr<api>& a, const responder& reply) {
  return [a, reply](result<risk::risk_reply> said) {
    if (!said) return void(reply.fail(said.error()));
    if (said->verdict == risk::verdict::refused) return void(reply.fail(fail(errc::invalid_argument, said->reason)));
    v1::halt_reply out{said->verdict, {}, said->limits_version, unless_none(away_with_orders(*a))};
    if (!said->reason.empty()) out.reason = std::move(said->reason);
    reply.value(out);
  };
}

void halt_what_is_there(const api_ptr& a, const request_context& request, const v1::halt_request& body, const responder& reply) {
  if (auto blank = blank_key(body.key)) return void(reply.fail(*blank));
  const risk::halt_command command{body.scope, body.key.value_or(text<32>{}), reason_of_halt(body.reason, "none given")};
  const auto c = a->context_of(request, principal_of(request));
  if (!body.key) return halt(*a, c, command, answer_halt(a, reply)); // the scope says whether it needs one
  find_unknown(a, c, body.scope, *body.key, [a, c, command, reply](const std::optional<error>& unknown) {
    if (unknown) reply.fail(*unknown);
    else halt(*a, c, command, answer_halt(a, reply));
  });
}

/// Lifting what is not in force changes nothing; of a name that nobody has it is a mistake to say so.
answer_to<risk::risk_reply> answer_unless_unknown(const std::shared_ptr<api>& a, risk::halt_scope scope, const text<32>& key, const responder& reply) {
  return [a, scope, key, reply, then = answer(reply)](result<risk::risk_reply> said) {
    if (said && said->verdict == risk::verdict::unchanged && !key.empty())
      if (auto unknown = unknown_scope(*a, scope, key.view())) return void(reply.fail(*unknown));
    then(std::move(said));
  };
}

void block_instrument(const api_ptr& a, const request_context& request, const v1::instrument_path& p, const responder& reply) {
  const auto who = require_operator(reply);
  if (!who) return;
  const auto c = a->context_of(request, *who);
  find_unknown(a, c, risk::halt_scope::instrument, text<32>{p.instrument.value.view()}, [a, c, p, reply](const std::optional<error>& unknown) {
    if (unknown) reply.fail(*unknown);
    else block(*a, c, {p.instrument, true}, answer(reply));
  });
}

void unblock_instrument(const api_ptr& a, const request_context& request, const v1::instrument_path& p, const responder& reply) {
  if (const auto who = require_operator(reply))
    block(*a, a->context_of(request, *who), {p.instrument, false},
          answer_unless_unknown(a, risk::halt_scope::instrument, text<32>{p.instrument.value.view()}, reply));
}

std::string key_of_halt(const risk::halt& h) {
  return key_of_parts(boost::describe::enum_to_string(h.scope, "?"), h.key.view());
}

void show_limits(const api& a, const request_context& request, const v1::page_params& p, const responder& reply) {
  ask_risk(a, a.context_of(request), [reply, p](const result<risk::risk_view>& seen) {
    if (!seen) return void(reply.fail(seen.error()));
    auto page = limits_page_of(*seen, p);
    if (page) reply.value(*page);
    else reply.fail(page.error());
  });
}

void add_limit_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.get<v1::page_params, v1::limits_page>(
    "v1", "/v1/limits", "Pre-trade limits in force and the firm's exposure; accounts with limits of their own, then blocked instruments, in pages.", {},
    [a](const request_context& request, const v1::page_params& p, const responder& reply) { show_limits(*a, request, p, reply); });
  table.put<v1::limits_request, v1::risk_reply>(
         "v1", "/v1/limits",
         "Replaces the limits of an account, under every tenant, or the fallback of all others. With `expected_version` only while no limits were changed since: else 409, and nothing is changed.",
         {errc::not_authorised, errc::conflict},
         [a](const request_context& request, const v1::limits_request& body, const responder& reply) {
           if (auto who = require_operator(reply))
             change_limits(*a, a->context_of(request, *who),
                           {body.account ? std::optional{trading::account_id{body.account->value}} : std::nullopt, v1::limits_of(body.limits), body.expected_version}, answer(reply));
         })
    .authorised();
  table.del<v1::own_limits_params, v1::risk_reply>(
         "v1", "/v1/limits", "Removes the limits that were set for an account: from then on it has those of all others. `expected_version` as in PUT.",
         {errc::not_authorised, errc::conflict},
         [a](const request_context& request, const v1::own_limits_params& p, const responder& reply) {
           if (auto who = require_operator(reply))
             change_limits(*a, a->context_of(request, *who), {trading::account_id{p.account.value}, std::nullopt, p.expected_version}, answer(reply));
         })
    .authorised();
  table.add<v1::instrument_path, edge::none, v1::risk_reply>(
         edge::method::post, "v1", "/v1/instruments/{instrument}/block", "Refuses new orders in an instrument from now on, also in one that was taken out of the configuration.",
         {errc::not_authorised, errc::not_found},
         [a](const request_context& request, const v1::instrument_path& p, edge::none, const responder& reply) { block_instrument(a, request, p, reply); })
    .authorised()
    .urgent();
  table.del<v1::instrument_path, v1::risk_reply>("v1", "/v1/instruments/{instrument}/block",
                                                 "Takes orders in the instrument again.", {errc::not_authorised, errc::not_found},
                                                 [a](const request_context& request, const v1::instrument_path& p, const responder& reply) { unblock_instrument(a, request, p, reply); })
    .authorised();
}

} // namespace

void add_risk_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  add_limit_routes(table, a);
  table.get<v1::page_params, v1::halts_page>(
    "v1", "/v1/halts", "Halts in force, who asked for them and who has asked to lift them, in pages.", {},
    [a](const request_context& request, const v1::page_params& p, const responder& reply) {
      ask_risk(*a, a->context_of(request), [reply, p](result<risk::risk_view> seen) {
        if (!seen) return void(reply.fail(seen.error()));
        auto page = page_of("halts", std::move(seen->halts), key_of_halt, p.cursor, p.limit);
        if (page) reply.value(v1::halts_page{std::move(page->first), std::move(page->second)});
        else reply.fail(page.error());
      });
    });
  table.post<v1::halt_request, v1::halt_reply>(
         "v1", "/v1/halts", "Stops a scope at once, over restarts, until an operator lifts it, and withdraws what is open there (not with halt.cancels_orders=false); an account under every tenant, an instrument also when it was taken out of the configuration. Needs no key: anybody may stop. `missing` names nodes that are away: the halt holds there, too, but withdraws nothing before they are back.",
         {errc::not_found}, [a](const request_context& request, const v1::halt_request& body, const responder& reply) {
           halt_what_is_there(a, request, body, reply);
         })
    .urgent();
  table.post<v1::resume_request, v1::risk_reply>(
         "v1", "/v1/halts/resume",
         "Lifts a halt. A firm-wide one needs different operators: 202 approval_recorded until the last of them asked.",
         {errc::not_authorised, errc::not_found},
         [a](const request_context& request, const v1::resume_request& body, const responder& reply) {
           if (auto who = require_operator(reply))
             resume(*a, a->context_of(request, *who), {body.scope, body.key.value_or(text<32>{})},
                    answer_unless_unknown(a, body.scope, body.key.value_or(text<32>{}), reply));
         })
    .authorised()
    .may_answer(202);
}

} // namespace troupe::desk
