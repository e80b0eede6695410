#pragma once
// What became of orders since this process started, counted from durable events by the order stream, read by any thread.

#include <atomic>
#include <cstdint>

namespace troupe::desk {

struct order_counts {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> risk_rejected{0};
  std::atomic<std::uint64_t> filled{0};
  std::atomic<std::uint64_t> canceled{0};
  std::atomic<std::uint64_t> failed{0};   // refused by the venue, not sent, or lost
  std::atomic<std::uint64_t> expired{0};
  std::atomic<std::uint64_t> open{0};     // now
  std::atomic<std::int64_t> volume{0};    // quantity of fills, in 1e-8 units
  std::atomic<std::int64_t> commission{0}; // fees paid, in 1e-8 units of whatever currency
  std::atomic<std::uint64_t> checked{0};  // dry runs over HTTP
  std::atomic<std::uint64_t> check_refused{0};
};

} // namespace troupe::desk
