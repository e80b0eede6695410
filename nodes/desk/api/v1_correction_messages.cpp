#include "nodes/desk/api/v1_correction_messages.hpp"

#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::desk::v1::correction_request)
TROUPE_WIRE(troupe::desk::v1::correction_reply)
TROUPE_WIRE(troupe::desk::v1::corrections_params)
TROUPE_WIRE(troupe::desk::v1::correction_view)
TROUPE_WIRE(troupe::desk::v1::corrections_page)
TROUPE_WIRE(troupe::desk::v1::disputes_page)

namespace troupe::desk::v1 {

correction_view view_of(const oms::position_corrected& e) {
  const auto& c = e.correction;
  correction_view v;
  v.correction_id = c.id;
  v.tenant = c.tenant;
  v.account = c.account;
  v.instrument = c.instrument;
  v.quantity = c.quantity;
  if (!c.quantity.is_zero()) v.price = c.price;
  v.fee = {c.fee.units, e.quote};
  if (c.books) {
    v.venue = c.books->venue;
    v.execution_id = c.books->execution;
    v.order_id = c.books->order;
  }
  v.reason = c.reason;
  v.corrected_by = e.by;
  v.position = e.position;
  v.decided_at = e.decided_at;
  return v;
}

dispute_view view_of(const disputed_row& row) {
  const auto& f = row.fill;
  dispute_view v;
  v.venue = f.venue;
  v.execution_id = f.report.id;
  v.order_id = f.report.order;
  if (!f.account.value.empty()) {
    v.tenant = f.tenant;
    v.account = f.account;
    v.instrument = f.instrument;
    v.side = f.side;
    v.ordered = f.ordered;
    v.filled = f.filled;
  }
  v.quantity = f.report.last_quantity;
  v.price = f.report.last_price;
  v.fee = f.report.fee;
  v.transacted_at = f.report.transacted_at;
  v.decided_at = f.decided_at;
  if (row.booked) {
    v.booked_as = row.booked->correction.id;
    v.booked_by = row.booked->by;
    v.booked_at = row.booked->decided_at;
  }
  return v;
}

} // namespace troupe::desk::v1
