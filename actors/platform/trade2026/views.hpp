#pragma once
// From the desk's own values to Trade2026's. Pure; any thread.

#include "actors/market/messages.hpp"
#include "actors/platform/trade2026/market_messages.hpp"
#include "actors/trading/oms/messages.hpp"
#include "actors/trading/portfolio/messages.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace troupe::trade2026 {

/// SENT until the venue filled or ended it; what pre-trade risk refused is RISK_REJECTED.
[[nodiscard]] order_state state_of(trading::order_status status, oms::refusal refusal) noexcept;
[[nodiscard]] order_row row_of(const oms::order& o);
[[nodiscard]] fill_row row_of(const portfolio::fill& f);
[[nodiscard]] position_row row_of(const portfolio::position_view& p);

[[nodiscard]] ticker ticker_of(const market::instrument_id& id, const std::optional<market::quote>& quote,
                               const std::optional<market::trade>& last, quantity volume, price first);
[[nodiscard]] trade trade_of(const market::trade& t);
/// Which candles are shown: those that opened at `start` or later and before `end`, in milliseconds, and of these the newest `limit`.
struct candle_window {
  std::size_t limit = 100;
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> end;
};
/// Merges bars into candles of `length`, which is a multiple of theirs; oldest first, each whole.
[[nodiscard]] std::vector<candle> candles_of(const std::vector<market::bar>& bars, nanoseconds length, const candle_window& shown);
/// "1m" is a minute. Nothing for a name that is not listed in candles_params.
[[nodiscard]] std::optional<nanoseconds> timeframe_of(std::string_view name);

/// `part` of `whole` as "12.3%"; "0.0%" of nothing.
[[nodiscard]] std::string percent(price part, price whole);
/// Every row that Trade2026 has. Enforced is max_exposure alone; of max_positions what there is (`positions`, when known) is shown without a limit.
[[nodiscard]] limit_rows limit_rows_of(price exposure, price exposure_max, std::optional<std::size_t> positions);
[[nodiscard]] limit_values values_of(const risk::limits& l) noexcept;
/// What an order without a price is worth a unit: the last trade's price, else the best that the other side offers. Nothing when neither is known.
[[nodiscard]] std::optional<price> tick_of(const std::optional<market::quote>& quote, const std::optional<market::trade>& last, trading::side side) noexcept;
/// LOW below 80 % of `whole`, MEDIUM, HIGH from 90 %, BREACHED above it.
[[nodiscard]] risk_level level_of(price part, price whole) noexcept;

[[nodiscard]] std::int64_t milliseconds_of(time_ns t) noexcept;

} // namespace troupe::trade2026
