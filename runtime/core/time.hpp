#pragma once
// Names say which time (design 8): `event_at` the venue's clock, `received_at` ours on arrival, `decided_at` the
// turn's. Ordering is by sequence, never by any of them.

#include <chrono>
#include <cstdint>

namespace troupe {

using nanoseconds = std::chrono::nanoseconds;
/// Nanoseconds since 1970-01-01T00:00:00Z. In a deterministic run it is virtual time.
using time_ns = std::chrono::sys_time<nanoseconds>;

/// Nanoseconds since boot, including suspend (CLOCK_BOOTTIME): leases are measured on it, because wall time jumps.
using boot_ns = std::chrono::time_point<struct boot_clock, nanoseconds>;

[[nodiscard]] constexpr time_ns time_from_ns(std::int64_t ns) noexcept { return time_ns{nanoseconds{ns}}; }
[[nodiscard]] constexpr std::int64_t to_ns(time_ns t) noexcept { return t.time_since_epoch().count(); }

} // namespace troupe
