#pragma once
// Everything one may say to the risk actor. The list is the documentation, the typed handle and the dispatcher at once.

#include "actors/trading/risk/messages.hpp"
#include "runtime/actor/core.hpp"

namespace troupe::risk {

using protocol = actor::protocol<
  // Stop a scope at once. Unchanged when it is halted already; refused only for a malformed key.
  actor::ask<halt_command, risk_reply>,
  // Lift a halt. approval_recorded while a firm halt lacks principals, also when the same principal asks again;
  // unchanged when nothing is halted; refused without a principal.
  actor::ask<resume_command, risk_reply>,
  // Replace the limits of an account or the fallback. Refused with every negative amount named.
  actor::ask<set_limits, risk_reply>,
  // Block or unblock an instrument for new orders. Refused without an instrument.
  actor::ask<block_instrument, risk_reply>,
  // A lease until lease_ms from when it was asked for. On record only when the slot's budget changes. A request with a lower epoch than
  // seen gets one that has run out. In the control lane.
  actor::ask<lease_request, lease>,
  // Risk's journal is not the newest: halts the firm. Nothing when it is halted for that already, or the limits are on record by now.
  actor::tell<newer_limits>,
  // Change or remove limits unless limits were changed since the version that is expected. Conflict then; unchanged when they are so already, or there are none to remove; refused as
  // set_limits, and without limits for the fallback.
  actor::ask<change_limits, risk_reply>,
  // Everything in force, and the exposure the slots reported last.
  actor::query<risk_query, risk_view>>;

} // namespace troupe::risk
