#pragma once
// Instants since boot (`boot_ns`) mean nothing on another host. Whoever decodes bytes of one says, for the time being, how far its
// clock is away, and every such instant in them is moved onto ours. Of the thread that makes it; they nest.

#include "runtime/core/time.hpp"

namespace troupe::wire {

class foreign_clock {
public:
  /// What a peer has whose clock nobody has compared with ours yet: all its instants lie in the past.
  static constexpr nanoseconds unknown = nanoseconds{INT64_MIN / 2};

  /// `ours_ahead`: our clock less theirs, at most, so that no moved instant is later than it was.
  explicit foreign_clock(nanoseconds ours_ahead) noexcept : before_{shift()} { shift() = ours_ahead; }
  ~foreign_clock() { shift() = before_; }
  foreign_clock(const foreign_clock&) = delete;
  foreign_clock& operator=(const foreign_clock&) = delete;

  /// Zero, which stands for "none", stays. Never before 1 ns, never past the end of time.
  [[nodiscard]] static boot_ns ours(boot_ns theirs) noexcept {
    const auto by = shift().count();
    if (by == 0 || theirs == boot_ns{}) return theirs;
    std::int64_t moved = 0;
    if (__builtin_add_overflow(theirs.time_since_epoch().count(), by, &moved)) return by > 0 ? boot_ns::max() : boot_ns{nanoseconds{1}};
    return boot_ns{nanoseconds{moved > 0 ? moved : 1}};
  }

private:
  static nanoseconds& shift() noexcept {
    static constinit thread_local nanoseconds by{0};
    return by;
  }
  nanoseconds before_;
};

} // namespace troupe::wire
