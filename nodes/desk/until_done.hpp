#pragma once
// The deterministic driver: the whole desk on one thread and virtual time, feeds at full speed. Time steps to the next
// feed entry or timer, whichever is first, and everything that follows from it is done before the next step.

#include "nodes/desk/desk.hpp"
#include "nodes/desk/profit.hpp"

#include <functional>
#include <string>

namespace troupe::desk {

struct run_summary {
  std::uint64_t quotes = 0;
  std::uint64_t trades = 0;
  std::uint64_t bars = 0;
  std::uint64_t bad_lines = 0;
  std::vector<std::string> bad; // the first of them: "FILE line N: reason"
  std::uint64_t other_symbols = 0; // lines of other instruments than the feeds', left out
  std::uint64_t books_lost = 0;
  std::uint64_t orders = 0;    // on record, rejected ones included
  std::uint64_t rejected = 0;
  std::uint64_t fills = 0;
  std::vector<std::string> positions; // JSON objects
  profit earned;               // summed over accounts
  std::uint64_t turns = 0;
  std::string hash;
  std::vector<std::string> warnings; // why it may have traded nothing, or what of it is not known
  bool positions_equal_fills = false;
  double seconds = 0;          // wall time

  /// One line of JSON. `seconds` is left out of what must repeat: it is not in here.
  [[nodiscard]] std::string json() const;
};

/// Steps virtual time to `target` through every timer on the way, in order, and does what follows from each.
void advance(desk& d, time_ns target);

/// Where the clock of such a run stands at its start: two seconds before the first entry of any feed. Requires: there is a feed. Errors: as
/// the files'.
[[nodiscard]] result<time_ns> begin_of(const configuration& c);

/// Runs until every feed has ended. `progress` is called now and then with lines done. Errors: what a part said; a feed of other symbols than
/// its instrument alone.
[[nodiscard]] result<run_summary> run_until_done(desk& d, const std::function<void(std::uint64_t lines)>& progress);

} // namespace troupe::desk
