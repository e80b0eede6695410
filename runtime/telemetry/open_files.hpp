#pragma once
// The process's limit of open files and sockets (RLIMIT_NOFILE). Most shells allow 1,024 and would allow many more to who asks.

#include "runtime/core/result.hpp"

#include <cstdint>

namespace troupe::telemetry {

/// Raises the limit to at least `needed`. Errors: unavailable, when the limit above it does not allow that; then nothing was changed.
result<void> allow_open_files(std::uint64_t needed);

/// Raises the limit to `most`, or as far as the limit above it allows. For who needs more the more there is to read.
void allow_open_files_up_to(std::uint64_t most) noexcept;

} // namespace troupe::telemetry
