#include "runtime/actor/caf_inspect.hpp"

#include "tests/runtime/actor/bank.hpp"

#include "runtime/actor/messages.hpp"
#include "runtime/wire/wire.ipp"

using namespace troupe;
using namespace troupe::actor;

TROUPE_WIRE(bank::deposit)
TROUPE_WIRE(bank::send_away)
TROUPE_WIRE(bank::receipt)
TROUPE_WIRE(bank::transfer)
TROUPE_WIRE(bank::balance_query)
TROUPE_WIRE(inbox<bank::transfer>)
TROUPE_WIRE(published<bank::core::event>)
TROUPE_CORE_WIRE(bank::core)
