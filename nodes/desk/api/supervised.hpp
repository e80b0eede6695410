#pragma once
// What the edge's actors, which no shell hosts, owe their supervisor: an answer to its pings, and the faults that are injected.

#include "nodes/desk/parts.hpp"
#include "runtime/actor/answering.hpp"

#include <caf/all.hpp>

namespace troupe::desk {

/// A behavior that goes on behind the actor's own: `own.or_else(...)`. What a handler throws ends the actor with its words as the reason.
inline caf::message_handler under_supervision(caf::event_based_actor& self, const shared_parts& parts, const actor_name& name) {
  self.set_exception_handler([&self](std::exception_ptr& thrown) { return actor::end_by(self, thrown); });
  return actor::system_handlers(self, parts.env, name);
}

} // namespace troupe::desk
