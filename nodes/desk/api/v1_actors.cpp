#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/actor_rows.hpp"
#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/gather.hpp"
#include "nodes/desk/api/operate.hpp"
#include "nodes/desk/api/pages.hpp"
#include "nodes/desk/api/v1_routes.hpp"
#include "runtime/telemetry/log.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;

/// Where an actor is and what it is called there.
struct whereabouts {
  node_name node;
  actor_name name;
};

whereabouts find(const api& a, const actor_name& name) { return {a.node->nodes().node_of(name), mesh::bare(name)}; }

error no_actor(const actor_name& name) { return fail(errc::not_found, "there is no actor \"" + name.value.str() + "\""); }

bool is_node(const api& a, const node_name& node) {
  const auto nodes = a.node->nodes().all();
  return std::ranges::find(nodes, node) != nodes.end();
}

/// The row of an actor, from its node.
void find_row(const std::shared_ptr<api>& a, const context& c, const actor_name& name, answer_to<v1::actor_row> then) {
  const auto at = find(*a, name);
  if (!is_node(*a, at.node)) return then(no_actor(name));
  ask_node(*a, c, at.node, [a, name, at, then = std::move(then)](result<node_state> state) {
    if (!state) return then(state.error());
    const auto row = std::ranges::find(state->actors, at.name, &v1::actor_row::name);
    if (row == state->actors.end()) return then(no_actor(name));
    then(std::move(*row));
  });
}

/// Actors that answer inspect_request: those with a journal, and the portfolio. Supervisors have no state.
bool has_state(const actor_name& name) {
  return name == portfolio_name || name.value.view().starts_with("relay/") || inspector_of(name).has_value();
}

/// Of an actor without a row, for `why`. A strategy that is not configured any more runs nowhere, and its node keeps its record: `then` gets nothing when there is
/// one, else the error.
void find_record(const std::shared_ptr<api>& a, const context& c, const actor_name& name, const error& why, std::function<void(std::optional<error>)> then) {
  const auto at = find(*a, name);
  if (why.code != errc::not_found || !trading::strategy_called(at.name.value.view()) || !is_node(*a, at.node)) return then(why);
  past_state(*a, c, at.node, at.name, 1, [why, then = std::move(then)](const result<std::string>& first) {
    if (first) then(std::nullopt);
    else then(first.error().code == errc::not_found ? why : first.error());
  });
}

void send_json(const responder& reply, result<std::string> json) {
  if (json) reply.json(std::move(*json));
  else reply.fail(json.error());
}

void show_state_now(const std::shared_ptr<api>& a, const context& c, const whereabouts& at, bool ahead, const responder& reply) {
  inspect(*a, c, at.node, at.name, ahead, [reply, ahead](const result<actor::inspected>& seen) {
    if (!seen) return void(reply.fail(seen.error()));
    const auto durable = ahead ? seen->durable : std::max(seen->durable, seen->sequence); // the answer has waited for it
    std::string out = "{\"actor\":";
    wire::append_json_string(out, seen->name.value.view());
    out += ",\"sequence\":" + std::to_string(seen->sequence) + ",\"durable\":" + std::to_string(durable) +
           ",\"epoch\":" + std::to_string(seen->epoch) + ",\"state\":" + seen->state + '}';
    reply.json(std::move(out));
  });
}

void show_state(const std::shared_ptr<api>& a, const request_context& request, const v1::state_params& p, const responder& reply) {
  const auto c = a->context_of(request);
  find_row(a, c, p.name, [a, c, p, reply](const result<v1::actor_row>& row) {
    const auto at = find(*a, p.name);
    const auto show_past = [a, c, at, reply](std::uint64_t turn) {
      past_state(*a, c, at.node, at.name, turn, [reply](result<std::string> json) { send_json(reply, std::move(json)); });
    };
    if (!row)
      return find_record(a, c, p.name, row.error(), [p, reply, show_past](const std::optional<error>& none) {
        if (none) reply.fail(*none);
        else show_past(p.at.value_or(UINT64_MAX));
      });
    if (!has_state(at.name)) return void(reply.fail(fail(errc::unsupported, p.name.value.str() + " has no state; /v1/actors shows how it is")));
    if (!p.at) return show_state_now(a, c, at, p.ahead.value, reply);
    if (!inspector_of(at.name)) return void(reply.fail(fail(errc::unsupported, p.name.value.str() + " journals nothing; it has no past turns")));
    show_past(*p.at);
  });
}

void show_history(const std::shared_ptr<api>& a, const request_context& request, const v1::history_params& p, const responder& reply) {
  const auto c = a->context_of(request);
  find_row(a, c, p.name, [a, c, p, reply](const result<v1::actor_row>& row) {
    const auto at = find(*a, p.name);
    const auto none = fail(errc::not_found, "no actor \"" + p.name.value.str() + "\" keeps a journal");
    const auto show = [a, c, p, at, reply] {
      past_turns(*a, c, at.node, at.name, p.from.value_or(1), p.limit ? p.limit->value : v1::page_size_fallback,
                 [reply](result<std::string> json) { send_json(reply, std::move(json)); });
    };
    if (!row)
      return find_record(a, c, p.name, row.error().code == errc::not_found ? none : row.error(), [reply, show](const std::optional<error>& failed) {
        if (failed) reply.fail(*failed);
        else show();
      });
    if (!inspector_of(at.name)) return void(reply.fail(none));
    show();
  });
}

