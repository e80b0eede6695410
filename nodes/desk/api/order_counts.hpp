#pragma once
// What became of orders since this process started, each step counted where it happens, read by any thread. What the order
// stream counts comes from durable events only.

#include "actors/trading/oms/messages.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe::desk {

struct order_counts {
  using count = std::atomic<std::uint64_t>;
  static constexpr std::size_t refusals = static_cast<std::size_t>(oms::refusal::venue_unknown) + 1;

  // At the edge.
  count asked{0};    // new orders handed to a slot
  count answered{0}; // answers of slots to them
  count checked{0};  // dry runs
  count check_refused{0};
  // From the slots' durable events.
  count accepted{0}; // on record and on their way to a venue
  count risk_rejected{0};
  count acknowledged{0}; // the venue has them
  count fills{0};
  count filled{0}; // orders filled whole
  count canceled{0};
  count expired{0};
  count not_sent{0};
  count failed{0}; // refused by the venue, not sent, or lost
  count open{0};   // now
  std::atomic<std::int64_t> volume{0};     // quantity of fills, in 1e-8 units
  std::atomic<std::int64_t> commission{0}; // fees paid, in 1e-8 units of whatever currency
  /// Why, by oms::refusal: of orders on record, of strategies' commands, and of what slots refused to the edge.
  std::array<count, refusals> refused{};

  void refuse(oms::refusal why) noexcept { refused[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed); }
};

} // namespace troupe::desk
