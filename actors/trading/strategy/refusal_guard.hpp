#pragma once
// Keeps a strategy from hammering an OMS that refuses it: after each refusal it is quiet for a while, longer each time,
// and after too many in a row about the orders themselves it stops. A venue that refuses to cancel an order is not hammered
// either: the pause is the order's own, and holds no other cancel up. Volatile, part of the strategy's view: a restart
// starts afresh.

#include "actors/trading/oms/messages.hpp"

#include <cstdint>
#include <map>

namespace troupe::strategy {

/// A pause that doubles with every refusal in a row.
class back_off {
public:
  static constexpr nanoseconds pause_first = std::chrono::seconds{1};
  static constexpr nanoseconds pause_max = std::chrono::seconds{64};

  void refused(time_ns now);
  /// The row is broken; the pause under way stays.
  void accepted() noexcept { in_row_ = 0; }

  /// A clock that was set back ends the pause: nobody can say how much of it is left.
  [[nodiscard]] bool is_over(time_ns now) const noexcept { return now >= quiet_until_ || now < refused_at_; }
  [[nodiscard]] std::uint32_t in_row() const noexcept { return in_row_; }
  [[nodiscard]] time_ns quiet_until() const noexcept { return quiet_until_; }

private:
  std::uint32_t in_row_ = 0;
  time_ns refused_at_{};
  time_ns quiet_until_{};
};

class refusal_guard {
public:
  static constexpr std::uint32_t stop_after = 10;
  static constexpr nanoseconds pause_first = back_off::pause_first;
  static constexpr nanoseconds pause_max = back_off::pause_max;

  /// A new order or change was refused. Refusals that pass by themselves (no lease, halted, no mark, too fast, disk full, what
  /// the firm lends or others use of its limit) only pause; the others count towards the stop.
  void refused(oms::refusal why, time_ns now);
  /// The market took something: the row is broken. A stop stays.
  void accepted() noexcept;

  [[nodiscard]] bool may_act(time_ns now) const noexcept { return !stopped_ && all_.is_over(now); }
  [[nodiscard]] bool is_stopped() const noexcept { return stopped_; }
  [[nodiscard]] std::uint32_t in_row() const noexcept { return all_.in_row(); }
  [[nodiscard]] time_ns quiet_until() const noexcept { return all_.quiet_until(); }

  /// The venue refused a cancel that the strategy had asked for; the order stays open. Requires: finished() when it ends, so
  /// that no more are kept than are open.
  void cancel_refused(const trading::client_order_id& order, time_ns now) { cancels_[order].refused(now); }
  void finished(const trading::client_order_id& order) { cancels_.erase(order); }
  [[nodiscard]] bool may_cancel(const trading::client_order_id& order, time_ns now) const;

private:
  back_off all_;
  std::uint32_t serious_ = 0; // refusals in a row that count towards the stop
  bool stopped_ = false;
  std::map<trading::client_order_id, back_off> cancels_; // of open orders whose cancel was refused
};

} // namespace troupe::strategy
