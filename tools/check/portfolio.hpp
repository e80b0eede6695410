#pragma once
// I4: the portfolio's checkpoint and its table of fills against sums over the slots' fills. Stateless.

#include "tools/check/ledger.hpp"

#include <optional>
#include <vector>

namespace troupe::check {

/// The newest checkpoints of all nodes as one, if there are any that can be read: each node's is about accounts of its own.
[[nodiscard]] std::optional<portfolio::state> checkpoint_of(const std::vector<const journal::journal*>& books, check_report& report);

/// `slots` was told the checkpoint's positions and has read all streams.
void compare_portfolio(const journal::journal& books, const portfolio::state& checkpoint, const ledger& slots,
                       check_report& report);

} // namespace troupe::check
