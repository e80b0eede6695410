#include "actors/platform/placement/messages.hpp"

#include "actors/platform/placement/core.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::placement::fetch_slot)
TROUPE_WIRE(troupe::placement::fetch_reply)
TROUPE_WIRE(troupe::placement::fetch_failed)
TROUPE_WIRE(troupe::placement::hand_over)
TROUPE_WIRE(troupe::placement::hand_over_reply)
TROUPE_WIRE(troupe::placement::slot_ended)
TROUPE_WIRE(troupe::placement::slot_stays)
TROUPE_WIRE(troupe::placement::slot_arrived)
TROUPE_WIRE(troupe::placement::give_again)
TROUPE_WIRE(troupe::placement::take_over)
TROUPE_WIRE(troupe::placement::leave_desk)
TROUPE_WIRE(troupe::placement::leave_reply)
TROUPE_WIRE(troupe::placement::seats_told)
TROUPE_WIRE(troupe::placement::moves_query)
TROUPE_WIRE(troupe::placement::moves_view)
TROUPE_WIRE(troupe::placement::core::event)
TROUPE_WIRE(troupe::placement::core::effect)
TROUPE_WIRE(troupe::placement::state)
TROUPE_WIRE(troupe::placement::inputs)