void inject(const std::shared_ptr<api>& a, const v1::fault_request& body, const principal_id& who, const responder& reply) {
  if (!a->node->parts().env.faults_allowed)
    return void(reply.fail(fail(errc::forbidden, "faults are injected only into a node started with --allow-faults")));
  constexpr std::pair<std::string_view, actor::fault> faults[] = {
    {"throw", actor::fault::throw_}, {"die", actor::fault::die}, {"hang", actor::fault::hang}, {"spin", actor::fault::spin}};
  const auto it = std::find_if(std::begin(faults), std::end(faults), [&](const auto& f) { return f.first == body.fault.view(); });
  if (it == std::end(faults))
    return void(reply.fail({errc::invalid_argument, "the request has invalid fields", {{"fault", "must be one of throw, die, hang, spin"}}}));
  find_row(a, a->context_of(reply.context()), body.name, [a, body, who, reply, what = *it](const result<v1::actor_row>& row) {
    if (!row) return void(reply.fail(row.error()));
    if (row->is_supervisor)
      return void(reply.fail(fail(errc::unsupported, body.name.value.str() + " is a supervisor; faults go into its children")));
    if (row->status != supervise::child_status::running)
      return void(reply.fail(fail(errc::conflict, body.name.value.str() + " is " + boost::describe::enum_to_string(row->status, "away") +
                                                    " and takes no fault" + (is_given_up(*row) ? ": start it again first (troupe restart)" : " before it runs"))));
    const auto at = find(*a, body.name);
    on_record(*a, reply, who, at.node, {operations::kind::fault, at.name.value, {what.first}}, [a, at, what, reply] {
      a->node->parts().env.names->ref(a->node->nodes().called_here(at.node, at.name))
        ->enqueue(nullptr, caf::make_message_id(caf::message_priority::high), caf::make_message(actor::fault_command{what.second}), nullptr);
      reply.value(v1::done_reply{"injected"}, 202);
    });
  });
}

/// Of an actor its supervisor gave up: with a clean record, so that the node can be ready again.
void restart_actor(const std::shared_ptr<api>& a, const v1::actor_params& body, const principal_id& who, const responder& reply) {
  const auto at = find(*a, body.name);
  const auto start = [a, at, who, reply] {
    restart(*a, a->context_of(reply.context(), who), at.node, at.name, [reply](const std::optional<error>& failed) {
      if (failed) reply.fail(*failed);
      else reply.value(v1::done_reply{"restarting"}, 202);
    });
  };
  find_row(a, a->context_of(reply.context()), body.name, [a, at, who, reply, start](const result<v1::actor_row>& row) {
    if (!row) return void(reply.fail(row.error()));
    if (row->is_supervisor || !is_given_up(*row)) return start(); // its node says why not, and nothing goes on record
    const operations::operation what{operations::kind::restart, at.name.value, {}};
    if (at.name != operations_name) return on_record(*a, reply, who, at.node, what, start);
    // The record cannot be kept by the actor that is away: the log has to do.
    log::warn(operations_name, a->context_of(reply.context(), who).cause, "restarted by " + who.value.str());
    start();
  });
}

/// Somebody who logs on that node has that name, or begins so: an actor, or one of the parts that are none.
bool names_somebody(const node_state& node, std::string_view pattern) {
  const bool is_beginning = pattern.ends_with('*');
  const auto beginning = is_beginning ? pattern.substr(0, pattern.size() - 1) : pattern;
  const auto is_meant = [&](std::string_view name) { return is_beginning ? name.starts_with(beginning) : name == pattern; };
  for (const std::string_view part : {std::string_view{"cluster"}, std::string_view{"journal"}, std::string_view{"venues"}})
    if (is_meant(part)) return true;
  return std::ranges::any_of(node.actors, [&](const auto& row) { return is_meant(row.name.value.view()); });
}

/// "oms/17" has its node, "oms/*@b" says one, "oms/*" means this one. What is refused is not on record.
void change_log_level(const std::shared_ptr<api>& a, const v1::log_level_request& body, const principal_id& who, const responder& reply) {
  const auto at = find(*a, actor_name{body.pattern});
  const auto c = a->context_of(reply.context(), who);
  ask_node(*a, c, at.node, [a, at, body, who, c, reply](const result<node_state>& node) {
    if (!node) return void(reply.fail(node.error()));
    if (!names_somebody(*node, at.name.value.view()))
      return void(reply.fail(fail(errc::not_found, "no actor is called \"" + body.pattern.str() + "\", and nothing was changed: name one of "
                                                   "/v1/actors, or a beginning with a star, as in \"oms/*\"")));
    on_record(*a, reply, who, at.node, {operations::kind::log_level, at.name.value, {body.level.view()}}, [a, at, body, c, reply] {
      set_log_level(*a, c, at.node, {at.name.value, body.level}, [reply](const std::optional<error>& failed) {
        if (failed) reply.fail(*failed);
        else reply.value(v1::done_reply{"set"});
      });
    });
  });
}

