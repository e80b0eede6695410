#include "nodes/desk/api/v1_strategy_messages.hpp"

#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::desk::v1::strategy_path)
TROUPE_WIRE(troupe::desk::v1::strategy_correction_request)
