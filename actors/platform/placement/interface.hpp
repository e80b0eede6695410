#pragma once
// Everything one may say to a node's keeper of placement.

#include "actors/platform/placement/messages.hpp"
#include "runtime/actor/core.hpp"

namespace troupe::placement {

using protocol = actor::protocol<
  // An operator wants the slot here. Answered when it is on record; then it is fetched, over restarts, until it is here or refused.
  actor::ask<fetch_slot, fetch_reply>,
  // The fetching was refused by whoever has the slot; or what was to arrive never will, because it went elsewhere by another record.
  actor::tell<fetch_failed>,
  // The other node is ready. Not recorded: the slot's end is.
  actor::ask<hand_over, hand_over_reply>,
  actor::tell<slot_ended>,
  actor::tell<slot_stays>,
  // Exactly once, from the record of whoever had the slot.
  actor::receives<take_over>,
  actor::tell<slot_arrived>,
  // An operator takes the node down.
  actor::ask<leave_desk, leave_reply>,
  // Another node has lost what it was given, or its record of it.
  actor::tell<give_again>,
  // What other nodes have on record.
  actor::observes<seats_told>,
  actor::query<moves_query, moves_view>>;

} // namespace troupe::placement
