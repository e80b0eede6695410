#pragma once
// A market that stands still, so that every order of a measurement meets the same book.

#include "actors/market/messages.hpp"
#include "nodes/desk/desk.hpp"

namespace troupe::bench {

inline const market::instrument_id still_instrument{"BTCUSDT.SIM"};

/// Shows 45,000 bid and 45,001 offered, 10 each, once: to the mark board and to the venue SIM.
void show_still_market(desk::desk& d);

} // namespace troupe::bench
