#pragma once
// What the simulated venue is told once, at start: its name, what it trades, what it charges. Owned by the core, never
// changed while it runs.

#include "actors/trading/ids.hpp"
#include "runtime/core/error.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace troupe::venue {

using namespace trading;

/// Fees are counted in hundredths of a basis point (1e-6) of the notional.
inline constexpr std::int32_t fee_limit = 100'000; // 10 %

struct simulator_config {
  venue_id venue;
  std::map<instrument_id, instrument> instruments; // orders for anything else are rejected; with none it still withdraws
  std::int32_t maker_fee = 0;                      // [-fee_limit, fee_limit]; negative is a rebate
  std::int32_t taker_fee = 0;                      // the same
  std::uint32_t open_orders_max = 100'000;         // > 0; submits above it are rejected
};

/// Every rule the configuration breaks, by field; empty when it may be used.
[[nodiscard]] std::vector<field_error> violations(const simulator_config& config);

} // namespace troupe::venue
