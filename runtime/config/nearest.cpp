#include "runtime/config/nearest.hpp"

#include <algorithm>
#include <vector>

namespace troupe::config {
namespace {

/// Optimal string alignment distance, in three rows.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

} // namespace

std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> candidates, std::size_t edits_max) {
  constexpr std::size_t typed_max = 128; // the work is typed x candidate, and no name of ours is longer
  std::string_view best;
  std::size_t best_edits = edits_max + 1;
  if (typed.size() > typed_max) return best;
  for (auto candidate : candidates) {
    const auto n = edits(typed, candidate);
    if (n < best_edits && n * 3 <= std::max(typed.size(), candidate.size())) {
      best = candidate;
      best_edits = n;
    }
  }
  return best;
}

} // namespace troupe::config
