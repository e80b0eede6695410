#pragma once
// Sending by name. Control before orders before data: `control` overtakes everything in the receiver's mailbox.

#include "runtime/actor/caf_inspect.hpp"
#include "runtime/actor/environment.hpp"
#include "runtime/actor/messages.hpp"

#include <caf/all.hpp>

#include <utility>

namespace troupe::actor {

[[nodiscard]] inline caf::message_priority priority_of(lane l) noexcept {
  return l == lane::control ? caf::message_priority::high : caf::message_priority::normal;
}

/// Sends from `self` to a handle at the lane's priority. Never blocks; nobody there means counted and dropped.
template <class... Ts>
void send_to(caf::local_actor& self, const caf::strong_actor_ptr& to, lane l, Ts&&... xs) {
  to->enqueue(caf::make_mailbox_element(caf::actor_cast<caf::strong_actor_ptr>(&self), caf::make_message_id(priority_of(l)), {},
                                        std::forward<Ts>(xs)...),
              self.context());
}

/// Executes an injected fault; returns when there was nothing to do.
void suffer(fault what, caf::scheduled_actor& self);

} // namespace troupe::actor
