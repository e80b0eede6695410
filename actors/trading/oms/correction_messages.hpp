#pragma once
// Fills that a venue reported and no order could take, and what an operator says a position is to be beside what venues reported: FIX's
// PositionMaintenanceRequest (AL) and PositionMaintenanceReport (AM).

#include "actors/trading/ids.hpp"
#include "actors/trading/venue/messages.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace troupe::oms {

using namespace trading;

/// What no order could take and a correction books: see fill_disputed.
struct booked_execution {
  venue_id venue;
  execution_id execution;
  order_id order; // of which the venue reported it
  friend bool operator==(const booked_execution&, const booked_execution&) = default;
};
BOOST_DESCRIBE_STRUCT(booked_execution, (), (venue, execution, order))

/// Changes a position by a quantity at a price, money by a fee, or both, as a fill would; it is counted as no fill. Only an operator may.
/// Idempotent by (tenant, account, id): the same body gives the first answer again, another body is a conflict and changes nothing. A
/// correction that books an execution has `booking_id` of it as its id, so that no execution is booked twice under two ids.
struct correct_position {
  tenant_id tenant; // empty: the slot's own
  account_id account;
  correction_id id;
  instrument_id instrument;
  troupe::quantity quantity; // signed: bought is positive; zero when only money is corrected
  troupe::price price;       // above zero with a quantity, zero without: cost basis and realized P&L are as of a fill at it
  money fee;                 // positive is paid, negative comes back; in the instrument's quote currency, which must be said of one that is not configured any more
  std::optional<booked_execution> books;
  text<95> reason;
  friend bool operator==(const correct_position&, const correct_position&) = default;
};
BOOST_DESCRIBE_STRUCT(correct_position, (), (tenant, account, id, instrument, quantity, price, fee, books, reason))

/// "SIM/4711". No id that an operator chooses contains a slash.
[[nodiscard]] inline correction_id booking_id(const venue_id& venue, const execution_id& execution) {
  return {text<48>{venue.value.str() + '/' + execution.value.str()}};
}

/// Why a position was not corrected.
enum class correction_refusal : std::uint8_t {
  none,
  not_authorised,     // whoever asked is no operator
  conflict,           // the id belongs to another correction
  bad_id,             // none, one with a slash, or of a booking another one than its execution's
  unknown_instrument, // it is not configured, and the fee has no currency, which says what the position was in
  nothing_to_correct, // neither quantity nor fee
  bad_price,          // with a quantity it must be above zero, without one there is none
  bad_fee,            // in another currency, or beyond what can be counted
  out_of_range,       // the position, with what is open, would be beyond what can be counted
  already_applied,    // an order has the execution that was to be booked, or may have or get it
  no_reason,
  disk_full,
};
BOOST_DESCRIBE_ENUM(correction_refusal, none, not_authorised, conflict, bad_id, unknown_instrument, nothing_to_correct, bad_price, bad_fee, out_of_range,
                    already_applied, no_reason, disk_full)

/// The answer. A repeat gets exactly the first one.
struct correction_ack {
  correction_id id;
  correction_refusal refusal = correction_refusal::none;
  std::string reason;          // one sentence, when refused
  troupe::quantity position;   // right after the correction
  time_ns decided_at{};
  friend bool operator==(const correction_ack&, const correction_ack&) = default;
};
BOOST_DESCRIBE_STRUCT(correction_ack, (), (id, refusal, reason, position, decided_at))

// -- events and rows (correction_rows.hpp) ----------------------------------------------------------------------------

struct position_corrected {
  correct_position correction; // as asked, with its tenant
  principal_id by;
  currency quote;              // the instrument's: what price and fee are in
  troupe::price mark;          // the position counts at it from now on; zero: as before
  troupe::quantity position;   // after it
  time_ns decided_at{};
  friend bool operator==(const position_corrected&, const position_corrected&) = default;
};
BOOST_DESCRIBE_STRUCT(position_corrected, (), (correction, by, quote, mark, position, decided_at))

/// A venue reported a fill that no order could take: it is in no position. What the order says of account, instrument and side; of an order that is not known here
/// they are empty, and the side says nothing. The account's dispute is account_disputed, in the same turn.
struct fill_disputed {
  venue_id venue; // who reported it
  venue::report report;
  bool from_own_venue = false; // the order's own; else somebody spoke of an order that is not theirs
  tenant_id tenant;
  account_id account;
  instrument_id instrument;
  trading::side side = trading::side::buy;
  troupe::quantity ordered; // the order's as replaced last
  troupe::quantity filled;  // of it here
  time_ns decided_at{};
  friend bool operator==(const fill_disputed&, const fill_disputed&) = default;
};
BOOST_DESCRIBE_STRUCT(fill_disputed, (), (venue, report, from_own_venue, tenant, account, instrument, side, ordered, filled, decided_at))

} // namespace troupe::oms
