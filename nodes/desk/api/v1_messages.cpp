#include "nodes/desk/api/v1_messages.hpp"

#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::desk::v1::order_request)
TROUPE_WIRE(troupe::desk::v1::order_reply)
TROUPE_WIRE(troupe::desk::v1::replace_request)
TROUPE_WIRE(troupe::desk::v1::order_path)
TROUPE_WIRE(troupe::desk::v1::orders_params)
TROUPE_WIRE(troupe::desk::v1::order_view)
TROUPE_WIRE(troupe::desk::v1::orders_page)
TROUPE_WIRE(troupe::desk::v1::check_reply)
TROUPE_WIRE(troupe::desk::v1::page_params)
TROUPE_WIRE(troupe::desk::v1::positions_params)
TROUPE_WIRE(troupe::desk::v1::positions_page)
TROUPE_WIRE(troupe::desk::v1::cash_params)
TROUPE_WIRE(troupe::desk::v1::cash_page)
TROUPE_WIRE(troupe::desk::v1::fills_params)
TROUPE_WIRE(troupe::desk::v1::fills_page)
TROUPE_WIRE(troupe::desk::v1::mark)
TROUPE_WIRE(troupe::desk::v1::marks_page)
TROUPE_WIRE(troupe::desk::v1::instrument_path)
TROUPE_WIRE(troupe::desk::v1::instruments_page)

namespace troupe::desk::v1 {

order_view view_of(const oms::order& o) {
  order_view v;
  v.order_id = o.id;
  v.client_order_id = o.request.client_id;
  v.tenant = o.request.tenant;
  v.account = o.request.account;
  v.instrument = o.request.instrument;
  v.side = o.request.side;
  v.type = o.request.type;
  v.time_in_force = o.request.tif;
  v.quantity = o.quantity;
  v.limit_price = o.limit;
  v.status = o.status;
  v.filled = o.filled;
  if (!is_terminal(o.status)) v.leaves = o.quantity - o.filled;
  if (o.filled.is_positive())
    v.average_price = price::from_units(divide(o.filled_notional.units * scale, o.filled.units, rounding::half_even));
  v.fee = o.fee;
  v.fills = o.fills;
  v.cancel_requested = o.cancel_asked;
  if (o.refusal != oms::refusal::none) {
    v.refusal = o.refusal;
    v.reason = o.reason.str();
  }
  if (!o.request.strategy.value.empty()) v.strategy = o.request.strategy;
  v.created_at = o.created_at;
  v.updated_at = o.updated_at;
  return v;
}

} // namespace troupe::desk::v1
