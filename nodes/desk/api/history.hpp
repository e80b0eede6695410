#pragma once
// The reading side of a node: one actor with a thread of its own, because it waits for the disk, behind the name "history". Whoever
// shows finished orders, fills or past turns asks the node that has them.

#include "nodes/desk/parts.hpp"

namespace troupe::desk {

[[nodiscard]] started start_history(caf::actor_system&, shared_parts&);

} // namespace troupe::desk
