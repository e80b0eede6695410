#pragma once
// Everything one may ask the portfolio. It takes no commands: it reads the OMS streams (core::fold) and marks.

#include "actors/market/messages.hpp"
#include "actors/trading/portfolio/messages.hpp"
#include "runtime/actor/core.hpp"

namespace troupe::portfolio {

using protocol = actor::protocol<
  // The newest mark of an instrument: unrealized P&L is at its middle.
  actor::observes<market::quote>,
  // Positions with realized and unrealized P&L and fees.
  actor::query<positions_query, positions_view>,
  // Cash per account and currency.
  actor::query<cash_query, cash_list>,
  // The newest fills.
  actor::query<fills_query, fills_view>>;

} // namespace troupe::portfolio
