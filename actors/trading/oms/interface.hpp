#pragma once
// Everything one may say to an OMS slot. The list is the documentation, the typed handle and the dispatcher at once.

#include "actors/market/messages.hpp"
#include "actors/trading/oms/messages.hpp"
#include "runtime/actor/core.hpp"

namespace troupe::oms {

using protocol = actor::protocol<
  // Place an order. Nothing on record: conflict, unknown_instrument, off_lot, price_missing, price_forbidden, off_tick,
  // disk_full, no_lease with no order id (none was granted since the slot started). On record as a rejected order: every
  // refusal of pre-trade risk. Answered when decided: one that lacks budget which risk can lend waits a short time for it, if its deadline leaves that.
  actor::ask<new_order, order_ack>,
  // Withdraw one. Passes without a lease, halted, on a full disk. Refusals: unknown_order, order_finished.
  actor::ask<cancel_order, order_ack>,
  // Change quantity and price. Refusals: unknown_order, order_finished, the form of the change, replace_pending,
  // disk_full, every refusal of pre-trade risk. The order stays as it was.
  actor::ask<replace_order, order_ack>,
  // The same three from strategies; what is refused comes back as an order_update.
  actor::receives<order_command>,
  // Execution reports. A repeated execution id and what cannot be true are dropped and counted; also of an order that has ended.
  actor::receives<venue::report>,
  // The venue's answer to open_orders_query. Hand it over only after every report up to its `sequence`: the shell's
  // cursor for the venue's stream knows. A fenced answer is ignored.
  actor::answers<venue::open_orders>,
  // What the venue did behind the place in its stream that the slot knows. Orders that are not on record come back with what the
  // venue knows of them, their reports are folded, and the place moves on. A fenced answer is ignored.
  actor::answers<venue::fills_since>,
  // What the slot may do until when. An older limits version never replaces a newer one, unless the firm is halted by it.
  actor::observes<risk::lease>,
  // Cancel what a halt leaves open; from the slot's own node.
  actor::tell<enforce_halt>,
  // The halt of an account whose venue disputes its position, or of a venue that fills what nobody asked for, is on record; from the slot's own node.
  actor::tell<close_dispute>,
  // One open order, or nothing; finished ones are in the table "done" (done.hpp).
  actor::query<order_query, orders_view>,
  // The order under a client's own id, open or finished, or nothing: then no order with it is on record, refused by risk or not.
  actor::query<client_order_query, orders_view>,
  // Open orders, ascending by id, in pages; or those that changed last, newest first.
  actor::query<orders_query, orders_view>,
  // What a new order would be answered, and which limits it would use above 80 %.
  actor::query<check_query, check_view>,
  // Correct a position or money, by an operator. Nothing on record: disk_full. All other refusals change nothing and are on record.
  actor::ask<correct_position, correction_ack>>; // stands last: stored turns number what they may have been caused by

} // namespace troupe::oms
