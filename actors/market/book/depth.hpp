#pragma once
// What a venue says about its order book, decoded but not yet applied: level changes, full snapshots, best
// bid and offer. Plain values without an instrument: a book belongs to one. The owner reuses them, so that no
// level costs an allocation once the vectors have grown.

#include "runtime/core/decimal.hpp"
#include "runtime/core/time.hpp"

#include <cstdint>
#include <vector>

namespace troupe::book {

/// One price with what is displayed there.
struct level {
  price at;      // > 0
  quantity size; // >= 0; in a delta zero removes the level
  friend bool operator==(const level&, const level&) = default;
};

/// Changes of levels since the delta before.
struct depth_delta {
  std::uint64_t first_update_id = 0;    // "U"
  std::uint64_t last_update_id = 0;     // "u", >= first_update_id
  std::uint64_t previous_update_id = 0; // "pu": the last_update_id of the delta before; zero when not said
  time_ns event_at{};
  std::vector<level> bids; // in the venue's order
  std::vector<level> asks;
};

/// Every level the venue shows (possibly only the best N of each side) at one update id.
struct depth_snapshot {
  std::uint64_t last_update_id = 0;
  time_ns event_at{}; // zero when the venue does not say
  std::vector<level> bids;
  std::vector<level> asks;
};

/// Best bid and offer at one update id. A side nobody offers has price and size zero.
struct ticker {
  std::uint64_t update_id = 0;
  time_ns event_at{}; // zero when the venue does not say
  price bid;
  price ask;
  quantity bid_size;
  quantity ask_size;
};

} // namespace troupe::book
