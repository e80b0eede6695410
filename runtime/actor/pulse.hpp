#pragma once
// What is known about a running actor without asking it: counters for metrics, and since when its handler runs, for the
// watchdog. Written by the actor's thread with relaxed stores, read by anybody. Only its supervisor says whether it is alive.

#include "runtime/core/ids.hpp"
#include "runtime/core/tally.hpp"

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
  std::atomic<std::uint64_t> refused{0};      // of them: commands that changed nothing
  std::atomic<std::uint64_t> effects{0};      // decided for other actors; each once, however often it is sent
  std::atomic<std::uint64_t> acknowledged{0}; // of them: durably taken by their receivers
  std::atomic<std::uint64_t> expired{0};      // dropped past their deadline
  std::atomic<std::uint64_t> duplicates{0};   // effects seen before
  std::atomic<std::uint64_t> mailbox{0};      // depth, one in 64 and while there is any
  duration_tally handling;                    // of a message, one in 64
  duration_tally answering;                   // from an ask to its durable answer, one in 64
  std::atomic<std::uint64_t> restarts{0};     // by the supervisor's own decision
  std::atomic<std::uint64_t> lives{0};        // starts, whoever wanted them; counted before it is alive
  std::atomic<std::uint64_t> sequence{0};     // last recorded turn
  std::atomic<std::uint64_t> durable{0};      // last durable turn
  std::atomic<std::uint32_t> busy_since{0};   // watchdog tick at which the running handler began; 0 when idle
  std::atomic<std::uint32_t> patience{0};     // ticks the running handler may take when that is more than usual
  std::atomic<bool> alive{false};
};

/// Adds to a counter that one thread writes: a load and a store, where a read-modify-write would lock the bus.
inline void count(std::atomic<std::uint64_t>& n, std::uint64_t by = 1) noexcept {
  n.store(n.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

/// The node's watchdog counts its own ticks here, from 1; handlers stamp them without reading a clock.
inline std::atomic<std::uint32_t> watchdog_tick{1};
inline constexpr std::chrono::milliseconds watchdog_tick_length{100};

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
  /// The same, and how many messages wait: with each sample, and from one that found some until one that finds none.
  template <class Actor>
  handling(pulse& p, Actor& self) noexcept : handling(p) {
    if (sampled_ || p.mailbox.load(std::memory_order_relaxed) != 0) p.mailbox.store(self.mailbox().size(), std::memory_order_relaxed);
  }
  ~handling() {
    pulse_.busy_since.store(0, std::memory_order_relaxed);
    if (!sampled_) return;
    const auto took = std::chrono::steady_clock::now() - began_;
    pulse_.handling.add(took);
  }
  handling(const handling&) = delete;
  handling& operator=(const handling&) = delete;
  [[nodiscard]] bool is_sampled() const noexcept { return sampled_; }
  /// When the message was taken; only for a sampled one.
  [[nodiscard]] std::chrono::steady_clock::time_point began() const noexcept { return began_; }

private:
  pulse& pulse_;
  bool sampled_ = false;
  std::chrono::steady_clock::time_point began_;
};

/// Of a handler that waits for the disk. One that does not answer is the journal's to report: neither a halt nor another start would make it quicker.
inline constexpr std::chrono::minutes disk_patience{10};

/// Work inside a handler that may take long on purpose, such as a recovery: counted by itself, against its own limit.
class patience_scope {
public:
  patience_scope(pulse& p, std::chrono::nanoseconds limit) noexcept : pulse_{p}, was_busy_{p.busy_since.load(std::memory_order_relaxed) != 0} {
    p.patience.store(static_cast<std::uint32_t>(limit / watchdog_tick_length) + 1, std::memory_order_relaxed);
    p.busy_since.store(watchdog_tick.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  ~patience_scope() {
    pulse_.busy_since.store(was_busy_ ? watchdog_tick.load(std::memory_order_relaxed) : 0, std::memory_order_relaxed);
    pulse_.patience.store(0, std::memory_order_release); // who sees it sees the new tick
  }
  patience_scope(const patience_scope&) = delete;
  patience_scope& operator=(const patience_scope&) = delete;

private:
  pulse& pulse_;
  bool was_busy_;
};

} // namespace troupe::actor