void list_log_levels(const std::shared_ptr<api>& a, const request_context& request, const responder& reply) {
  ask_all_nodes(a, a->context_of(request), [a, reply](result<gathered<node_state>> found) {
    if (!found) return void(reply.fail(found.error()));
    v1::log_levels_view all;
    for (auto& [node, state] : found->answers)
      for (auto& row : state.log_levels) {
        if (!a->node->nodes().is_alone()) row.node = node;
        all.levels.push_back(std::move(row));
      }
    std::ranges::sort(all.levels, {}, [](const v1::log_level_row& r) { return std::pair{r.node, r.pattern}; });
    all.missing = unless_none(std::move(found->missing));
    reply.value(all);
  });
}

void list_actors(const std::shared_ptr<api>& a, const request_context& request, const v1::page_params& p, const responder& reply) {
  ask_all_nodes(a, a->context_of(request), [a, p, reply](result<gathered<node_state>> found) {
    if (!found) return void(reply.fail(found.error()));
    std::vector<v1::actor_row> all;
    for (auto& [node, state] : found->answers) {
      show_for_all(a->node->nodes(), node, state.actors);
      all.insert(all.end(), std::make_move_iterator(state.actors.begin()), std::make_move_iterator(state.actors.end()));
    }
    auto page = page_of("actors", std::move(all), [](const v1::actor_row& r) { return r.name.value.str(); }, p.cursor, p.limit);
    if (page) reply.value(v1::actors_page{std::move(page->first), std::move(page->second), unless_none(std::move(found->missing))});
    else reply.fail(page.error());
  });
}

} // namespace

void add_actor_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.get<v1::page_params, v1::actors_page>(
    "v1", "/v1/actors", "Every actor: its supervisor, how it is, what restarted it and why, its counters. In pages.", {},
    [a](const request_context& request, const v1::page_params& p, const responder& reply) { list_actors(a, request, p, reply); });
  table.get<v1::actor_params, v1::actor_row>(
    "v1", "/v1/actors/info", "One actor.", {errc::not_found},
    [a](const request_context& request, const v1::actor_params& p, const responder& reply) {
      find_row(a, a->context_of(request), p.name, [a, p, reply](result<v1::actor_row> row) {
        if (!row) return void(reply.fail(row.error()));
        std::vector<v1::actor_row> one{std::move(*row)};
        show_for_all(a->node->nodes(), find(*a, p.name).node, one);
        reply.value(one.front());
      });
    });
  table.get<v1::state_params, edge::none>(
    "v1", "/v1/actors/state", "An actor's state as JSON: now when durable, now at once (ahead), or after any past turn (at).",
    {errc::not_found, errc::unsupported},
    [a](const request_context& request, const v1::state_params& p, const responder& reply) { show_state(a, request, p, reply); });
  table.get<v1::history_params, edge::none>(
    "v1", "/v1/actors/history", "An actor's turns as its journal has them, ascending, in pages.", {errc::not_found},
    [a](const request_context& request, const v1::history_params& p, const responder& reply) { show_history(a, request, p, reply); });
  table.post<v1::fault_request, v1::done_reply>(
         "v1", "/v1/actors/fault", "Makes an actor throw, die, hang or spin. Only on a node started with --allow-faults.",
         {errc::forbidden, errc::not_found, errc::conflict, errc::unsupported},
         [a](const request_context& request, const v1::fault_request& body, const responder& reply) {
           inject(a, body, principal_of(request), reply);
         })
    .may_answer(202);
  table.post<v1::actor_params, v1::done_reply>(
         "v1", "/v1/actors/restart", "Starts an actor again that its supervisor gave up. A halt of its scope stays in force.",
         {errc::not_authorised, errc::not_found, errc::conflict, errc::unsupported},
         [a](const request_context&, const v1::actor_params& body, const responder& reply) {
           if (auto who = require_operator(reply)) restart_actor(a, body, *who, reply);
         })
    .authorised()
    .may_answer(202);
  table.get<edge::none, v1::log_levels_view>(
    "v1", "/v1/actors/log_level", "The log levels in force on each node: of the patterns that fit an actor the longest decides.", {},
    [a](const request_context& request, const edge::none&, const responder& reply) { list_log_levels(a, request, reply); });
  table.post<v1::log_level_request, v1::done_reply>(
         "v1", "/v1/actors/log_level", "Sets the least severe level logged for actors of a pattern.", {errc::not_authorised, errc::not_found},
         [a](const request_context&, const v1::log_level_request& body, const responder& reply) {
           if (auto who = require_operator(reply)) change_log_level(a, body, *who, reply);
         })
    .authorised();
}

} // namespace troupe::desk
