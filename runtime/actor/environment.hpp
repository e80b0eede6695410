#pragma once
// What every actor of a node is given: the node's clock, names, pulses and switches. Lives as long as the actor system.

#include "runtime/actor/clock.hpp"
#include "runtime/actor/directory.hpp"
#include "runtime/actor/hybrid_clock.hpp"
#include "runtime/actor/pulse.hpp"
#include "runtime/core/context.hpp"

#include <functional>
#include <string_view>

namespace troupe::actor {

struct environment {
  const actor::clock* clock = nullptr;
  /// The node's, whose time its streams share and its messages to other nodes carry. Null: every stream counts for itself.
  hybrid_clock* hybrid = nullptr;
  actor::directory* names = nullptr;
  pulse_board* pulses = nullptr;
  /// Deterministic runs have one thread, virtual time and no detached actors.
  bool deterministic = false;
  /// --allow-faults: fault_command is obeyed.
  bool faults_allowed = false;
  /// A declared crash point was passed (TROUPE_CRASH_AT); may end the process. Never null.
  std::function<void(std::string_view point)> crash_point = [](std::string_view) {};
  /// Whether lines of that level of that actor are written: asked before one is put together that is said for every turn. Never null.
  std::function<bool(const actor_name&, std::string_view level)> is_logged = [](const actor_name&, std::string_view) { return false; };
  /// Structured log line; never null. Arguments: actor, what led here, level ("trace", "debug", "info", "warning", "error"), message.
  std::function<void(const actor_name&, const cause_id&, std::string_view level, std::string_view message)> log =
    [](const actor_name&, const cause_id&, std::string_view, std::string_view) {};
};

} // namespace troupe::actor
