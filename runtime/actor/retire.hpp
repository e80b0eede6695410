#pragma once
// Asks an actor to end when it has handled what lies in its mailbox and what that brought about is durable. Within a process only.

#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>

namespace troupe::actor {

/// Sent behind everything else, once the actor's name leads to nobody any more. Effects that receivers have not acknowledged are waited
/// for a while: what is still open then, whoever goes on with the stream sends again.
struct retire {
  static constexpr auto patience = std::chrono::milliseconds{500};
};

} // namespace troupe::actor
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actor::retire)
