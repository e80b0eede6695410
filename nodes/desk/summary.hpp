#pragma once
// What a person sees while the node runs: one line that keeps itself current, and the report at the end.

#include "nodes/desk/desk.hpp"

#include "actors/trading/portfolio/messages.hpp"

#include <atomic>
#include <string>
#include <thread>

namespace troupe::desk {

/// What the node did since it started.
struct activity {
  std::uint64_t quotes = 0;
  std::uint64_t trades = 0;
  std::uint64_t bad_lines = 0;
  std::vector<feed_state> feeds;
  std::uint64_t orders = 0; // on record, rejected ones included
  std::uint64_t fills = 0;
  std::uint64_t turns = 0;  // durable
  std::uint64_t flushes = 0;
  std::uint64_t waiting = 0; // turns decided and not yet durable
  portfolio::positions_view positions; // of all time, closed ones too
};
/// Counters from shared memory. The positions come from the portfolio; none when it does not answer at once.
[[nodiscard]] activity activity_of(desk& d);

/// Turns decided that their actors have not seen durable yet. Any thread.
[[nodiscard]] std::uint64_t waiting_turns(const desk& d);
/// Brings everything but the positions up to the end of a desk that has stopped; what is durable is what its journals say.
void count_at_end(desk& d, activity& a);

/// Quotes a second since `before`, orders, fills, P&L, the journal's lag, positions: one line of at most 200 characters.
[[nodiscard]] std::string live_line(const activity& before, const activity& now, double seconds);
/// Totals since the start, several lines.
[[nodiscard]] std::string report_text(const activity& all, double seconds);

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

} // namespace troupe::desk
