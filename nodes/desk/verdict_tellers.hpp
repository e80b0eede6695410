#pragma once
// What a supervisor's verdict makes the node say, again and again until it was heard: who is told may be restarting, or on a node that is away.
// Any thread. Each teller ends with its answer or with the node.

#include "actors/trading/risk/messages.hpp"
#include "actors/trading/venue/messages.hpp"
#include "runtime/actor/environment.hpp"

#include <atomic>
#include <memory>

namespace caf {
class actor_system;
}

namespace troupe::desk {

/// Between two attempts.
inline constexpr nanoseconds tell_again = std::chrono::milliseconds{200};

/// `env` and `stopping` outlive the actor system.
struct verdict_tellers {
  caf::actor_system& system;
  const actor::environment& env;
  const std::atomic<bool>& stopping;

  /// What it returns becomes true when risk has the halt on record.
  [[nodiscard]] std::shared_ptr<std::atomic<bool>> halt(const risk::halt_command& command, const cause_id& cause) const;
  /// Until nothing of the slot is open at the venue, or a newer life of the slot has spoken to it.
  void withdraw(const trading::venue_id& venue, const venue::mass_cancel& command, const cause_id& cause) const;
};

} // namespace troupe::desk
