#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/actor_rows.hpp"
#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/operate.hpp"
#include "nodes/desk/api/order_stream.hpp"
#include "nodes/desk/api/pages.hpp"
#include "nodes/desk/api/v1_routes.hpp"
#include "runtime/telemetry/log.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;

constexpr std::size_t history_bytes_max = std::size_t{4} << 20; // a page ends early rather than fill the memory

std::optional<v1::actor_row> find_row(const desk& node, const actor_name& name) {
  auto rows = actor_rows(node);
  auto it = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.name == name; });
  return it == rows.end() ? std::nullopt : std::optional{std::move(*it)};
}

error no_actor(const actor_name& name) { return fail(errc::not_found, "there is no actor \"" + name.value.str() + "\""); }

/// Actors that answer inspect_request: those with a journal, and the portfolio. Supervisors have no state.
bool has_state(const actor_name& name) { return name == portfolio_name || inspector_of(name).has_value(); }

const journal::journal& journal_of(const shared_parts& parts, const actor_name& name) {
  return name.value.view().starts_with("venue/") ? *parts.venues : *parts.journal;
}

void member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  wire::append_json_string(out, text);
}

void show_state(const std::shared_ptr<api>& a, const request_context& request, const v1::state_params& p, const responder& reply) {
  if (!find_row(*a->node, p.name)) return void(reply.fail(no_actor(p.name)));
  if (!has_state(p.name))
    return void(reply.fail(fail(errc::unsupported, p.name.value.str() + " has no state; /v1/actors shows how it is")));
  if (p.at) {
    auto i = inspector_of(p.name);
    if (!i) return void(reply.fail(fail(errc::unsupported, p.name.value.str() + " journals nothing; it has no past turns")));
    return a->read_then_reply(reply, [a, reply, p, look = std::move(*i)] {
      auto state = look.state(journal_of(a->node->parts(), p.name), p.name, *p.at);
      return state ? json_response(std::move(*state)) : error_response(reply.context(), state.error());
    });
  }
  inspect(*a, a->context_of(request), p.name, p.ahead.value, [reply](const result<actor::inspected>& seen) {
    if (!seen) return void(reply.fail(seen.error()));
    std::string out = "{\"actor\":";
    wire::append_json_string(out, seen->name.value.view());
    out += ",\"sequence\":" + std::to_string(seen->sequence) + ",\"durable\":" + std::to_string(seen->durable) +
           ",\"epoch\":" + std::to_string(seen->epoch) + ",\"state\":" + seen->state + '}';
    reply.json(std::move(out));
  });
}

/// One record as JSON: its header, and the turn as its actor's inspector reads it.
result<std::string> record_json(const inspector& look, const journal::record_view& r) {
  auto turn = look.turn(r.header.schema, r.payload);
  if (!turn) return turn.error();
  const auto& h = r.header;
  std::string out = "{\"sequence\":" + std::to_string(h.sequence) + ",\"epoch\":" + std::to_string(h.epoch) +
                    ",\"schema\":" + std::to_string(h.schema) + ",\"hybrid_time\":" + std::to_string(h.hybrid_time) +
                    ",\"cause\":" + wire::to_json(h.cause);
  member(out, "previous", to_hex(h.previous));
  member(out, "hash", to_hex(sha256(r.bytes)));
  out += ",\"acknowledged\":[";
  for (std::size_t i = 0; i < h.acknowledged.size(); ++i) {
    out += i == 0 ? "{\"receiver\":" : ",{\"receiver\":";
    wire::append_json_string(out, h.acknowledged[i].receiver.value.view());
    out += ",\"sequence\":" + std::to_string(h.acknowledged[i].sequence) + '}';
  }
  return out + "],\"turn\":" + *turn + '}';
}

