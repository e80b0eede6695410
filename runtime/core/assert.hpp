#pragma once
// Invariants that stay on in release builds. A failed assert is a bug of ours, not an operating error:
// the process ends (design 6: supervision is for exceptions, lost peers and hangs, not for broken memory).

namespace troupe {

/// Writes `condition`, `why` and the place to stderr, then aborts the process.
[[noreturn]] void assert_failed(const char* condition, const char* why, const char* file, int line) noexcept;

} // namespace troupe

/// Ends the process when `condition` does not hold. `why` is a string literal saying what was promised.
#define TROUPE_ASSERT(condition, why)                                                                        \
  (static_cast<bool>(condition) ? void(0) : ::troupe::assert_failed(#condition, why, __FILE__, __LINE__))
