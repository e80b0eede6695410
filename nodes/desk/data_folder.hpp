#pragma once
// What a data folder keeps where: `journal` the turns of the node's actors, `venues` those of its simulated venues, `portfolio` what is folded from the
// first. A folder from which some of it is gone, or where one lies in another's place, is not one to begin anew in. Stateless.

#include "runtime/core/result.hpp"
#include "runtime/journal/journal.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk {

/// A folder in which a node has run still has its journals; where nothing was before there need be none. Errors: conflict, and what an operator can do.
[[nodiscard]] result<void> must_have_journals(const std::filesystem::path& data_dir);

/// That the store in `folder`, whose name says which it is, has turns of a stream that is kept in another one. Nothing: it has not, or the name says nothing.
[[nodiscard]] std::optional<error> misplaced(const std::filesystem::path& folder, const std::vector<journal::stream_head>& heads);

/// What does not move, unlike slots (risk, venues, strategies), runs where its record is: elsewhere halts, limits, orders and positions would be forgotten.
/// `node_of` says where something is to run, `self` for what is not configured. Errors: invalid_argument, which names all that would.
[[nodiscard]] result<void> must_stay(const std::vector<journal::stream_head>& heads, const node_name& self, const std::function<node_name(const actor_name&)>& node_of);

/// That risk, which is to run where `heads` are, has no record there although slots have traded: it ran elsewhere. Nothing: it has one, or nobody has traded.
[[nodiscard]] std::optional<std::string> begins_anew(const std::vector<journal::stream_head>& heads);

} // namespace troupe::desk
