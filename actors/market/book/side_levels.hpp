#pragma once
// One side of a book: levels in one contiguous array, the best at the end, because nearly every change is
// near the top and then moves little memory. No allocation once the array has grown. Owned by one book; not
// thread-safe.

#include "actors/market/book/depth.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace troupe::book {

enum class side_order : std::uint8_t {
  ascending, // asks: the lowest price is best
  descending // bids: the highest price is best
};

template <side_order Order>
class side_levels {
public:
  /// Sets the size displayed at a price; zero removes the level, also one that is not there.
  void set(const level& l) {
    const auto at = std::lower_bound(levels_.begin(), levels_.end(), l.at, [](const level& have, price p) {
      return worse(have.at, p);
    });
    const bool found = at != levels_.end() && at->at == l.at;
    if (l.size.is_zero()) {
      if (found) levels_.erase(at);
    } else if (found) {
      at->size = l.size;
    } else {
      levels_.insert(at, l);
    }
  }

  /// Takes over a list in any order; a price that stands twice keeps its first size.
  void assign(std::span<const level> list) {
    levels_.clear();
    for (auto l = list.rbegin(); l != list.rend(); ++l) // clang 14 cannot read the library's views::reverse
      if (levels_.empty() || worse(levels_.back().at, l->at)) {
        if (!l->size.is_zero()) levels_.push_back(*l);
      } else {
        set(*l);
      }
  }

  /// Drops the worst levels above `limit`. Returns how many.
  std::size_t trim(std::size_t limit) {
    if (levels_.size() <= limit) return 0;
    const auto extra = levels_.size() - limit;
    levels_.erase(levels_.begin(), levels_.begin() + static_cast<std::ptrdiff_t>(extra));
    return extra;
  }

  void clear() noexcept { levels_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return levels_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return levels_.size(); }
  /// Price and size zero when nobody offers.
  [[nodiscard]] level best() const noexcept { return levels_.empty() ? level{} : levels_.back(); }
  /// Best first.
  [[nodiscard]] std::vector<level> first(std::size_t count) const {
    count = std::min(count, levels_.size());
    return {levels_.rbegin(), levels_.rbegin() + static_cast<std::ptrdiff_t>(count)};
  }

private:
  [[nodiscard]] static constexpr bool worse(price a, price b) noexcept {
    return Order == side_order::descending ? a < b : a > b;
  }

  std::vector<level> levels_; // worst first
};

} // namespace troupe::book
