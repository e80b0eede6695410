#pragma once
// What became of orders since this process started, each step counted where it happens, read by any thread. What the order
// stream counts comes from durable events only.

#include "actors/trading/oms/messages.hpp"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <type_traits>

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
  std::atomic<std::int64_t> volume{0};     // quantity of fills, in 1e-8 units; both stay at the end of their range
  std::atomic<std::int64_t> commission{0}; // fees paid, in 1e-8 units of whatever currency
  /// Why, by oms::refusal: of orders on record, of strategies' commands, and of what slots refused to the edge.
  std::array<count, refusals> refused{};

  void refuse(oms::refusal why) noexcept { refused[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed); }
};

[[nodiscard]] inline std::int64_t capped_sum(std::int64_t sum, int128 more) noexcept {
  return static_cast<std::int64_t>(std::clamp<int128>(sum + more, -INT64_MAX, INT64_MAX));
}
inline void add_capped(std::atomic<std::int64_t>& sum, int128 more) noexcept {
  auto now = sum.load(std::memory_order_relaxed);
  while (!sum.compare_exchange_weak(now, capped_sum(now, more), std::memory_order_relaxed)) {}
}

/// The sums of them that clients of any node want to see, at one moment.
struct order_totals {
  std::uint64_t accepted = 0, risk_rejected = 0, checked = 0, check_refused = 0, filled = 0, canceled = 0, expired = 0, failed = 0, open = 0;
  std::int64_t volume = 0, commission = 0;
  friend bool operator==(const order_totals&, const order_totals&) = default;
};
BOOST_DESCRIBE_STRUCT(order_totals, (), (accepted, risk_rejected, checked, check_refused, filled, canceled, expired, failed, open, volume, commission))

[[nodiscard]] inline order_totals totals_of(const order_counts& n) {
  return {n.accepted.load(), n.risk_rejected.load(), n.checked.load(), n.check_refused.load(), n.filled.load(),
          n.canceled.load(), n.expired.load(), n.failed.load(), n.open.load(), n.volume.load(), n.commission.load()};
}

/// What the other nodes said last. Thread-safe.
class other_totals {
public:
  void set(const node_name& node, const order_totals& t) {
    std::lock_guard guard{mutex_};
    by_node_[node] = t;
  }
  /// `ours` and theirs together.
  [[nodiscard]] order_totals with(order_totals ours) const {
    std::lock_guard guard{mutex_};
    for (const auto& [node, t] : by_node_)
      boost::mp11::mp_for_each<boost::describe::describe_members<order_totals, boost::describe::mod_public>>(
        [&, &theirs = t](auto member) {
          auto& sum = ours.*member.pointer;
          if constexpr (std::is_signed_v<std::remove_reference_t<decltype(sum)>>) sum = capped_sum(sum, theirs.*member.pointer);
          else sum += theirs.*member.pointer;
        });
    return ours;
  }

private:
  mutable std::mutex mutex_;
  std::map<node_name, order_totals> by_node_;
};

} // namespace troupe::desk