edge::response history(const api& a, const v1::history_params& p, const inspector& look, const request_context& request) {
  std::string out = "{\"actor\":";
  wire::append_json_string(out, p.name.value.view());
  out += ",\"turns\":[";
  const std::size_t limit = p.limit ? p.limit->value : v1::page_size_fallback;
  std::size_t shown = 0;
  std::optional<std::uint64_t> next;
  std::optional<error> wrong;
  auto read = journal_of(a.node->parts(), p.name)
                .read(p.name, std::max<std::uint64_t>(p.from.value_or(1), 1), [&](const journal::record_view& r) {
                  if (shown == limit || out.size() > history_bytes_max) {
                    next = r.header.sequence;
                    return false;
                  }
                  auto one = record_json(look, r);
                  if (!one) {
                    wrong = one.error();
                    return false;
                  }
                  if (shown++ > 0) out += ',';
                  out += *one;
                  return true;
                });
  if (wrong) return error_response(request, *wrong);
  if (!read) return error_response(request, read.error());
  out += ']';
  if (next) out += ",\"next\":" + std::to_string(*next);
  return json_response(out + '}');
}

void inject(const api& a, const v1::fault_request& body, const principal_id& who, const responder& reply) {
  const auto& env = a.node->parts().env;
  if (!env.faults_allowed)
    return void(reply.fail(fail(errc::forbidden, "faults are injected only into a node started with --allow-faults")));
  constexpr std::pair<std::string_view, actor::fault> faults[] = {
    {"throw", actor::fault::throw_}, {"die", actor::fault::die}, {"hang", actor::fault::hang}, {"spin", actor::fault::spin}};
  const auto it = std::find_if(std::begin(faults), std::end(faults), [&](const auto& f) { return f.first == body.fault.view(); });
  if (it == std::end(faults))
    return void(reply.fail({errc::invalid_argument, "the request has invalid fields", {{"fault", "must be one of throw, die, hang, spin"}}}));
  const auto row = find_row(*a.node, body.name);
  if (!row) return void(reply.fail(no_actor(body.name)));
  if (row->is_supervisor)
    return void(reply.fail(fail(errc::unsupported, body.name.value.str() + " is a supervisor; faults go into its children")));
  on_record(a, reply, who, {operations::kind::fault, body.name.value, {it->first}}, [&env, name = body.name, fault = it->second, reply] {
    env.names->ref(name)->enqueue(nullptr, caf::make_message_id(caf::message_priority::high),
                                  caf::make_message(actor::fault_command{fault}), nullptr);
    reply.value(v1::done_reply{"injected"}, 202);
  });
}

/// Of an actor its supervisor gave up: with a clean record, so that the node can be ready again.
void restart(const api& a, const v1::actor_params& body, const principal_id& who, const responder& reply) {
  const auto row = find_row(*a.node, body.name);
  if (!row) return void(reply.fail(no_actor(body.name)));
  if (row->is_supervisor || !row->supervisor)
    return void(reply.fail(fail(errc::unsupported, body.name.value.str() + " is a supervisor; its children can be restarted")));
  using enum supervise::child_status;
  if (row->status != halted && row->status != stopped && row->status != hung)
    return void(reply.fail(fail(errc::conflict, body.name.value.str() + " is neither halted, stopped nor hung")));
  const auto start = [&a, name = body.name, keeper = *row->supervisor, reply] {
    supervise::restart_child(a.node->parts().env.names->ref(keeper), name);
    reply.value(v1::done_reply{"restarting"}, 202);
  };
  const operations::operation what{operations::kind::restart, body.name.value, {}};
  if (body.name != operations_name) return on_record(a, reply, who, what, start);
  // The record cannot be kept by the actor that is away: the log has to do.
  log::warn(operations_name, a.context_of(reply.context(), who).cause, "restarted by " + who.value.str());
  start();
}

/// Somebody who logs has that name, or begins so: an actor, or one of the parts that are none.
bool names_somebody(const desk& node, std::string_view pattern) {
  const bool is_beginning = pattern.ends_with('*');
  const auto beginning = is_beginning ? pattern.substr(0, pattern.size() - 1) : pattern;
  const auto is_meant = [&](std::string_view name) { return is_beginning ? name.starts_with(beginning) : name == pattern; };
  for (const std::string_view part : {std::string_view{"node"}, std::string_view{"journal"}, std::string_view{"venues"}, order_stream_name.value.view()})
    if (is_meant(part)) return true;
  const auto actors = node.tree().all();
  return std::any_of(actors.begin(), actors.end(), [&](const auto& e) { return is_meant(e.name.value.view()); });
}

