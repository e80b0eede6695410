#include "actors/platform/operations/messages.hpp"

#include "actors/platform/operations/core.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::operations::operation)
TROUPE_WIRE(troupe::operations::recorded_reply)
TROUPE_WIRE(troupe::operations::recorded)
TROUPE_WIRE(troupe::operations::core::event)
TROUPE_WIRE(troupe::operations::state)
TROUPE_WIRE(troupe::operations::inputs)
