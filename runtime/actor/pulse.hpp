#pragma once
// What is known about a running actor without asking it: counters for metrics, and since when its handler runs, for the
// watchdog. Written by the actor's thread with relaxed stores, read by anybody.

#include "runtime/core/ids.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe::actor {

struct pulse {
  explicit pulse(actor_name n) : name{n} {}
  const actor_name name;
  std::atomic<std::uint64_t> messages{0};
  std::atomic<std::uint64_t> turns{0};        // recorded ones
  std::atomic<std::uint64_t> expired{0};      // dropped past their deadline
  std::atomic<std::uint64_t> duplicates{0};   // effects seen before
  std::atomic<std::uint64_t> mailbox{0};      // depth, sampled
  std::atomic<std::uint64_t> handling_ns{0};  // sum over the samples
  std::atomic<std::uint64_t> samples{0};
  std::atomic<std::uint64_t> restarts{0};
  std::atomic<std::uint64_t> sequence{0};     // last recorded turn
  std::atomic<std::uint64_t> durable{0};      // last durable turn
  std::atomic<std::uint32_t> busy_since{0};   // watchdog tick at which the running handler began; 0 when idle
  std::atomic<bool> alive{false};
};

/// Adds to a counter that one thread writes: a load and a store, where a read-modify-write would lock the bus.
inline void count(std::atomic<std::uint64_t>& n, std::uint64_t by = 1) noexcept {
  n.store(n.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

/// The node's watchdog counts its own ticks here (100 ms each, from 1); handlers stamp them without reading a clock.
inline std::atomic<std::uint32_t> watchdog_tick{1};

/// Every pulse of the node. Actors keep theirs over restarts. Thread-safe.
class pulse_board {
public:
  [[nodiscard]] std::shared_ptr<pulse> of(const actor_name& name);
  [[nodiscard]] std::vector<std::shared_ptr<pulse>> all() const;

private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<pulse>> pulses_;
};

/// Marks a handler as running for the length of a scope, counts the message and times one in 64.
class handling {
public:
  explicit handling(pulse& p) noexcept : pulse_{p} {
    const auto n = p.messages.load(std::memory_order_relaxed);
    p.messages.store(n + 1, std::memory_order_relaxed);
    p.busy_since.store(watchdog_tick.load(std::memory_order_relaxed), std::memory_order_relaxed);
    sampled_ = (n & 63u) == 0;
    if (sampled_) began_ = std::chrono::steady_clock::now();
  }
  ~handling() {
    pulse_.busy_since.store(0, std::memory_order_relaxed);
    if (!sampled_) return;
    const auto took = std::chrono::steady_clock::now() - began_;
    count(pulse_.handling_ns, static_cast<std::uint64_t>(took.count()));
    count(pulse_.samples);
  }
  handling(const handling&) = delete;
  handling& operator=(const handling&) = delete;
  [[nodiscard]] bool is_sampled() const noexcept { return sampled_; }

private:
  pulse& pulse_;
  bool sampled_ = false;
  std::chrono::steady_clock::time_point began_;
};

} // namespace troupe::actor
