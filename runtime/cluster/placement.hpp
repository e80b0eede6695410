#pragma once
// Which node runs which actor: declared, the same on every node (it is in the hash that the greeting compares), and complete
// before anybody starts. A value; epochs say who owns a stream when it moves.

#include "runtime/core/ids.hpp"
#include "runtime/core/result.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::cluster {

/// What one node runs, as the configuration says it: a name ("risk"), numbered names ("oms/0-21", "oms/5"), or all that
/// begin so and nobody else claims ("strategy/*").
using claims = std::vector<std::string>;

class placement {
public:
  /// Gives every one of `names` its node. A name in full or by number goes before "/*". Errors: invalid_argument, with every
  /// violation by node and claim: not understood, a name claimed twice or by nobody, a name or number that is not there. "/*" may match nothing.
  [[nodiscard]] static result<placement> make(const std::map<node_name, claims>& nodes, const std::vector<actor_name>& names);

  /// The node that runs `name`; nothing for names that were not placed, which are every node's own.
  [[nodiscard]] const node_name* node_of(const actor_name& name) const;
  /// What `node` runs, ordered by name.
  [[nodiscard]] std::vector<actor_name> names_on(const node_name& node) const;
  [[nodiscard]] const std::map<actor_name, node_name>& all() const noexcept { return nodes_; }

private:
  std::map<actor_name, node_name> nodes_;
};

} // namespace troupe::cluster
