#pragma once
// Keeps a strategy from hammering an OMS that refuses it: after each refusal it is quiet for a while, longer each time,
// and after too many in a row about the orders themselves it stops. Volatile, part of the strategy's view: a restart
// starts afresh.

#include "actors/trading/oms/messages.hpp"

#include <cstdint>

namespace troupe::strategy {

class refusal_guard {
public:
  static constexpr std::uint32_t stop_after = 10;
  static constexpr nanoseconds pause_first = std::chrono::seconds{1}; // doubles with every refusal in a row
  static constexpr nanoseconds pause_max = std::chrono::seconds{64};

  /// A new order or change was refused. Refusals that pass by themselves (no lease, halted, no mark, too fast, disk full)
  /// only pause; the others count towards the stop.
  void refused(oms::refusal why, time_ns now);
  /// The market took something: the row is broken. A stop stays.
  void accepted() noexcept;

  /// A clock that was set back ends the pause: nobody can say how much of it is left.
  [[nodiscard]] bool may_act(time_ns now) const noexcept { return !stopped_ && (now >= quiet_until_ || now < refused_at_); }
  [[nodiscard]] bool is_stopped() const noexcept { return stopped_; }
  [[nodiscard]] std::uint32_t in_row() const noexcept { return in_row_; }
  [[nodiscard]] time_ns quiet_until() const noexcept { return quiet_until_; }

private:
  std::uint32_t in_row_ = 0;  // all refusals
  std::uint32_t serious_ = 0; // those that count
  bool stopped_ = false;
  time_ns refused_at_{};
  time_ns quiet_until_{};
};

} // namespace troupe::strategy
