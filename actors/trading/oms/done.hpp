#pragma once
// The table "done" of a slot's journal: finished orders, and the idempotency keys that point at them. Rows are written
// in the batch of the turn that finished the order. Pure functions; anybody who reads the table uses these.

#include "actors/trading/oms/messages.hpp"
#include "runtime/actor/core.hpp"
#include "runtime/core/result.hpp"

#include <boost/describe.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::oms {

inline constexpr std::string_view done_table = "done";

/// The value of an order's row. Rows of earlier builds end behind the order.
struct finished_order {
  oms::order order;
  std::vector<execution_id> executions; // of its venue, sorted: its fills, and what was booked of it while it was open
  friend bool operator==(const finished_order&, const finished_order&) = default;

  /// False for a row of an earlier build: which executions its fills were is not kept with it.
  [[nodiscard]] bool names_its_fills() const noexcept { return order.fills == 0 || !executions.empty(); }
  [[nodiscard]] bool has(const execution_id& id) const { return std::binary_search(executions.begin(), executions.end(), id); }
};
BOOST_DESCRIBE_STRUCT(finished_order, (), (order, executions))

/// Row of an order: its id as eight big-endian bytes, so that a scan is ascending by slot and number.
[[nodiscard]] std::string done_order_key(order_id id);
/// Row of an idempotency key: "k/", then tenant, account and client id, separated by 0x1f, which none can contain.
[[nodiscard]] std::string done_client_key(const tenant_id& tenant, const account_id& account,
                                          const client_order_id& client_id);
/// First and behind-last key of one slot's orders, for scans.
[[nodiscard]] std::string done_orders_begin(std::uint32_t slot);
[[nodiscard]] std::string done_orders_end(std::uint32_t slot);

// Errors of all: malformed, out_of_range (a damaged row; not retriable).
[[nodiscard]] result<finished_order> decode_finished(std::string_view value);
/// Its order alone, whatever stands behind that.
[[nodiscard]] result<order> decode_done(std::string_view value);
/// The order a key's row points at: its value is the key of that order's row.
[[nodiscard]] result<order_id> decode_done_key(std::string_view value);

/// What a turn looks up to hear of an order that may have ended, and what it found: nothing also for a row that cannot be read.
[[nodiscard]] actor::lookup done_order_row(order_id id);
[[nodiscard]] std::optional<finished_order> find_finished(const actor::turn_context& ctx, order_id id);

/// Both rows of a finished order; an order without a client id has only the first.
void archive_done(const finished_order& finished, actor::archive& rows);

} // namespace troupe::oms
