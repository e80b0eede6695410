#include "actors/trading/risk/messages.hpp"

#include "actors/trading/risk/state.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::risk::halt)
TROUPE_WIRE(troupe::risk::limits)
TROUPE_WIRE(troupe::risk::lease)
TROUPE_WIRE(troupe::risk::lease_request)
TROUPE_WIRE(troupe::risk::newer_limits)
TROUPE_WIRE(troupe::risk::halt_command)
TROUPE_WIRE(troupe::risk::resume_command)
TROUPE_WIRE(troupe::risk::set_limits)
TROUPE_WIRE(troupe::risk::change_limits)
TROUPE_WIRE(troupe::risk::block_instrument)
TROUPE_WIRE(troupe::risk::risk_reply)
TROUPE_WIRE(troupe::risk::halted)
TROUPE_WIRE(troupe::risk::resume_approved)
TROUPE_WIRE(troupe::risk::resumed)
TROUPE_WIRE(troupe::risk::limits_set)
TROUPE_WIRE(troupe::risk::instrument_blocked)
TROUPE_WIRE(troupe::risk::limits_reset)
TROUPE_WIRE(troupe::risk::event)
TROUPE_WIRE(troupe::risk::effect)
TROUPE_WIRE(troupe::risk::risk_query)
TROUPE_WIRE(troupe::risk::risk_view)
TROUPE_WIRE(troupe::risk::state)
TROUPE_WIRE(troupe::risk::inputs)
