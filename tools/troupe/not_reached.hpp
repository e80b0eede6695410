#pragma once
// What of a desk a halt that is in force has not reached: nodes that are away, slots that do not run. What is open there may still fill.

#include "tools/troupe/node_client.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

struct not_reached {
  std::vector<std::string> nodes;     // that are away, ascending
  std::vector<std::string> slots;     // that do not run, those of these nodes first
  std::vector<std::string> sentences; // for people, each the end of "the halt is in force, but ..."; none: it has reached everything
};

/// Asks the node, which has answered `halt`, for 2 s a question; what cannot be asked is a sentence, too. Of an account's halt a slot that was given up counts
/// only when it may have something of the account open, under any tenant. Of a node that is away nobody knows, so it counts for every scope.
[[nodiscard]] not_reached not_reached_by(const wire::json_value& halt, node_options options, const std::optional<std::string>& account);

/// The answer with the members `missing` and `slots`, where there are any.
[[nodiscard]] wire::json_value with_members(wire::json_value halt, const not_reached& left);

/// "oms/3, oms/5 to oms/9": slots that follow each other as one range. Other names as they are.
[[nodiscard]] std::string in_ranges(const std::vector<std::string>& names);

} // namespace troupe::cli
