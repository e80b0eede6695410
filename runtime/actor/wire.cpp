// Bytes, JSON and schemas of the runtime's own messages and of what every message carries.
#include "runtime/actor/turn.hpp"
#include "runtime/wire/wire.ipp"


TROUPE_WIRE(troupe::cause_id)
TROUPE_WIRE(troupe::context)
TROUPE_WIRE(troupe::actor::delivered)
TROUPE_WIRE(troupe::actor::credit)
TROUPE_WIRE(troupe::actor::unanswered)
TROUPE_WIRE(troupe::actor::ping)
TROUPE_WIRE(troupe::actor::pong)
TROUPE_WIRE(troupe::actor::fault_command)
TROUPE_WIRE(troupe::actor::inspect_request)
TROUPE_WIRE(troupe::actor::inspected)
