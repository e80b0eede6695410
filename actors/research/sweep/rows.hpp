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

/// Realized and unrealized P&L less fees. Nothing when that is in several currencies or not known of some position, or the trial is not done.
[[nodiscard]] std::optional<money> net_pnl(const trial_result& r);

/// Whether `a` stands before `b` where the greatest net P&L comes first: gains, then nothing, which a trial without a fill has in no currency, then losses, at
/// the end what has none. Amounts of different currencies are not comparable: gains and losses are ordered by currency first.
[[nodiscard]] bool earns_more(const std::optional<money>& a, const std::optional<money>& b) noexcept;

/// A stored row. Errors: malformed.
[[nodiscard]] result<trial_result> decode_row(std::string_view stored);

} // namespace troupe::sweep
