#pragma once
// Carries slots between nodes: reads streams that leave here, page by page, for the mover of another node, and brings those that come,
// one after the other. A stream is copied while its slot serves there; when little is left its keeper is asked to hand over; when all
// is here, ours is told. Knows nothing lasting: the keeper of placement says again what is to be done.

#include "actors/platform/placement/messages.hpp"
#include "nodes/desk/parts.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

namespace troupe::desk {

/// Each node's own.
inline const actor_name slot_mover_name{"slot_mover"};

/// From the keeper of this node: bring the slot. Again changes nothing.
struct fetch_order {
  std::uint32_t slot = 0;
  node_name from;
};
/// It is ours: bring it up to the end that is named here.
struct finish_order {
  placement::take_over what;
};

/// Tells `keeper` slot_arrived or fetch_failed.
[[nodiscard]] started start_slot_mover(caf::actor_system&, shared_parts&, const actor_name& keeper);

} // namespace troupe::desk
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::fetch_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::finish_order)
