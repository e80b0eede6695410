#pragma once
// I4: the portfolio's checkpoint and its table of fills against sums over the slots' fills. Stateless.

#include "tools/check/ledger.hpp"

#include <optional>

namespace troupe::check {

/// The newest checkpoint, if there is one that can be read.
[[nodiscard]] std::optional<portfolio::state> checkpoint_of(const journal::journal& books, check_report& report);

/// `slots` was told the checkpoint's positions and has read all streams.
void compare_portfolio(const journal::journal& books, const portfolio::state& checkpoint, const ledger& slots,
                       check_report& report);

} // namespace troupe::check
