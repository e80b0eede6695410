#pragma once
// What a person sees while the node runs: one line that keeps itself current, and the report at the end.

#include "nodes/desk/desk.hpp"

#include <atomic>
#include <string>
#include <thread>

namespace troupe::desk {

/// A line on standard error, rewritten each half second while the scope lives. Only on a terminal.
class live_summary {
public:
  explicit live_summary(desk& d);
  ~live_summary();
  live_summary(const live_summary&) = delete;
  live_summary& operator=(const live_summary&) = delete;

private:
  void run();
  desk& desk_;
  std::atomic<bool> leaving_{false};
  std::thread thread_;
};

/// Totals since the start, several lines of text.
[[nodiscard]] std::string final_report(desk& d, double seconds);

} // namespace troupe::desk
