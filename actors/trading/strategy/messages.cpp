#include "actors/trading/strategy/messages.hpp"

#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::strategy::strategy_config)
TROUPE_WIRE(troupe::strategy::strategy_state)
TROUPE_WIRE(troupe::strategy::strategy_inputs)
TROUPE_WIRE(troupe::strategy::submitted)
TROUPE_WIRE(troupe::strategy::cancel_intended)
TROUPE_WIRE(troupe::strategy::replace_intended)
TROUPE_WIRE(troupe::strategy::update_folded)
TROUPE_WIRE(troupe::strategy::correct_strategy_position)
TROUPE_WIRE(troupe::strategy::strategy_position_corrected)
TROUPE_WIRE(troupe::strategy::strategy_event)
TROUPE_WIRE(troupe::strategy::withdraw_elsewhere)
TROUPE_WIRE(troupe::strategy::strategy_query)
TROUPE_WIRE(troupe::strategy::strategy_view)
