#pragma once
// Requests and replies of the native routes about position corrections and disputed fills. Plain structs of the HTTP interface only. Values; any thread.

#include "actors/trading/oms/correction_messages.hpp"
#include "nodes/desk/api/correction_tables.hpp"
#include "nodes/desk/api/v1_messages.hpp"

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <vector>

namespace troupe::desk::v1 {

/// POST /v1/positions/corrections. With `execution_id` it books what a venue reported and no order could take, as GET /v1/positions/disputes lists it: quantity, price and
/// fee are the venue's, and only what it did not say has to be given. Without, `correction_id` makes asking again harmless.
struct correction_request {
  with_default<required_text<text<16>>, required_text<text<16>>{default_tenant.value}> tenant;
  required_text<text<32>> account;
  std::optional<required_text<text<32>>> correction_id; // without a slash; of a booking it is VENUE/EXECUTION, and not given
  trading::instrument_id instrument;
  std::optional<troupe::quantity> quantity;             // signed change: bought is positive
  std::optional<positive<troupe::price>> price;         // what it cost; required with a quantity
  std::optional<troupe::price> fee;                     // in the instrument's quote currency: positive is paid, negative comes back
  std::optional<trading::venue_id> venue;               // of the execution; the instrument's without it
  std::optional<required_text<text<31>>> execution_id;
  required_text<text<95>> reason;                       // on record with who corrected
};
BOOST_DESCRIBE_STRUCT(correction_request, (), (tenant, account, correction_id, instrument, quantity, price, fee, venue, execution_id, reason))
/// A repeat gets the same bytes.
struct correction_reply {
  trading::correction_id correction_id;
  troupe::quantity position; // right after it
  time_ns decided_at{};
};
BOOST_DESCRIBE_STRUCT(correction_reply, (), (correction_id, position, decided_at))

/// Of lists of corrections and of disputed fills.
struct corrections_params {
  std::optional<trading::tenant_id> tenant;
  std::optional<trading::account_id> account;
  std::optional<page_cursor> cursor;
  std::optional<page_size> limit;
};
BOOST_DESCRIBE_STRUCT(corrections_params, (), (tenant, account, cursor, limit))

struct correction_view {
  trading::correction_id correction_id;
  trading::tenant_id tenant;
  trading::account_id account;
  trading::instrument_id instrument;
  troupe::quantity quantity;          // signed
  std::optional<troupe::price> price; // absent when only money was corrected
  money fee;
  std::optional<trading::venue_id> venue; // of what it booked
  std::optional<trading::execution_id> execution_id;
  std::optional<trading::order_id> order_id;
  text<95> reason;
  principal_id corrected_by;
  troupe::quantity position; // right after it
  time_ns decided_at{};
};
BOOST_DESCRIBE_STRUCT(correction_view, (), (correction_id, tenant, account, instrument, quantity, price, fee, venue, execution_id, order_id, reason, corrected_by, position,
                                            decided_at))
[[nodiscard]] correction_view view_of(const oms::position_corrected& e);
/// Ascending by slot; those that book an execution behind the others of theirs.
struct corrections_page {
  std::vector<correction_view> corrections;
  std::optional<std::string> next;
  std::optional<std::vector<node_name>> missing; // nodes that are away: what they have is not in the page
};
BOOST_DESCRIBE_STRUCT(corrections_page, (), (corrections, next, missing))

/// A fill as its venue reported it, which is in no position unless it was booked.
struct dispute_view {
  trading::venue_id venue; // who reported it
  trading::execution_id execution_id;
  trading::order_id order_id;
  std::optional<trading::tenant_id> tenant; // these are the order's; of one that is not known here they are absent
  std::optional<trading::account_id> account;
  std::optional<trading::instrument_id> instrument;
  std::optional<trading::side> side;
  std::optional<troupe::quantity> ordered;
  std::optional<troupe::quantity> filled; // of the order, before
  troupe::quantity quantity;
  troupe::price price;
  money fee;
  time_ns transacted_at{}; // the venue's clock
  time_ns decided_at{};    // the slot's turn
  std::optional<trading::correction_id> booked_as;
  std::optional<principal_id> booked_by;
  std::optional<time_ns> booked_at;
};
BOOST_DESCRIBE_STRUCT(dispute_view, (), (venue, execution_id, order_id, tenant, account, instrument, side, ordered, filled, quantity, price, fee, transacted_at, decided_at,
                                         booked_as, booked_by, booked_at))
[[nodiscard]] dispute_view view_of(const disputed_row& row);
/// Ascending by the slot of their order and by execution id.
struct disputes_page {
  std::vector<dispute_view> disputes;
  std::optional<std::string> next;
  std::optional<std::vector<node_name>> missing; // nodes that are away: what they have is not in the page
};
BOOST_DESCRIBE_STRUCT(disputes_page, (), (disputes, next, missing))

} // namespace troupe::desk::v1
