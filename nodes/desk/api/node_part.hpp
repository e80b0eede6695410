#pragma once
// The node as others see it: one actor behind the name "node".

#include "nodes/desk/desk.hpp"

namespace troupe::desk {

[[nodiscard]] caf::strong_actor_ptr start_node_actor(desk& d);

} // namespace troupe::desk
