#pragma once
// FIX's OrderMassCancelRequest: withdraws everything open of a scope. Call on the edge's thread; the continuation runs there too.

#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/v1_messages.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk {

struct mass_cancelled {
  std::uint64_t requested = 0;    // orders whose venue is asked to cancel them, on record
  std::uint64_t failed = 0;       // orders, and slots whose orders are not known, of which that is not certain
  std::optional<error> why;       // the first of those
  std::vector<node_name> missing; // nodes that are away: their orders stay
  std::vector<std::string> unreached; // why a venue of what is requested cannot be asked now; it is when it is back
};

/// Asks each slot of the scope for what is open and cancels it, in the control lane: passes under every halt, on a full disk and before a flood of
/// orders. An order that is entered meanwhile may stay: who wants none halts first. What ended meanwhile is neither requested nor failed.
/// Of an account a slot that was given up counts for the orders that its journal has open of it.
void mass_cancel(const api_ptr& a, const context& c, const v1::mass_cancel_request& scope, answer_to<mass_cancelled> then);

} // namespace troupe::desk
