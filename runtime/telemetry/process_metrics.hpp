#pragma once
// What the operating system and the log say about this process, read when somebody scrapes. Owned by the node.

#include "runtime/telemetry/metrics.hpp"

#include <cstdint>
#include <memory>

namespace troupe::telemetry {

struct process_facts {
  std::int64_t resident_bytes = 0;
  std::int64_t virtual_bytes = 0;
  std::int64_t open_fds = 0;
  std::int64_t max_fds = 0; // the soft limit; 0: none
  std::int64_t threads = 0;
  std::int64_t cpu_ns = 0; // user and system, all threads; in steps of the kernel's clock
  std::int64_t start_time_seconds = 0; // since 1970, UTC
};

/// From /proc/self; what cannot be read stays 0.
[[nodiscard]] process_facts read_process_facts();

/// Registers Prometheus' own process_* series, troupe_log_* counts and troupe_build_info, which are read at every scrape while the
/// returned token lives. The registry must outlive it.
[[nodiscard]] std::shared_ptr<void> watch_process(metrics_registry& registry);

} // namespace troupe::telemetry
