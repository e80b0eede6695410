#pragma once
// Questions that nobody will answer: whoever asked is told at once that the outcome is unknown, and asks again with the same id.

#include "runtime/actor/caf_inspect.hpp"
#include "runtime/actor/messages.hpp"

#include <caf/all.hpp>

#include <cstdint>

namespace troupe::actor {

/// The number that the answer to this message brings back; 0 when none is expected.
[[nodiscard]] std::uint64_t number_of_question(const caf::type_erased_tuple& content);

/// Nothing when nobody waits. Never blocks; any thread.
void say_unanswered(const caf::strong_actor_ptr& to, std::uint64_t number);
void say_unanswered(const caf::mailbox_element& question);

} // namespace troupe::actor
