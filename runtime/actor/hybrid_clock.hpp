#pragma once
// Hybrid logical time (Kulkarni et al., 2014): nanoseconds of the wall clock, raised past everything seen. What led to a turn has a lower
// time than the turn, on whichever nodes they were decided, however far their clocks are apart or are set: sorted by it, the journals of
// several nodes put no effect before its cause. Thread-safe.

#include "runtime/core/time.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace troupe::actor {

class hybrid_clock {
public:
  /// The year 2116, in nanoseconds: no host's clock is beyond it, so what says more says nothing. All time above is left to count on in.
  static constexpr std::uint64_t furthest = std::uint64_t{1} << 62;

  /// For a turn decided at `at`: above everything given or seen before.
  [[nodiscard]] std::uint64_t next(time_ns at) noexcept {
    const auto wall = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_ns(at)));
    auto last = last_.load(std::memory_order_relaxed);
    std::uint64_t mine;
    do mine = std::max(last + 1, wall);
    while (!last_.compare_exchange_weak(last, mine, std::memory_order_acq_rel, std::memory_order_relaxed));
    return mine;
  }
  /// Somebody was at `time` when he said what just arrived. One beyond `furthest` is damage or a lie: it is not believed, else nothing could come behind it.
  void saw(std::uint64_t time) noexcept {
    if (time > furthest) return;
    auto last = last_.load(std::memory_order_relaxed);
    while (last < time && !last_.compare_exchange_weak(last, time, std::memory_order_acq_rel, std::memory_order_relaxed)) {}
  }
  [[nodiscard]] std::uint64_t last() const noexcept { return last_.load(std::memory_order_acquire); }

private:
  std::atomic<std::uint64_t> last_{0};
};

} // namespace troupe::actor
