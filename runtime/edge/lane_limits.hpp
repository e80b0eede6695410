#pragma once
// Who may begin when much is under way: halts and cancels before orders before reads. Places, not a queue: whoever finds none is refused
// at once and may come back.

#include "runtime/core/context.hpp"

#include <algorithm>
#include <cstddef>

namespace troupe::edge {

struct lane_limits {
  std::size_t places = 8192;  // for orders and reads together, at least 1
  std::size_t reserved = 256; // beyond them, for the control lane only

  /// Three quarters: however many reads wait for something slow, orders find a place. A single place is anybody's.
  [[nodiscard]] constexpr std::size_t places_of_reads() const noexcept { return std::max<std::size_t>(1, places * 3 / 4); }

  /// Whether one more of lane `l` may begin while `taken` are under way, `reads` of them in the data lane.
  [[nodiscard]] constexpr bool has_place(lane l, std::size_t taken, std::size_t reads) const noexcept {
    switch (l) {
    case lane::control: return taken < places + reserved;
    case lane::order: return taken < places;
    case lane::data: return taken < places && reads < places_of_reads();
    }
    return false;
  }
};

} // namespace troupe::edge
