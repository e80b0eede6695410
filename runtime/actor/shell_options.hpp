#pragma once
// What a shell is given beside its core, and the messages that it sends itself.

#include "runtime/actor/environment.hpp"
#include "runtime/core/error.hpp"
#include "runtime/journal/journal.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace troupe::actor {

/// From the journal's thread: everything up to `upto` is durable, or the stream is lost to this incarnation.
struct journaled {
  std::uint64_t upto = 0;
  std::optional<error> failure;
};
/// Time to look whether receivers acknowledged.
struct resend_due {};
/// A periodic task of the wiring.
struct tick_due {
  std::uint32_t id = 0;
};

} // namespace troupe::actor
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actor::journaled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actor::resend_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actor::tick_due)

namespace troupe::actor {

struct shell_options {
  environment* node = nullptr;
  std::shared_ptr<journal::journal> journal;
  std::vector<actor_name> subscribers;      // projections that fold our events
  std::uint64_t snapshot_interval = 200'000; // turns between snapshots, over restarts; 0 means never
  nanoseconds resend_after = std::chrono::milliseconds{200};
  bool is_patient = false; // what leaves its turns may wait for company at the disk, as turns do from which nothing leaves
};

/// A wiring that adds nothing. Others may define any of: before(shell, command), started(shell), tick(shell, id),
/// released(shell, sequence, event), accept(shell, answer) -> bool, covered(shell, answer) -> optional<inbox_mark>: an answer that stands
/// for everything its sender's stream says up to there, catches_up_with(sender) -> bool: what is missing of that sender comes by such answers only.
/// holds_off(sender) -> bool: what it says is not taken now, and comes again. may_wait(context, command) -> bool and postpone(shell, postponed<command>):
/// asks that the core may postpone; each is given back by shell.take_up, or, when stopped(shell) is called at the end, to say_unanswered.
struct plain_wiring {};

} // namespace troupe::actor
