#pragma once
// New orders of a slot that lack budget which risk can lend: they wait for the lease that carries it, for a short time. Nothing of them is on record
// until they are decided, in the order in which they came. Owned by the slot's wiring; pure.

#include "actors/trading/oms/messages.hpp"
#include "runtime/actor/held.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <utility>

namespace troupe::desk {

class postponed_orders {
public:
  using order = actor::postponed<oms::new_order>;
  /// Of one slot. Each is reckoned anew with every larger lease; one beyond that is decided at once.
  static constexpr std::size_t orders_max = 64;

  [[nodiscard]] bool has_room() const noexcept { return orders_.size() < orders_max; }
  [[nodiscard]] bool empty() const noexcept { return orders_.empty(); }
  void keep(order o) { orders_.push_back(std::move(o)); }

  /// Takes out those of which `which(order)` is true.
  template <class Which>
  [[nodiscard]] std::deque<order> take(Which&& which) {
    std::deque<order> taken, left;
    for (auto& o : orders_) (which(std::as_const(o)) ? taken : left).push_back(std::move(o));
    orders_ = std::move(left);
    return taken;
  }

private:
  std::deque<order> orders_;
};

/// Whoever asks says until when it waits; half of that may pass here, and no more than `wait_max`.
[[nodiscard]] inline boot_ns waits_until(const context& asked, boot_ns now, nanoseconds wait_max) {
  return now + std::min(wait_max, (asked.deadline - now) / 2);
}

} // namespace troupe::desk