void set_log_level(const api& a, const v1::log_level_request& body, const principal_id& who, const responder& reply) {
  constexpr std::pair<std::string_view, log::level> levels[] = {{"trace", log::level::trace}, {"debug", log::level::debug},
                                                                {"info", log::level::info},   {"warn", log::level::warn},
                                                                {"error", log::level::error}, {"off", log::level::off}};
  const auto it = std::find_if(std::begin(levels), std::end(levels), [&](const auto& l) { return l.first == body.level.view(); });
  if (it == std::end(levels))
    return void(reply.fail({errc::invalid_argument, "the request has invalid fields",
                            {{"level", "must be one of trace, debug, info, warn, error, off"}}}));
  if (!names_somebody(*a.node, body.pattern.view()))
    return void(reply.fail(fail(errc::not_found, "no actor is called \"" + body.pattern.str() + "\", and nothing was changed: name one of "
                                                 "/v1/actors, or a beginning with a star, as in \"oms/*\"")));
  on_record(a, reply, who, {operations::kind::log_level, body.pattern, {it->first}}, [body, wanted = it->second, reply] {
    if (auto done = log::set_level(body.pattern.view(), wanted); !done) reply.fail(done.error());
    else reply.value(v1::done_reply{"set"});
  });
}

} // namespace

void add_actor_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.get<v1::page_params, v1::actors_page>(
    "v1", "/v1/actors", "Every actor: its supervisor, how it is, what restarted it and why, its counters. In pages.", {},
    [a](const request_context&, const v1::page_params& p, const responder& reply) {
      auto page = page_of(actor_rows(*a->node), [](const v1::actor_row& r) { return r.name.value.str(); }, p.cursor, p.limit);
      if (page) reply.value(v1::actors_page{std::move(page->first), std::move(page->second)});
      else reply.fail(page.error());
    });
  table.get<v1::actor_params, v1::actor_row>(
    "v1", "/v1/actors/info", "One actor.", {errc::not_found},
    [a](const request_context&, const v1::actor_params& p, const responder& reply) {
      if (auto row = find_row(*a->node, p.name)) reply.value(*row);
      else reply.fail(no_actor(p.name));
    });
  table.get<v1::state_params, edge::none>(
    "v1", "/v1/actors/state", "An actor's state as JSON: now when durable, now at once (ahead), or after any past turn (at).",
    {errc::not_found, errc::unsupported},
    [a](const request_context& request, const v1::state_params& p, const responder& reply) { show_state(a, request, p, reply); });
  table.get<v1::history_params, edge::none>(
    "v1", "/v1/actors/history", "An actor's turns as its journal has them, ascending, in pages.", {errc::not_found},
    [a](const request_context&, const v1::history_params& p, const responder& reply) {
      auto look = inspector_of(p.name);
      if (!look || !find_row(*a->node, p.name))
        return void(reply.fail(fail(errc::not_found, "no actor \"" + p.name.value.str() + "\" keeps a journal")));
      a->read_then_reply(reply, [a, p, reply, l = std::move(*look)] { return history(*a, p, l, reply.context()); });
    });
  table.post<v1::fault_request, v1::done_reply>(
         "v1", "/v1/actors/fault", "Makes an actor throw, die, hang or spin. Only on a node started with --allow-faults.",
         {errc::forbidden, errc::not_found, errc::unsupported},
         [a](const request_context& request, const v1::fault_request& body, const responder& reply) {
           inject(*a, body, principal_of(*a, request), reply);
         })
    .may_answer(202);
  table.post<v1::actor_params, v1::done_reply>(
         "v1", "/v1/actors/restart", "Starts an actor again that its supervisor gave up. A halt of its scope stays in force.",
         {errc::not_authorised, errc::not_found, errc::conflict, errc::unsupported},
         [a](const request_context&, const v1::actor_params& body, const responder& reply) {
           if (auto who = require_operator(*a, reply)) restart(*a, body, *who, reply);
         })
    .authorised()
    .may_answer(202);
  table.post<v1::log_level_request, v1::done_reply>(
         "v1", "/v1/actors/log_level", "Sets the least severe level logged for actors of a pattern.", {errc::not_authorised, errc::not_found},
         [a](const request_context&, const v1::log_level_request& body, const responder& reply) {
           if (auto who = require_operator(*a, reply)) set_log_level(*a, body, *who, reply);
         })
    .authorised();
}

} // namespace troupe::desk
