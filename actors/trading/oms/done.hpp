#pragma once
// The table "done" of a slot's journal: finished orders, and the idempotency keys that point at them. Rows are written
// in the batch of the turn that finished the order. Pure functions; anybody who reads the table uses these.

#include "actors/trading/oms/messages.hpp"
#include "runtime/actor/core.hpp"
#include "runtime/core/result.hpp"

#include <string>
#include <string_view>

namespace troupe::oms {

inline constexpr std::string_view done_table = "done";

/// Row of an order: its id as eight big-endian bytes, so that a scan is ascending by slot and number.
[[nodiscard]] std::string done_order_key(order_id id);
/// Row of an idempotency key: "k/", then tenant, account and client id, separated by 0x1f, which none can contain.
[[nodiscard]] std::string done_client_key(const tenant_id& tenant, const account_id& account,
                                          const client_order_id& client_id);
/// First and behind-last key of one slot's orders, for scans.
[[nodiscard]] std::string done_orders_begin(std::uint32_t slot);
[[nodiscard]] std::string done_orders_end(std::uint32_t slot);

/// The value of an order's row. Errors: malformed, out_of_range (a damaged row; not retriable).
[[nodiscard]] result<order> decode_done(std::string_view value);
/// The order a key's row points at: its value is the key of that order's row. Errors: malformed.
[[nodiscard]] result<order_id> decode_done_key(std::string_view value);

/// Both rows of a finished order; an order without a client id has only the first.
void archive_done(const order& finished, actor::archive& rows);

} // namespace troupe::oms
