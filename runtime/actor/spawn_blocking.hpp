#pragma once
// Actors that may keep a thread busy: supervisors load states, and leases must go out whatever the pool is doing. The only
// place that takes a thread outside the scheduler.

#include "runtime/actor/environment.hpp"

#include <caf/all.hpp>

#include <utility>

namespace troupe::actor {

/// Spawns `A` on a thread of its own; in a deterministic run, which has one thread, among all others.
template <class A, class... Ts>
[[nodiscard]] caf::strong_actor_ptr spawn_blocking(caf::actor_system& system, const environment& node, Ts&&... xs) {
  if (node.deterministic) return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<A>(std::forward<Ts>(xs)...));
  return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<A, caf::detached>(std::forward<Ts>(xs)...));
}

} // namespace troupe::actor
