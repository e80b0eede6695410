#pragma once
// The supervision tree joined with the pulses of its actors. Reads counters only; any thread.

#include "nodes/desk/api/v1_messages.hpp"

#include <vector>

namespace troupe::desk {

class desk;

/// Ordered by name.
[[nodiscard]] std::vector<v1::actor_row> actor_rows(const desk& node);

} // namespace troupe::desk
