#pragma once
// What a supervisor's verdict, or the configuration, makes the node say, again and again until it was heard: who is told may be restarting, or on a node that is away.
// Any thread. Each teller ends with its answer, with the node, or when what it says is not true any more.

#include "nodes/desk/parts.hpp"

#include "actors/trading/risk/messages.hpp"

namespace troupe::desk {

/// Who halts and withdraws by a supervisor's verdict.
inline constexpr principal_id supervisor_principal{"supervisor"};

/// Between two attempts.
inline constexpr nanoseconds tell_again = std::chrono::milliseconds{200};

/// `parts` and `stopping` outlive the actor system.
struct verdict_tellers {
  caf::actor_system& system;
  const shared_parts& parts;
  const std::atomic<bool>& stopping;

  /// What it returns becomes true when risk has the halt on record.
  [[nodiscard]] std::shared_ptr<std::atomic<bool>> halt(const risk::halt_command& command, const cause_id& cause, const principal_id& by = supervisor_principal) const;
  /// Until nothing that the slot's last life here has open is left at the venue, or the slot runs again, here or on another node.
  void withdraw(const trading::venue_id& venue, std::uint32_t slot, const cause_id& cause, const std::string& reason) const;
};

} // namespace troupe::desk
