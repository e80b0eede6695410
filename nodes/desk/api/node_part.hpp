#pragma once
// The node as others see it: one actor behind the name "node". The node's own edge asks without it, so that what became of the actor
// can be seen and mended there. Any thread.

#include "nodes/desk/api/node_messages.hpp"
#include "nodes/desk/desk.hpp"

namespace troupe::desk {

[[nodiscard]] node_state answer_of(desk& node, const node_query&);
[[nodiscard]] commanded answer_of(desk& node, const restart_command& c);
[[nodiscard]] commanded answer_of(desk& node, const log_level_command& c);

[[nodiscard]] started start_node_actor(desk& d);

} // namespace troupe::desk
