#pragma once
// Asks an actor to end when it has handled what lies in its mailbox and what that brought about is durable. Within a process only.

#include <caf/allowed_unsafe_message_type.hpp>

namespace troupe::actor {

/// Sent behind everything else, once the actor's name leads to nobody any more. Acknowledgements would not find it, so it waits for
/// none: whoever goes on with the stream sends again what is open.
struct retire {};

} // namespace troupe::actor
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actor::retire)
