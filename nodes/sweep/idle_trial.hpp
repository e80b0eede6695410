#pragma once
// Trials without a desk, for measuring the sweep itself and for testing what it does about trials that end their runner or
// never end: idle.us waits that many microseconds, idle.die=1 aborts, idle.hang=1 never returns.

#include "actors/research/sweep/messages.hpp"

#include <string>
#include <utility>
#include <vector>

namespace troupe::sweep_node {

/// Other keys ("idle.number" ...) only tell trials apart. A value that is no number is refused.
void run_idle(const std::vector<std::pair<std::string, std::string>>& chosen, sweep::trial_result& r);

} // namespace troupe::sweep_node
