#pragma once
// The network of sweeps: the link of every other cluster, with an authority, ports and a greeting of its own. A node that trades
// greets with other layouts and another configuration, so neither lets the other in, whatever certificates they hold.

#include "runtime/cluster/tls_link.hpp"

#include <caf/fwd.hpp>

#include <filesystem>

namespace troupe::sweep_node {

/// Who a node of a sweep is: this build, the layouts of the sweep's messages, and that it is a sweep.
[[nodiscard]] cluster::greeting greeting_of(const node_name& name, std::uint64_t boot);

/// Certificates of `name` in `folder` as `troupe ca issue` names them, beside who it is and whom it lets in.
[[nodiscard]] cluster::tls_link_options link_options(const node_name& name, std::uint64_t boot, const std::filesystem::path& folder);

/// What sweeps say, made known to CAF. The same on both ends.
void add_messages(caf::actor_system_config& config);

} // namespace troupe::sweep_node
