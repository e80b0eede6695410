#pragma once
// The bars of one instrument at several lengths, each bounded in number, so that days of candles cost no more memory than
// minutes of them. Owned by the mark board; under its lock. No CAF.

#include "actors/market/messages.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <vector>

namespace troupe::desk {

class bar_series {
public:
  /// Kept beside the bars as they come.
  static constexpr std::array<nanoseconds, 4> lengths{std::chrono::minutes{1}, std::chrono::minutes{15}, std::chrono::hours{1},
                                                      std::chrono::hours{24}};

  /// `kept`: of each length.
  explicit bar_series(std::size_t kept) : kept_{kept} {}

  /// Takes a finished bar and merges it into the longer ones that hold it whole. One that is older than the last begins the series anew.
  void add(const market::bar& b);
  /// What candles of `length` are best made of, oldest first: the longest kept bars of which it is a multiple, without those of a candle whose
  /// beginning is not kept any more. The newest may still grow.
  [[nodiscard]] std::vector<market::bar> of(nanoseconds length) const;

private:
  struct kept_bars {
    std::deque<market::bar> bars;
    time_ns forgotten_until = time_ns::min(); // where the newest one that is not kept any more ended
  };
  void push(kept_bars& into, const market::bar& b);

  std::size_t kept_;
  kept_bars finest_;
  std::array<kept_bars, lengths.size()> longer_;
};

} // namespace troupe::desk
