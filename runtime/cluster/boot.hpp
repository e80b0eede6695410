#pragma once
// Which life of a process this is. Any thread.

#include <cstdint>

namespace troupe::cluster {

/// Drawn, for greeting::boot: another in every life. Never 0, and below 2^40, so that a counter fits beside it.
[[nodiscard]] std::uint64_t draw_boot();

} // namespace troupe::cluster
