#pragma once
// Who is to have how much of the firm's exposure. Every slot is to have what it uses or an order of it was refused for, and idle room on top: as much
// again, and half an equal share of what the firm has left, or what one account may use where two thirds of a share reach for that. Three quarters of what
// is left are spread as idle room; where they do not reach, nobody has more of it than they give to all alike. Pure.

#include "actors/trading/risk/state.hpp"
#include "runtime/core/decimal.hpp"

#include <cstdint>

namespace troupe::risk {

struct pool {
  price firm_exposure_max;
  price account_exposure_max; // of accounts without limits of their own
  std::uint32_t slots = 1;    // that share it; at least 1
  nanoseconds heard_within{}; // who has not asked for longer is away: its budget is neither lowered nor counted as idle
  int128 grain = 0;           // no budget is changed by less, but for an order
};

/// One slot's, as units of a price. Nothing is negative.
struct part {
  int128 given = 0;     // its budget on record
  int128 used = 0;      // as it reported last
  int128 base = 0;      // `used`, or what an order that was refused would have made of it, when the firm can have that
  int128 idle = 0;      // what it is to have on top
  int128 room = 0;      // its budget may not be more: what the budgets of the others leave, and their use where marks have moved
  int128 promised = 0;  // of the room, for orders of others that were refused
  int128 reachable = 0; // the most it could get if nobody else kept more than is used
  bool others_lack = false; // an order of somebody was refused, or less than half of its idle room is left, and what is free does not reach for that
  bool is_overlent = false; // all budgets on record add up to more than the firm's maximum: it was lowered since
};

/// Of a slot that has asked, at risk's own time `now`.
[[nodiscard]] part part_of(const pool&, const state&, const view&, std::uint32_t slot, boot_ns now);

} // namespace troupe::risk
