#pragma once
// One question to several nodes. Used on the edge's thread only.

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/history_messages.hpp"
#include "runtime/core/result.hpp"

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace troupe::desk {

template <class V>
struct gathered {
  std::map<node_name, V> answers;
  std::vector<node_name> missing; // nodes that are away: what they have is not in it
};

/// The question failed because the node is away.
[[nodiscard]] inline bool is_away(const api& a, const node_name& node, const error& e) { return is_retriable(e.code) && !a.node->nodes().is_up(node); }

/// Calls `ask(node, done)` for each of `nodes`, which calls `done(result<V>)` once, and `then` when all have. A node that is away is
/// missing; any other error is the answer.
template <class V, class Ask, class Then>
void gather(const std::shared_ptr<api>& a, const std::vector<node_name>& nodes, Ask&& ask, Then then) {
  struct round {
    gathered<V> found;
    std::optional<error> failed;
    std::size_t waiting = 0;
    Then then;
  };
  auto r = std::make_shared<round>(round{{}, {}, nodes.size(), std::move(then)});
  if (nodes.empty()) return r->then(std::move(r->found));
  for (const auto& node : nodes)
    ask(node, [a, r, node](result<V> answer) {
      if (answer) r->found.answers.emplace(node, std::move(*answer));
      else if (is_away(*a, node, answer.error())) r->found.missing.push_back(node);
      else r->failed = answer.error();
      if (--r->waiting > 0) return;
      if (r->failed) r->then(*r->failed);
      else r->then(std::move(r->found));
    });
}

/// Asks the history of a node; what failed there is the error.
template <class V, class Q>
void ask_history(const api& a, const node_name& on, const context& c, const Q& q, answer_to<V> then) {
  a.port->ask<V>(a.node->nodes().name_on(on, history_name), lane::data, c, q, [then = std::move(then)](result<V> found) {
    if (found && found->failed) return then(*found->failed);
    then(std::move(found));
  });
}

/// Of an account or of everybody.
[[nodiscard]] inline std::vector<node_name> nodes_of(const api& a, const std::optional<trading::tenant_id>& tenant, const std::optional<trading::account_id>& account) {
  if (!account) return a.node->nodes().all();
  return {a.node->nodes().node_of(trading::slot_name(trading::slot_of(tenant.value_or(main_tenant), *account)))};
}

/// Who asks for one account gets it or an error.
template <class V>
[[nodiscard]] std::optional<error> missing_whole(const result<gathered<V>>& found) {
  if (!found) return found.error();
  if (found->answers.empty() && !found->missing.empty()) return incomplete(found->missing);
  return std::nullopt;
}

/// What every node says about itself.
template <class Then>
void ask_all_nodes(const std::shared_ptr<api>& a, const context& c, Then then) {
  gather<node_state>(
    a, a->node->nodes().all(), [a, c](const node_name& node, answer_to<node_state> done) { ask_node(*a, c, node, std::move(done)); }, std::move(then));
}

/// As pages show it: only when something is missing.
template <class Name>
[[nodiscard]] std::optional<std::vector<Name>> unless_none(std::vector<Name> missing) {
  return missing.empty() ? std::nullopt : std::optional{std::move(missing)};
}

} // namespace troupe::desk
