#pragma once
// The orchestrator's core behind the shell, and what others may see of it without asking: counts of what is durable.

#include "actors/research/sweep/messages.hpp"
#include "runtime/actor/environment.hpp"
#include "runtime/core/result.hpp"
#include "runtime/journal/journal.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace troupe::sweep_node {

/// Durable ones only. Written by the actor, read by anybody.
struct sweep_counts {
  std::atomic<std::uint64_t> trials{0};
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> failed{0};

  [[nodiscard]] std::uint64_t finished() const noexcept { return done + refused + failed; }

  /// Workers that cannot run any trial, and why, as they said last.
  void note_problem(const node_name& worker, const std::string& why);
  [[nodiscard]] std::map<node_name, std::string> problems() const;

private:
  mutable std::mutex mutex_;
  std::map<node_name, std::string> problems_;
};

/// Recovers the stream "sweep" and spawns the actor. Errors: what the journal says.
[[nodiscard]] result<caf::strong_actor_ptr> start_sweep(caf::actor_system& system, actor::environment& env, std::shared_ptr<journal::journal> store,
                                                        sweep_counts& counts);

/// The state after everything on record. Errors: as reading the journal.
[[nodiscard]] result<sweep::sweep_state> read_sweep(const journal::journal& store);

} // namespace troupe::sweep_node
