#include "runtime/actor/caf_inspect.hpp"

#include "actors/trading/strategy/correction_messages.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/corrections.hpp"
#include "nodes/desk/api/v1_correction_messages.hpp"
#include "nodes/desk/api/v1_routes.hpp"
#include "nodes/desk/api/v1_strategy_messages.hpp"

#include <algorithm>

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;

/// Nothing when the desk has it.
std::optional<error> unknown_strategy(const api& a, const trading::strategy_id& name) {
  std::string known;
  for (const auto& s : a.node->strategies()) {
    if (s.name == name) return std::nullopt;
    known += (known.empty() ? "" : ", ") + s.name.value.str();
  }
  return fail(errc::not_found, "there is no strategy \"" + name.value.str() + "\"; there are " + (known.empty() ? "none" : known));
}

void post_strategy_correction(const std::shared_ptr<api>& a, const request_context& request, const v1::strategy_path& p, const v1::strategy_correction_request& body,
                              const responder& reply) {
  const auto who = require_operator(reply);
  if (!who) return;
  if (auto why = unknown_strategy(*a, p.name)) return void(reply.fail(*why));
  const auto id = client_id_of(request, body.correction_id ? std::optional{body.correction_id->value} : std::nullopt);
  if (!id) return void(reply.fail(id.error()));
  strategy::correct_strategy_position command;
  command.id = {id->value};
  if (body.account) command.account = {body.account->value};
  command.instrument = body.instrument;
  command.change = body.quantity;
  command.reason = body.reason.value;
  a->port->ask<oms::correction_ack>(trading::strategy_actor(p.name), lane::order, a->context_of(request, *who), command,
                                    [reply](const result<oms::correction_ack>& ack) {
                                      if (!ack) return void(reply.fail(ack.error()));
                                      if (auto why = failure_of(*ack)) return void(reply.fail(*why));
                                      reply.value(v1::correction_reply{ack->id, ack->position, ack->decided_at}, 201);
                                    });
}

} // namespace

void add_strategy_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.add<v1::strategy_path, v1::strategy_correction_request, v1::correction_reply>(
         edge::method::post, "v1", "/v1/strategies/{name}/corrections",
         "Corrects what a strategy takes its position for by what an operator says: 201 when it is on record. The books stay as they are; a repeat with the same "
         "correction id gets exactly the first answer, another body 409.",
         {errc::not_authorised, errc::invalid_argument, errc::not_found, errc::conflict, errc::disk_full},
         [a](const request_context& request, const v1::strategy_path& p, const v1::strategy_correction_request& body, const responder& reply) {
           post_strategy_correction(a, request, p, body, reply);
         })
    .authorised()
    .may_answer(201);
}

} // namespace troupe::desk
