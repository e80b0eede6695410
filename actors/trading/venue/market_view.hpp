#pragma once
// The market as the simulated venue sees it: per instrument the last merged top of book and how much of it takers have
// used. Volatile, owned by the venue's shell thread; empty after a restart, and then the first quote fills it.

#include "actors/market/messages.hpp"
#include "actors/trading/venue/simulator_messages.hpp"

#include <map>

namespace troupe::venue {

struct market_book {
  bool known = false; // false: never seen, or lost
  used_display bid;
  used_display ask;
  tape_position tape; // of the last quote

  [[nodiscard]] const used_display& display(side s) const noexcept { return s == side::buy ? bid : ask; }
  [[nodiscard]] used_display& display(side s) noexcept { return s == side::buy ? bid : ask; }
};

struct simulator_view {
  std::map<instrument_id, market_book> books;
  /// Reports the asking slot has not acknowledged; set by the wiring before an open_orders_query is answered.
  std::uint64_t unacknowledged = 0;
  /// What the asking slot missed; read by the wiring before a fills_since_query is answered.
  fills_since missed;
  std::uint64_t heard = 0; // the epoch of its last command that was taken
};

/// What a taker of the other side may still take.
[[nodiscard]] inline quantity left(const used_display& d) noexcept { return d.size - d.used; }

[[nodiscard]] constexpr side opposite(side s) noexcept { return s == side::buy ? side::sell : side::buy; }

/// True when `a` is a better price than `b` for an order of side `s`: closer to the other side.
[[nodiscard]] constexpr bool is_better(side s, price a, price b) noexcept { return s == side::buy ? a > b : a < b; }

} // namespace troupe::venue
