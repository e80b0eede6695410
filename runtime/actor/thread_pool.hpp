#pragma once
// The threads that actors of a node run on: one queue, as CAF's "sharing", but a thread is woken only when that makes work go faster. CAF wakes one for each
// job, while it holds the lock that the woken one needs first; an order that travels alone cost 18 context switches that way and costs 12 (docs/benchmarks.md).

#include <caf/actor_system_config.hpp>

#include <cstddef>

namespace troupe::actor {

/// The system that is made from `config` runs its actors on so many threads, each handling at most 50 messages of one actor at a time.
void use_thread_pool(caf::actor_system_config& config, std::size_t threads);

} // namespace troupe::actor
