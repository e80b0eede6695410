#include "actors/trading/oms/state.hpp"

#include "actors/trading/oms/done.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::oms::state)
TROUPE_WIRE(troupe::oms::inputs)
