#pragma once
// A small generator of our own (SplitMix64, Steele, Lea and Flood 2014): the standard library's engines are
// portable, but its distributions are not, and one seed must give the same bytes everywhere. Owned by whoever
// draws.

#include "runtime/core/decimal.hpp"

#include <cstdint>

namespace troupe::simulator {

class random {
public:
  explicit constexpr random(std::uint64_t seed) noexcept : state_(seed) {}

  constexpr std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// 0 .. n-1, n > 0. The bias is below n / 2^64.
  constexpr std::uint64_t below(std::uint64_t n) noexcept {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64);
  }
  /// low .. high, both included.
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  /// True once in `n` on average.
  constexpr bool once_in(std::uint64_t n) noexcept { return below(n) == 0; }

private:
  std::uint64_t state_;
};

} // namespace troupe::simulator
