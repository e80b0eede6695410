#pragma once
// Which halt stops an order, and which open orders a halt still has to withdraw.

#include "actors/trading/oms/core.hpp"

#include <string>
#include <vector>

namespace troupe::oms {

/// The halt among those of a lease that stops orders like this one, the narrowest; nullptr: none. `halts` ascend by scope and key, as risk
/// keeps them. A lookup for each scope, however many there are.
[[nodiscard]] const risk::halt* halt_over(const std::vector<risk::halt>& halts, const new_order& asked, const venue_id& at);

/// What is halted, by whom and why, as whoever is refused or withdrawn for it reads it; at most 95 characters.
[[nodiscard]] std::string why_halted(const risk::halt& h);

} // namespace troupe::oms
