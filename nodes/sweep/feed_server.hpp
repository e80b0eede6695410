#pragma once
// Ships the sweep's feed to workers that have not got it, piece by piece as they ask. No history; reads the file at each
// question, so that nothing is held in memory.

#include "actors/research/sweep/messages.hpp"
#include "runtime/actor/environment.hpp"
#include "runtime/core/result.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

#include <filesystem>
#include <optional>

namespace troupe::sweep_node {

inline const actor_name sweep_name{"sweep"};
inline const actor_name feeds_name{"feeds"};
inline const actor_name worker_name{"worker"};

/// What waits for a disk or for processes may take so long before it is a hang: a feed may be large, and its disk slow or away for a while.
inline constexpr nanoseconds slow_work_max = std::chrono::hours{1};

/// `file` holds what `feed` says. Errors: not_found, io_error.
[[nodiscard]] result<caf::strong_actor_ptr> start_feed_server(caf::actor_system& system, actor::environment& env,
                                                              const std::optional<sweep::feed_file>& feed, const std::filesystem::path& file);

} // namespace troupe::sweep_node
