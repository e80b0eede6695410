#pragma once
// The process's open files and sockets: their limit (RLIMIT_NOFILE; most shells allow 1,024 and would allow many more to who asks), and the three that it is
// started with.

#include "runtime/core/result.hpp"

#include <cstdint>

namespace troupe::telemetry {

/// Raises the limit to at least `needed`. Errors: unavailable, when the limit above it does not allow that; then nothing was changed.
result<void> allow_open_files(std::uint64_t needed);

/// Raises the limit to `most`, or as far as the limit above it allows. For who needs more the more there is to read.
void allow_open_files_up_to(std::uint64_t most) noexcept;

/// Takes the places of standard input, output and error where whoever started the process has closed them. Else the first files that it opens would be there, and what
/// is said to people would go into a journal. Reading and writing there fail as before. Call it first in main.
void hold_standard_files() noexcept;

} // namespace troupe::telemetry
