#pragma once
// A thread outside CAF that counts the ticks handlers stamp, and ends the process when one handler has not returned for
// too long: such a handler cannot be killed and silences a pool thread for ever. The process restarts and recovers.

#include "runtime/actor/pulse.hpp"
#include "runtime/core/time.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <thread>

namespace troupe::supervise {

class watchdog {
public:
  /// `on_stuck` is called once, on the watchdog's thread, with a sentence; it must not return (the node exits).
  watchdog(const actor::pulse_board& pulses, nanoseconds limit, std::function<void(const std::string&)> on_stuck);
  ~watchdog();
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

  /// The process stops now: when this object still lives after `limit`, something does not end, and that is stuck too.
  void expect_end_within(nanoseconds limit) noexcept;

private:
  void run();

  const actor::pulse_board& pulses_;
  nanoseconds limit_;
  std::function<void(const std::string&)> on_stuck_;
  std::atomic<std::uint32_t> end_by_{0}; // tick; 0: nobody stops
  std::atomic<bool> leaving_{false};
  std::thread thread_;
};

} // namespace troupe::supervise
