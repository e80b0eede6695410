#pragma once
// The result table: one line of JSON a trial, in the order of the grid. Its hash is the SHA-256 of these lines, so that anybody can
// compute it. Pure; any thread.

#include "actors/research/sweep/messages.hpp"
#include "runtime/core/decimal.hpp"
#include "runtime/core/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe::sweep {

/// {"parameters":{...},"status":"done","reason":"","orders":1,"fills":2,"realized_pnl":"1.5 USDT",...}: the parameters as the grid
/// says them, then everything that is the same wherever the trial ran. No line end. Requires: a trial of the grid.
[[nodiscard]] std::string canonical_row(const std::vector<axis>& axes, const trial_result& r);

/// Realized and unrealized P&L less fees. Nothing when that is in several currencies, or the trial is not done.
[[nodiscard]] std::optional<money> net_pnl(const trial_result& r);

/// A stored row. Errors: malformed.
[[nodiscard]] result<trial_result> decode_row(std::string_view stored);

} // namespace troupe::sweep
