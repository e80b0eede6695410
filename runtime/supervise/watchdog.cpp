#include "runtime/supervise/watchdog.hpp"

#include <pthread.h>

namespace troupe::supervise {

static constexpr std::chrono::milliseconds tick{100};

watchdog::watchdog(const actor::pulse_board& pulses, nanoseconds limit, std::function<void(const std::string&)> on_stuck)
  : pulses_{pulses}, limit_{limit}, on_stuck_{std::move(on_stuck)}, thread_{[this] { run(); }} {
  ::pthread_setname_np(thread_.native_handle(), "watchdog");
}

watchdog::~watchdog() {
  leaving_ = true;
  thread_.join();
}

void watchdog::run() {
  while (!leaving_) {
    std::this_thread::sleep_for(tick);
    const auto now = actor::watchdog_tick.fetch_add(1, std::memory_order_relaxed) + 1;
    for (const auto& p : pulses_.all()) {
      const auto since = p->busy_since.load(std::memory_order_relaxed);
      if (since == 0 || nanoseconds{tick} * (now - since) < limit_) continue;
      // Read again: the handler may have returned and a new one begun between the two loads.
      if (p->busy_since.load(std::memory_order_relaxed) != since) continue;
      on_stuck_(p->name.value.str() + ": a handler has not returned for " +
                std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(tick * (now - since)).count()) + " ms");
      return;
    }
  }
}

} // namespace troupe::supervise
