#include "runtime/supervise/watchdog.hpp"

#include <algorithm>

#include <pthread.h>

namespace troupe::supervise {

using actor::watchdog_tick_length;

watchdog::watchdog(const actor::pulse_board& pulses, nanoseconds limit, std::function<void(const std::string&)> on_stuck)
  : pulses_{pulses}, limit_{limit}, on_stuck_{std::move(on_stuck)}, thread_{[this] { run(); }} {
  ::pthread_setname_np(thread_.native_handle(), "watchdog");
}

watchdog::~watchdog() {
  leaving_ = true;
  thread_.join();
}

void watchdog::expect_end_within(nanoseconds limit) noexcept {
  end_by_ = actor::watchdog_tick.load(std::memory_order_relaxed) + static_cast<std::uint32_t>(limit / watchdog_tick_length) + 1;
}

void watchdog::run() {
  while (!leaving_) {
    std::this_thread::sleep_for(watchdog_tick_length);
    const auto now = actor::watchdog_tick.fetch_add(1, std::memory_order_relaxed) + 1;
    for (const auto& p : pulses_.all()) {
      const auto since = p->busy_since.load(std::memory_order_relaxed);
      const auto patience = nanoseconds{watchdog_tick_length} * p->patience.load(std::memory_order_acquire);
      if (since == 0 || nanoseconds{watchdog_tick_length} * (now - since) < std::max(limit_, patience)) continue;
      // Read again: the handler may have returned and a new one begun between the two loads.
      if (p->busy_since.load(std::memory_order_relaxed) != since) continue;
      on_stuck_(p->name.value.str() + ": a handler has not returned for " +
                std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(watchdog_tick_length * (now - since)).count()) + " ms");
      return;
    }
    if (const auto by = end_by_.load(); by != 0 && now >= by) return on_stuck_("the node does not stop");
  }
}

} // namespace troupe::supervise
