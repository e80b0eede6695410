#pragma once
// Which halt stops an order, and which open orders a halt still has to withdraw.

#include "actors/trading/oms/core.hpp"

#include <vector>

namespace troupe::oms {

/// The halt among those of a lease that stops orders like this one, the narrowest; nullptr: none. `halts` ascend by scope and key, as risk
/// keeps them. A lookup for each scope, however many there are.
[[nodiscard]] const risk::halt* halt_over(const std::vector<risk::halt>& halts, const new_order& asked, const venue_id& at);

} // namespace troupe::oms
