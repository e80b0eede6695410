#pragma once
// Turns and messages in a few words, for who sets an actor's log level to debug or trace. Pure functions; any thread.

#include "runtime/wire/type_description.hpp"

#include <string>

namespace troupe::actor {

/// What a message is and, if it says so, why: "new_order", `order_rejected "MARK_OLD" "the price is 9 s old"`. Of a variant, its alternative; of effects taken together, what the only one is, or "2 effects".
[[nodiscard]] std::string message_line(const wire::type_description& type, const void* message);
/// "new_order -> order_accepted, execution", or "cancel_order -> refused" and the answer: a described `turn`.
[[nodiscard]] std::string turn_line(const wire::type_description& type, const void* turn);

} // namespace troupe::actor
