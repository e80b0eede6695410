#pragma once
// One line of `troupe shell`: a run of this same program. One thread.

#include "tools/troupe/signal_queue.hpp"

#include "runtime/core/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

struct run_of_line {
  int code = 0;                // its exit code; 128 and the signal's number when one ended it, as shells say it
  std::optional<int> asked_by; // a signal that came to the shell meanwhile: SIGINT, SIGTERM or SIGHUP
};

/// Runs `troupe WORDS` and waits until it ends. What asks the shell to end is passed on to it. Its standard input is the terminal, or
/// nothing with `reads_nothing`: in a script that is where the next lines are. Errors: unavailable (it cannot be started).
[[nodiscard]] result<run_of_line> run_line(const std::vector<std::string>& words, signal_queue& signals, bool reads_nothing);

} // namespace troupe::cli
