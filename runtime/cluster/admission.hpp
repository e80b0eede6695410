#pragma once
// May two nodes trade together? A pure rule, the same on both ends of a connection.

#include "runtime/cluster/link.hpp"

#include <optional>
#include <set>
#include <string>

namespace troupe::cluster {

/// What the configuration says about others.
struct admission {
  std::set<node_name> members;
  std::set<std::string> builds; // beside our own: those of an open upgrade
};

/// Nothing when `theirs` may talk to `ours`, else one sentence that names what differs, the value here and the value there.
[[nodiscard]] std::optional<std::string> refusal(const admission& rule, const greeting& ours, const greeting& theirs);

} // namespace troupe::cluster
