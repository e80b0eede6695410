#pragma once
// What every actor counts about itself, labelled with its name. Owned by the actor; used in its thread, read by any.

#include "runtime/core/ids.hpp"
#include "runtime/telemetry/metrics.hpp"

#include <chrono>

namespace troupe::telemetry {

struct actor_metrics {
  counter messages_total;
  counter expired_total;  // dropped because their deadline had passed
  counter refused_total;  // answered with a refusal of the runtime: overloaded, halted, draining
  counter failures_total; // handlers that threw
  counter restarts_total;
  gauge mailbox_depth;
  gauge asks_pending;
  histogram handling_seconds; // one message in 64

  actor_metrics() = default;
  /// Asking again for the same actor continues its series.
  actor_metrics(metrics_registry& registry, const actor_name& actor);
};

/// Measures the handling of one message in 64, because a clock read costs about as much as handling a small one. Make
/// one `turn` at the start of each message:  telemetry::handling_clock::turn timed{clock_, metrics_};
class handling_clock {
public:
  class turn {
  public:
    turn(handling_clock& clock, const actor_metrics& metrics) noexcept : metrics_{metrics} {
      metrics_.messages_total.add();
      is_sampled_ = (clock.messages_++ & 63) == 0;
      if (is_sampled_) began_ = std::chrono::steady_clock::now();
    }
    ~turn() {
      if (is_sampled_) metrics_.handling_seconds.observe(std::chrono::steady_clock::now() - began_);
    }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

  private:
    const actor_metrics& metrics_;
    std::chrono::steady_clock::time_point began_;
    bool is_sampled_ = false;
  };

private:
  std::uint64_t messages_ = 0;
};

} // namespace troupe::telemetry
