#pragma once
// The one door to time. Live actors read the machine's clocks; deterministic runs read what the driver set.

#include "runtime/core/time.hpp"

#include <atomic>

namespace troupe::actor {

class clock {
public:
  virtual ~clock() = default;
  [[nodiscard]] virtual time_ns now() const noexcept = 0;
  [[nodiscard]] virtual boot_ns boot() const noexcept = 0;
};

/// CLOCK_REALTIME and CLOCK_BOOTTIME. Thread-safe.
class wall_clock final : public clock {
public:
  [[nodiscard]] time_ns now() const noexcept override;
  [[nodiscard]] boot_ns boot() const noexcept override;
};

/// Stands still until the driver sets it. Boot time is the same number, so leases run on virtual time.
class virtual_clock final : public clock {
public:
  [[nodiscard]] time_ns now() const noexcept override { return time_from_ns(ns_.load(std::memory_order_relaxed)); }
  [[nodiscard]] boot_ns boot() const noexcept override {
    return boot_ns{nanoseconds{ns_.load(std::memory_order_relaxed)}};
  }
  void set(time_ns t) noexcept { ns_.store(to_ns(t), std::memory_order_relaxed); }

private:
  std::atomic<std::int64_t> ns_{0};
};

} // namespace troupe::actor
