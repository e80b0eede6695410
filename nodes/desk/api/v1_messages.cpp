#include "nodes/desk/api/v1_messages.hpp"

#include "runtime/wire/wire.ipp"

#include <algorithm>
#include <chrono>

TROUPE_WIRE(troupe::desk::v1::order_request)
TROUPE_WIRE(troupe::desk::v1::order_reply)
TROUPE_WIRE(troupe::desk::v1::mass_cancel_request)
TROUPE_WIRE(troupe::desk::v1::mass_cancel_reply)
TROUPE_WIRE(troupe::desk::v1::replace_request)
TROUPE_WIRE(troupe::desk::v1::order_path)
TROUPE_WIRE(troupe::desk::v1::client_order_params)
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
TROUPE_WIRE(troupe::desk::v1::fill_view)
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
  if (o.refusal != oms::refusal::none) v.refusal = o.refusal;
  if (!o.reason.empty()) v.reason = o.reason.str();
  if (!o.request.strategy.value.empty()) v.strategy = o.request.strategy;
  v.created_at = o.created_at;
  v.updated_at = o.updated_at;
  return v;
}

fill_view view_of(const portfolio::fill& f) {
  fill_view v;
  v.order_id = f.order;
  v.client_order_id = f.client_id;
  v.tenant = f.tenant;
  v.account = f.account;
  v.instrument = f.instrument;
  v.side = f.side;
  v.quantity = f.quantity;
  v.price = f.price;
  v.notional = f.notional;
  v.fee = f.fee;
  v.maker = f.maker;
  if (!f.strategy.value.empty()) v.strategy = f.strategy;
  v.venue = f.venue;
  v.execution_id = f.execution;
  v.transacted_at = f.transacted_at;
  v.decided_at = f.decided_at;
  v.tape = f.tape;
  v.sequence = f.sequence;
  return v;
}

account_limits view_of(const risk::limits& l) {
  account_limits v{l.order_quantity_max, l.order_notional_max, l.position_max, l.exposure_max, {l.open_orders_max}, {l.orders_per_second_max}, {l.price_collar_bps}, {}};
  using age = decltype(v.mark_age_max_ms);
  v.mark_age_max_ms.value = std::clamp<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(l.mark_age_max).count(), age::min, age::max);
  return v;
}

risk::limits limits_of(const account_limits& l) {
  return {l.order_quantity_max,          l.order_notional_max,     l.position_max, l.exposure_max, l.open_orders_max.value,
          l.orders_per_second_max.value, l.price_collar_bps.value, std::chrono::milliseconds{l.mark_age_max_ms.value}};
}

} // namespace troupe::desk::v1
