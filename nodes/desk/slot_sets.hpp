#pragma once
// Sets of slots, bit n for slot n, by name.

#include "actors/trading/ids.hpp"

#include <bit>
#include <cstdint>
#include <vector>

namespace troupe::desk {

/// Requires: not empty.
[[nodiscard]] inline actor_name first_slot_of(std::uint64_t slots) { return trading::slot_name(static_cast<std::uint32_t>(std::countr_zero(slots))); }

[[nodiscard]] inline std::vector<actor_name> slot_names(std::uint64_t slots) {
  std::vector<actor_name> names;
  for (; slots != 0; slots &= slots - 1) names.push_back(first_slot_of(slots));
  return names;
}

} // namespace troupe::desk
