#include "actors/trading/portfolio/messages.hpp"

#include "actors/trading/portfolio/state.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::portfolio::fill)
TROUPE_WIRE(troupe::portfolio::positions_query)
TROUPE_WIRE(troupe::portfolio::position_view)
TROUPE_WIRE(troupe::portfolio::positions_view)
TROUPE_WIRE(troupe::portfolio::cash_query)
TROUPE_WIRE(troupe::portfolio::cash_view)
TROUPE_WIRE(troupe::portfolio::cash_list)
TROUPE_WIRE(troupe::portfolio::fills_query)
TROUPE_WIRE(troupe::portfolio::fills_view)
TROUPE_WIRE(troupe::portfolio::state)
