#pragma once
// How often values fell between bounds, counted by the thread that measures and read by anybody: what histograms of
// metrics are made from, without the hot path knowing about metrics. Relaxed atomics.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace troupe {

/// Inclusive upper bounds for durations: 1 us to 10 s in nanoseconds, three a decade.
inline constexpr std::array<std::int64_t, 22> duration_bounds = [] {
  std::array<std::int64_t, 22> all{};
  std::size_t n = 0;
  for (std::int64_t decade = 1'000; decade < 10'000'000'000; decade *= 10)
    for (const std::int64_t step : {1, 2, 5}) all[n++] = decade * step;
  all[n] = 10'000'000'000;
  return all;
}();
/// For sizes of batches and queues: powers of two from 1 to 65,536.
inline constexpr std::array<std::int64_t, 17> size_bounds = [] {
  std::array<std::int64_t, 17> all{};
  for (std::size_t n = 0; n < all.size(); ++n) all[n] = std::int64_t{1} << n;
  return all;
}();

template <const auto& Bounds>
class tally {
public:
  struct counts {
    std::array<std::uint64_t, Bounds.size() + 1> in{}; // the last is beyond all bounds
    std::uint64_t sum = 0;
  };

  void add(std::int64_t units) noexcept {
    const auto x = std::max<std::int64_t>(units, 0);
    const auto bucket = static_cast<std::size_t>(std::lower_bound(Bounds.begin(), Bounds.end(), x) - Bounds.begin());
    in_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(static_cast<std::uint64_t>(x), std::memory_order_relaxed);
  }
  void add(std::chrono::nanoseconds d) noexcept { add(static_cast<std::int64_t>(d.count())); }

  [[nodiscard]] counts read() const noexcept {
    counts c;
    for (std::size_t i = 0; i < c.in.size(); ++i) c.in[i] = in_[i].load(std::memory_order_relaxed);
    c.sum = sum_.load(std::memory_order_relaxed);
    return c;
  }

private:
  std::array<std::atomic<std::uint64_t>, Bounds.size() + 1> in_{};
  std::atomic<std::uint64_t> sum_{0};
};

using duration_tally = tally<duration_bounds>;
using size_tally = tally<size_bounds>;

} // namespace troupe
