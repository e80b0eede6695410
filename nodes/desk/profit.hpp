#pragma once
// What positions earned in sum, per currency: closed ones count too when the query asked for them. Pure.

#include "actors/trading/portfolio/messages.hpp"

#include <string>

namespace troupe::desk {

/// Each "12.5 USDT, -3 INR" in the order of the currencies; empty without positions.
struct profit {
  std::string realized;   // of what was closed, fees not deducted
  std::string unrealized; // of what has a mark; ", unknown of 2 positions" behind it when open ones have none
  std::string fees;       // paid
};
[[nodiscard]] profit profit_of(const portfolio::positions_view& positions);

} // namespace troupe::desk
