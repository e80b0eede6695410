#pragma once
// What handlers ask actors, one function a question, so that both HTTP surfaces ask the same, wherever the actors run. Call on the
// edge's thread; the continuation runs there too.

#include "actors/trading/oms/messages.hpp"
#include "actors/trading/portfolio/messages.hpp"
#include "nodes/desk/api/node_messages.hpp"
#include "nodes/desk/api/tables.hpp"
#include "runtime/actor/messages.hpp"
#include "runtime/core/context.hpp"
#include "runtime/core/result.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk {

struct api;
using api_ptr = std::shared_ptr<api>;
template <class R>
using answer_to = std::function<void(result<R>)>;

// Errors of all: unavailable, timeout (outcome unknown: ask again with the same id), overloaded.

void place(const api& a, const context& c, const oms::new_order& order, answer_to<oms::order_ack> then);
/// In the control lane: before orders.
void cancel(const api& a, const context& c, trading::order_id id, answer_to<oms::order_ack> then);
/// By the client's own id, looked up in the slot's own turn. Errors besides: not_found.
void cancel(const api& a, const context& c, const oms::client_order_query& which, answer_to<oms::order_ack> then);
void replace(const api& a, const context& c, const oms::replace_order& change, answer_to<oms::order_ack> then);
/// A dry run of `order` in its slot.
void check(const api& a, const context& c, const oms::new_order& order, answer_to<oms::check_view> then);

/// One order, open or finished. Errors besides: not_found.
void find_order(const api_ptr& a, const context& c, trading::order_id id, answer_to<oms::order> then);
void find_order(const api& a, const context& c, const oms::client_order_query& which, answer_to<oms::order> then);

/// What several nodes have; `missing` are away, and what they have is not in it.
template <class Row>
struct found_rows {
  std::vector<Row> rows;
  std::vector<node_name> missing;
  std::uint64_t out_of_date = 0; // bit n: slot n was given up, and what its venues have reported since is not in it
};

struct order_list {
  std::vector<oms::order> orders; // ascending by id, or newest first if asked so
  std::optional<trading::order_id> next;
  std::vector<node_name> missing;
  std::uint64_t out_of_date = 0; // bit n: slot n does not run, and what it has open is not in it
};
struct order_list_query {
  order_scope scope;
  trading::order_id after; // zero: from the beginning
  std::size_t limit = 100; // 1 .. 1000
  bool finished = true;    // also finished ones
  bool newest = false;     // those that changed last, newest first, and no page behind them
};
/// A page over open and finished orders. Of an account whose node is away, or whose slot does not run: unavailable.
void list_orders(const api_ptr& a, const context& c, const order_list_query& q, answer_to<order_list> then);
/// Everything open, at most `limit` a slot, ascending by id.
void list_open(const api_ptr& a, const context& c, const order_scope& scope, std::size_t limit, answer_to<order_list> then);
/// The newest finished orders, newest first.
void list_newest_finished(const api_ptr& a, const context& c, const order_scope& scope, std::size_t limit, answer_to<found_rows<oms::order>> then);

/// Ordered by tenant, account, instrument or currency. Of an account whose node is away, or whose slot was given up: unavailable.
void ask_positions(const api_ptr& a, const context& c, const portfolio::positions_query& q, answer_to<found_rows<portfolio::position_view>> then);
void ask_cash(const api_ptr& a, const context& c, const portfolio::cash_query& q, answer_to<found_rows<portfolio::cash_view>> then);
/// The newest fills from memory, newest first.
void ask_fills(const api_ptr& a, const context& c, const portfolio::fills_query& q, answer_to<found_rows<portfolio::fill>> then);

struct fill_list {
  std::vector<portfolio::fill> fills; // ascending by time
  std::optional<std::string> next;    // cursor to go on from
  std::vector<node_name> missing;
  std::uint64_t out_of_date = 0;      // as of found_rows
};
/// Every fill that was durable when asked, from the cursor `from` on (empty: the beginning).
void list_fills(const api_ptr& a, const context& c, const std::string& from, const fill_scope& scope, std::size_t limit, answer_to<fill_list> then);

/// For answers that cannot say that something is missing, or old: to them it is unavailable.
[[nodiscard]] std::optional<error> incomplete(const std::vector<node_name>& missing, std::uint64_t out_of_date = 0);

void ask_risk(const api& a, const context& c, answer_to<risk::risk_view> then);
/// In the control lane: effective under any flood.
void halt(const api& a, const context& c, const risk::halt_command& command, answer_to<risk::risk_reply> then);
void resume(const api& a, const context& c, const risk::resume_command& command, answer_to<risk::risk_reply> then);
void change_limits(const api& a, const context& c, const risk::change_limits& command, answer_to<risk::risk_reply> then);
void block(const api& a, const context& c, const risk::block_instrument& command, answer_to<risk::risk_reply> then);

/// Risk's commands one after the other, the last first, up to the first that fails or is refused; `then` hears of all as of one. Requires: not empty.
using risk_command = std::function<void(answer_to<risk::risk_reply>)>;
void in_turn(std::vector<risk_command> commands, answer_to<risk::risk_reply> then);

/// Behind orders, cancels and halts: a large state is long in the making. Requires: the actor answers inspect_request, under the name it has on its
/// node; `on` is the node.
void inspect(const api& a, const context& c, const node_name& on, const actor_name& name, bool ahead, answer_to<actor::inspected> then);
/// The actor's state after a turn, or a page of its turns, as JSON. Errors besides: not_found, corrupt.
void past_state(const api& a, const context& c, const node_name& on, const actor_name& name, std::uint64_t at, answer_to<std::string> then);
void past_turns(const api& a, const context& c, const node_name& on, const actor_name& name, std::uint64_t from, std::size_t limit,
                answer_to<std::string> then);
/// What `on` says about itself.
void ask_node(const api& a, const context& c, const node_name& on, answer_to<node_state> then);
void restart(const api& a, const context& c, const node_name& on, const actor_name& name, std::function<void(std::optional<error>)> then);
void set_log_level(const api& a, const context& c, const node_name& on, const log_level_command& command, std::function<void(std::optional<error>)> then);

} // namespace troupe::desk
