// Bytes, JSON and schemas of the native routes about feeds, risk, actors and the node.
#include "nodes/desk/api/v1_messages.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::desk::v1::feeds_page)
TROUPE_WIRE(troupe::desk::v1::limits_page)
TROUPE_WIRE(troupe::desk::v1::limits_request)
TROUPE_WIRE(troupe::desk::v1::risk_reply)
TROUPE_WIRE(troupe::desk::v1::halt_reply)
TROUPE_WIRE(troupe::desk::v1::halts_page)
TROUPE_WIRE(troupe::desk::v1::halt_request)
TROUPE_WIRE(troupe::desk::v1::resume_request)
TROUPE_WIRE(troupe::desk::v1::actor_row)
TROUPE_WIRE(troupe::desk::v1::actors_page)
TROUPE_WIRE(troupe::desk::v1::actor_params)
TROUPE_WIRE(troupe::desk::v1::state_params)
TROUPE_WIRE(troupe::desk::v1::history_params)
TROUPE_WIRE(troupe::desk::v1::fault_request)
TROUPE_WIRE(troupe::desk::v1::log_level_request)
TROUPE_WIRE(troupe::desk::v1::log_levels_view)
TROUPE_WIRE(troupe::desk::v1::done_reply)
TROUPE_WIRE(troupe::desk::v1::backup_request)
TROUPE_WIRE(troupe::desk::v1::backup_reply)
TROUPE_WIRE(troupe::desk::v1::node_view)
