#pragma once
// The worker as an actor: asks the orchestrator what the sweep is, fetches the feed when this host has not got it, keeps its
// runners supplied, and brings results until it is told that they are durable. It has no history: what it knows it tells the
// orchestrator at each question, so either of them may be another life of itself.

#include "nodes/sweep/feed_cache.hpp"
#include "nodes/sweep/feed_server.hpp"
#include "nodes/sweep/trial_pool.hpp"
#include "runtime/actor/environment.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

namespace troupe::sweep_node {

struct worker_options {
  node_name name;
  std::vector<std::string> runner; // the program trials run in, with its arguments
  std::size_t runners = 1;
  bool idle_allowed = false;       // trials that only wait, die or hang
  std::filesystem::path cache;
  std::uint64_t cache_bytes_max = std::uint64_t{4} << 30;
  nanoseconds answer_timeout = std::chrono::seconds{5};
  /// Called, from any thread, when nothing can be run here any more: no runner comes up, the worker cannot be kept alive, or, in a
  /// sentence that begins with "watchdog", a handler never returned. The process must end, so that whoever started it hears of it.
  std::function<void(const std::string& why)> broken = [](const std::string&) {};
};

/// `orchestrator`, `feeds`: the stand-ins of the two on the orchestrator's node.
[[nodiscard]] result<caf::strong_actor_ptr> start_worker(caf::actor_system& system, actor::environment& env, const worker_options& options,
                                                         caf::strong_actor_ptr orchestrator, caf::strong_actor_ptr feeds);

/// Tells the worker that the orchestrator can be reached, or cannot. Any thread.
void tell_link(const caf::strong_actor_ptr& worker, bool is_up);

} // namespace troupe::sweep_node
