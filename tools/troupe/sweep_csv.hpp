#pragma once
// The result table of a sweep as comma-separated values, for spreadsheets and data frames. Pure; any thread.

#include "actors/research/sweep/messages.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

/// The names of the columns: trial, the parameters as the grid says them, and what came of it. No line end.
[[nodiscard]] std::string csv_head(const std::vector<sweep::axis>& axes);

/// One trial under these names. Amounts are numbers without their currency, which has a column of its own; in a trial with several currencies net
/// and currency are empty, and the amounts name theirs. Of one that holds what is worth nobody knows what, net and unrealized are empty. Requires: a
/// trial of the grid.
[[nodiscard]] std::string csv_row(const std::vector<sweep::axis>& axes, const sweep::trial_result& r);

} // namespace troupe::cli
