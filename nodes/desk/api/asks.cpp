#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/asks.hpp"

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/gather.hpp"
#include "nodes/desk/api/history_messages.hpp"
#include "nodes/desk/api/node_part.hpp"
#include "nodes/desk/slot_sets.hpp"

#include <type_traits>

namespace troupe::desk {
namespace {

template <class O> // whatever has a tenant and an account
actor_name slot_actor(const O& o) {
  return trading::slot_name(trading::slot_of(o.tenant, o.account));
}

/// Of changes to an order: what the slot refused is in no event, so it is counted here.
answer_to<oms::order_ack> counting_refusals(const api& a, answer_to<oms::order_ack> then) {
  return [counts = a.counts, then = std::move(then)](result<oms::order_ack> ack) {
    if (ack && ack->refusal != oms::refusal::none) counts->refuse(ack->refusal);
    then(std::move(ack));
  };
}

template <class R, class C>
void ask_risk_actor(const api& a, lane l, const context& c, const C& command, answer_to<R> then) {
  a.port->ask<R>(risk_name, l, c, command, std::move(then));
}

} // namespace

void place(const api& a, const context& c, const oms::new_order& order, answer_to<oms::order_ack> then) {
  a.counts->asked.fetch_add(1, std::memory_order_relaxed);
  a.port->ask<oms::order_ack>(slot_actor(order), lane::order, c, order,
                              [counts = a.counts, then = std::move(then)](result<oms::order_ack> ack) {
                                if (ack) {
                                  counts->answered.fetch_add(1, std::memory_order_relaxed);
                                  // What risk refused is on record and counted from there, once.
                                  if (failure_of(*ack)) counts->refuse(ack->refusal);
                                }
                                then(std::move(ack));
                              });
}

void cancel(const api& a, const context& c, trading::order_id id, answer_to<oms::order_ack> then) {
  oms::cancel_order command;
  command.order = id;
  a.port->ask<oms::order_ack>(trading::slot_name(id.slot()), lane::control, c, command, counting_refusals(a, std::move(then)));
}

void cancel(const api& a, const context& c, const oms::client_order_query& which, answer_to<oms::order_ack> then) {
  const oms::cancel_order command{{}, which.tenant, which.account, which.client_id};
  a.port->ask<oms::order_ack>(slot_actor(which), lane::control, c, command, counting_refusals(a, [which, then = std::move(then)](result<oms::order_ack> ack) {
                                if (ack && ack->refusal == oms::refusal::unknown_order) return then(no_order_of(which));
                                then(std::move(ack));
                              }));
}

void find_order(const api& a, const context& c, const oms::client_order_query& which, answer_to<oms::order> then) {
  a.port->ask<oms::orders_view>(slot_actor(which), lane::data, c, which, [which, then = std::move(then)](result<oms::orders_view> found) {
    if (!found) return then(found.error());
    if (found->orders.empty()) return then(no_order_of(which));
    then(std::move(found->orders.front()));
  });
}

void replace(const api& a, const context& c, const oms::replace_order& change, answer_to<oms::order_ack> then) {
  a.port->ask<oms::order_ack>(trading::slot_name(change.order.slot()), lane::order, c, change, counting_refusals(a, std::move(then)));
}

void check(const api& a, const context& c, const oms::new_order& order, answer_to<oms::check_view> then) {
  const auto& parts = a.node->parts();
  const oms::check_query q{order, parts.env.clock->now(), parts.env.clock->boot(), parts.journal->has_space()};
  a.port->ask<oms::check_view>(slot_actor(order), lane::data, c, q, std::move(then)); // a read: without an answer it is simply asked again
}

std::optional<error> incomplete(const std::vector<node_name>& missing, std::uint64_t out_of_date) {
  if (!missing.empty()) {
    std::string names;
    for (const auto& n : missing) names += (names.empty() ? "" : ", ") + n.value.str();
    return fail(errc::unavailable, "node " + names + " is away, and what it has is missing: ask again, or for an account of another node");
  }
  if (out_of_date == 0) return std::nullopt;
  return fail(errc::unavailable, first_slot_of(out_of_date).value.str() + " was given up or is starting, and what it has is old or missing: `troupe restart` brings back what was given up, or ask for another account");
}

void ask_risk(const api& a, const context& c, answer_to<risk::risk_view> then) {
  ask_risk_actor(a, lane::data, c, risk::risk_query{}, std::move(then));
}
void halt(const api& a, const context& c, const risk::halt_command& command, answer_to<risk::risk_reply> then) {
  ask_risk_actor(a, lane::control, c, command, std::move(then));
}
void resume(const api& a, const context& c, const risk::resume_command& command, answer_to<risk::risk_reply> then) {
  ask_risk_actor(a, lane::order, c, command, std::move(then));
}
void change_limits(const api& a, const context& c, const risk::change_limits& command, answer_to<risk::risk_reply> then) {
  ask_risk_actor(a, lane::order, c, command, std::move(then));
}
void block(const api& a, const context& c, const risk::block_instrument& command, answer_to<risk::risk_reply> then) {
  ask_risk_actor(a, command.blocked ? lane::control : lane::order, c, command, std::move(then));
}

namespace {

/// Of two commands that were taken: what changed something outdoes what was so already.
risk::risk_reply both(risk::risk_reply before, risk::risk_reply said) {
  if (before.verdict != said.verdict) return before.verdict == risk::verdict::unchanged ? said : before;
  if (!before.reason.empty() && !said.reason.empty()) before.reason += "; ";
  before.reason += said.reason;
  return before;
}

void go_on(std::vector<risk_command> left, const std::optional<risk::risk_reply>& before, const answer_to<risk::risk_reply>& then) {
  const auto command = std::move(left.back());
  left.pop_back();
  command([left, before, then](const result<risk::risk_reply>& said) {
    if (!said || said->verdict == risk::verdict::refused) return then(said);
    const auto so_far = before ? both(*before, *said) : *said;
    if (left.empty()) then(so_far);
    else go_on(left, so_far, then);
  });
}

} // namespace

void in_turn(std::vector<risk_command> commands, answer_to<risk::risk_reply> then) { go_on(std::move(commands), std::nullopt, then); }

void inspect(const api& a, const context& c, const node_name& on, const actor_name& name, bool ahead, answer_to<actor::inspected> then) {
  a.port->ask<actor::inspected>(a.node->nodes().called_here(on, name), lane::data, c, actor::inspect_request{ahead}, std::move(then));
}

namespace {

answer_to<json_found> only_json(answer_to<std::string> then) {
  return [then = std::move(then)](result<json_found> found) {
    if (found) then(std::move(found->json));
    else then(found.error());
  };
}

/// Our own node answers here: its tree is shown, and its actors are restarted, also when its actor "node" is the one that was given up.
template <class R, class Q>
void ask_node_actor(const api& a, const context& c, const node_name& on, const Q& what, answer_to<R> then) {
  if (on == a.node->nodes().self()) return then(answer_of(*a.node, what));
  a.port->ask<R>(a.node->nodes().name_on(on, node_actor_name), lane::control, c, what, std::move(then), std::is_same_v<Q, node_query>);
}

template <class C>
void command(const api& a, const context& c, const node_name& on, const C& what, std::function<void(std::optional<error>)> then) {
  ask_node_actor<commanded>(a, c, on, what, [then = std::move(then)](result<commanded> done) {
    then(done ? done->failed : std::optional{done.error()});
  });
}

} // namespace

void past_state(const api& a, const context& c, const node_name& on, const actor_name& name, std::uint64_t at, answer_to<std::string> then) {
  ask_history<json_found>(a, on, c, past_state_query{name, at}, only_json(std::move(then)));
}

void past_turns(const api& a, const context& c, const node_name& on, const actor_name& name, std::uint64_t from, std::size_t limit,
                answer_to<std::string> then) {
  ask_history<json_found>(a, on, c, turns_query{name, from, static_cast<std::uint32_t>(limit)}, only_json(std::move(then)));
}

void ask_node(const api& a, const context& c, const node_name& on, answer_to<node_state> then) {
  ask_node_actor<node_state>(a, c, on, node_query{}, std::move(then));
}

void restart(const api& a, const context& c, const node_name& on, const actor_name& name, std::function<void(std::optional<error>)> then) {
  command(a, c, on, restart_command{name}, std::move(then));
}

void set_log_level(const api& a, const context& c, const node_name& on, const log_level_command& what, std::function<void(std::optional<error>)> then) {
  command(a, c, on, what, std::move(then));
}

} // namespace troupe::desk
