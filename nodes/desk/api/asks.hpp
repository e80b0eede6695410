#pragma once
// What handlers ask actors, one function a question, so that both HTTP surfaces ask the same. Call on the edge's thread;
// the continuation runs there too unless it says otherwise.

#include "actors/trading/oms/messages.hpp"
#include "actors/trading/portfolio/messages.hpp"
#include "nodes/desk/api/tables.hpp"
#include "runtime/actor/messages.hpp"
#include "runtime/core/context.hpp"
#include "runtime/core/result.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

namespace troupe::desk {

struct api;
using api_ptr = std::shared_ptr<api>;
template <class R>
using answer_to = std::function<void(result<R>)>;

// Errors of all: unavailable, timeout (outcome unknown: ask again with the same id), overloaded.

void place(const api& a, const context& c, const oms::new_order& order, answer_to<oms::order_ack> then);
/// In the control lane: before orders.
void cancel(const api& a, const context& c, trading::order_id id, answer_to<oms::order_ack> then);
void replace(const api& a, const context& c, const oms::replace_order& change, answer_to<oms::order_ack> then);
/// A dry run of `order` in its slot.
void check(const api& a, const context& c, const oms::new_order& order, answer_to<oms::check_view> then);

/// One order, open or finished. Errors besides: not_found. `then` may run on the reader's thread.
void find_order(const api_ptr& a, const context& c, trading::order_id id, answer_to<oms::order> then);

struct order_list {
  std::vector<oms::order> orders; // ascending by id
  std::optional<trading::order_id> next;
};
struct order_list_query {
  order_scope scope;
  trading::order_id after; // zero: from the beginning
  std::size_t limit = 100; // 1 .. 1000
  bool finished = true;    // also finished ones
};
/// A page over open and finished orders. `then` may run on the reader's thread.
void list_orders(const api_ptr& a, const context& c, const order_list_query& q, answer_to<order_list> then);
/// Everything open, at most `limit` a slot, ascending by id.
void list_open(const api_ptr& a, const context& c, const order_scope& scope, std::size_t limit, answer_to<order_list> then);

void ask_positions(const api& a, const context& c, const portfolio::positions_query& q,
                   answer_to<portfolio::positions_view> then);
void ask_cash(const api& a, const context& c, const portfolio::cash_query& q, answer_to<portfolio::cash_list> then);
/// The newest fills from memory.
void ask_fills(const api& a, const context& c, const portfolio::fills_query& q, answer_to<portfolio::fills_view> then);
/// Every fill folded so far is in the table "fills" when `then` runs without an error.
void settle_fills(const api& a, const context& c, std::function<void(std::optional<error>)> then);

void ask_risk(const api& a, const context& c, answer_to<risk::risk_view> then);
/// In the control lane: effective under any flood.
void halt(const api& a, const context& c, const risk::halt_command& command, answer_to<risk::risk_reply> then);
void resume(const api& a, const context& c, const risk::resume_command& command, answer_to<risk::risk_reply> then);
void set_limits(const api& a, const context& c, const risk::set_limits& command, answer_to<risk::risk_reply> then);
void block(const api& a, const context& c, const risk::block_instrument& command, answer_to<risk::risk_reply> then);

/// Requires: the actor answers inspect_request.
void inspect(const api& a, const context& c, const actor_name& name, bool ahead, answer_to<actor::inspected> then);

} // namespace troupe::desk
