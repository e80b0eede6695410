#pragma once
// The best trials of a table: by net P&L, those without one behind all others. Holds no more rows than twice what is wanted.

#include "actors/research/sweep/messages.hpp"
#include "runtime/core/decimal.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace troupe::cli {

class sweep_ranking {
public:
  struct ranked {
    std::optional<money> net;
    sweep::trial_result row;
  };
  /// `most` rows are wanted; 0: all.
  explicit sweep_ranking(std::uint64_t most) : most_{most} {}
  void add(const sweep::trial_result& r);
  /// Best first; equal ones in the order of the grid.
  [[nodiscard]] std::vector<ranked> take();

private:
  void cut();

  std::uint64_t most_;
  std::vector<ranked> rows_;
};

} // namespace troupe::cli
