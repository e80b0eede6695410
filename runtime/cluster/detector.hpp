#pragma once
// Is a peer alive? Our own beats decide, apart from any transport's slow clean-up: suspect after a few that did not come,
// dead after more. A pure value; whoever owns it says what time it is (a clock that never jumps).

#include "runtime/core/time.hpp"

namespace troupe::cluster {

enum class liveness { alive, suspect, dead };

class detector {
public:
  struct limits {
    nanoseconds beat_every = std::chrono::milliseconds{100};
    nanoseconds suspect_after = std::chrono::milliseconds{350};
    nanoseconds dead_after = std::chrono::milliseconds{900};
  };

  constexpr detector(limits l, nanoseconds now) noexcept : limits_{l}, heard_{now}, looked_{now} {}

  constexpr void heard(nanoseconds now) noexcept { heard_ = now; }

  /// To be asked once a beat. When we were not asked for long, it was this node that stood still (SIGSTOP, a suspended host): the
  /// silence before proves nothing about the peer, and the peer will have given us up if it was long.
  constexpr liveness look(nanoseconds now) noexcept {
    if (now - looked_ > limits_.suspect_after) heard_ = now;
    looked_ = now;
    if (silent(now) > limits_.dead_after) return liveness::dead;
    return silent(now) > limits_.suspect_after ? liveness::suspect : liveness::alive;
  }
  [[nodiscard]] constexpr nanoseconds silent(nanoseconds now) const noexcept { return now - heard_; }

private:
  limits limits_;
  nanoseconds heard_;
  nanoseconds looked_;
};

} // namespace troupe::cluster
