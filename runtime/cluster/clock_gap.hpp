#pragma once
// How far apart the boot clocks of two hosts are, bounded from both sides by messages that say when they were sent: what arrived
// cannot have been sent later. The least of ten to twenty seconds counts, so that clocks may drift. A pure value.

#include "runtime/core/time.hpp"

#include <algorithm>

namespace troupe::cluster {

class clock_gap {
public:
  static constexpr nanoseconds unknown = nanoseconds::max();
  static constexpr nanoseconds kept = std::chrono::seconds{10};
  /// No clock since boot is further than this from its beginning, nor from another one: what says more says nothing.
  static constexpr nanoseconds furthest = std::chrono::hours{24 * 365 * 100};

  /// Theirs was sent at `sent` on their clock and is here at `now` on ours. `theirs_ahead`: what they have found of us in the same way,
  /// or unknown.
  constexpr void heard(nanoseconds sent, nanoseconds now, nanoseconds theirs_ahead) noexcept {
    if (now >= renew_at_) {
      before_ = now < renew_at_ + kept ? recent_ : unknown;
      recent_ = unknown;
      renew_at_ = now + kept;
    }
    if (sent >= nanoseconds{} && sent <= furthest) recent_ = std::min(recent_, now - sent);
    theirs_ahead_ = theirs_ahead >= -furthest && theirs_ahead <= furthest ? theirs_ahead : unknown;
  }

  /// Our clock less theirs is at most this; what we tell them.
  [[nodiscard]] constexpr nanoseconds at_most() const noexcept { return std::min(before_, recent_); }
  /// And at least this, or unknown.
  [[nodiscard]] constexpr nanoseconds at_least() const noexcept { return theirs_ahead_ == unknown ? unknown : -theirs_ahead_; }
  /// Both ways together, at most; zero when not known.
  [[nodiscard]] constexpr nanoseconds round_trip() const noexcept {
    return at_most() == unknown || at_least() == unknown ? nanoseconds{} : at_most() - at_least();
  }

private:
  nanoseconds before_ = unknown, recent_ = unknown;
  nanoseconds renew_at_{};
  nanoseconds theirs_ahead_ = unknown;
};

} // namespace troupe::cluster
