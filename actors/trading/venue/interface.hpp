#pragma once
// Everything one may say to a venue. The list is the documentation, the typed handle and the dispatcher at once.

#include "actors/market/batch.hpp"
#include "actors/trading/venue/messages.hpp"
#include "actors/trading/venue/simulator_messages.hpp"
#include "runtime/actor/core.hpp"

namespace troupe::venue {

using protocol = actor::protocol<
  // Submit, cancel, replace: effects of the OMS slots' streams, each decided exactly once.
  actor::receives<command>,
  // Tops of book and trades in feed order. Recorded only when an order of ours is touched.
  actor::watches<market::market_batch>,
  // 00:00 UTC: DAY orders expire.
  actor::tell<day_closed>,
  // A slot starts or moves: lower epochs are fenced from here on. Sent before the slot reconciles.
  actor::tell<slot_opened>,
  // Reconciliation: all open orders of a slot, and the highest number ever received.
  actor::query<open_orders_query, open_orders>,
  // One order: open, finished, or never received.
  actor::query<order_query, order_view>,
  // Reconciliation: what the slot's journal does not hold, page by page, read from the venue's own stream (fills_page.hpp).
  actor::query<fills_since_query, fills_since>,
  // A slot was given up: what it has open is canceled, some orders a turn.
  actor::ask<mass_cancel, mass_cancel_report>>;

} // namespace troupe::venue
