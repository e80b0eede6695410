#include "actors/trading/oms/messages.hpp"

#include "actors/trading/oms/core.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::oms::new_order)
TROUPE_WIRE(troupe::oms::cancel_order)
TROUPE_WIRE(troupe::oms::replace_order)
TROUPE_WIRE(troupe::oms::order_command)
TROUPE_WIRE(troupe::oms::order_ack)
TROUPE_WIRE(troupe::oms::order)
TROUPE_WIRE(troupe::oms::order_accepted)
TROUPE_WIRE(troupe::oms::order_rejected)
TROUPE_WIRE(troupe::oms::cancel_requested)
TROUPE_WIRE(troupe::oms::replace_requested)
TROUPE_WIRE(troupe::oms::execution)
TROUPE_WIRE(troupe::oms::order_lost)
TROUPE_WIRE(troupe::oms::stray_order)
TROUPE_WIRE(troupe::oms::command_refused)
TROUPE_WIRE(troupe::oms::order_recovered)
TROUPE_WIRE(troupe::oms::numbers_skipped)
TROUPE_WIRE(troupe::oms::event)
TROUPE_WIRE(troupe::oms::order_update)
TROUPE_WIRE(troupe::oms::effect)
TROUPE_WIRE(troupe::oms::order_query)
TROUPE_WIRE(troupe::oms::orders_query)
TROUPE_WIRE(troupe::oms::orders_view)
TROUPE_WIRE(troupe::oms::check_query)
TROUPE_WIRE(troupe::oms::check_view)
