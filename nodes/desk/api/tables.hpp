#pragma once
// Reads the tables of finished orders and of fills in pages. Pure functions of a journal; call them on the reader's
// thread, because they wait for the disk. Each looks at a bounded number of rows and says where it stopped.

#include "actors/trading/oms/messages.hpp"
#include "actors/trading/portfolio/messages.hpp"
#include "runtime/core/result.hpp"
#include "runtime/journal/journal.hpp"

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk {

inline constexpr std::uint64_t every_slot = ~std::uint64_t{0};

/// Of whom no tenant is said, and of all that comes through the Trade2026 surfaces.
inline constexpr trading::tenant_id main_tenant{"main"};

/// Every filter that is set must match. An account without a tenant is one of `main_tenant`.
struct order_scope {
  std::optional<trading::tenant_id> tenant;
  std::optional<trading::account_id> account;
};
BOOST_DESCRIBE_STRUCT(order_scope, (), (tenant, account))

[[nodiscard]] bool matches(const order_scope& scope, const oms::order& o);
/// Newest first, and no more than `limit` of them.
void keep_newest(std::vector<oms::order>& orders, std::size_t limit);

struct order_rows {
  std::vector<oms::order> orders; // ascending by id
  std::optional<trading::order_id> stopped_at; // rows above it were not looked at
};

// Errors of all: corrupt, malformed (a damaged row), io_error.

[[nodiscard]] result<std::optional<oms::order>> finished_order(const journal::journal& j, trading::order_id id);
/// Finished orders of `slots` (bit n: slot n) with ids above `after` up to the end of `last_slot`, at most `limit`.
[[nodiscard]] result<order_rows> finished_orders(const journal::journal& j, trading::order_id after, std::uint32_t last_slot,
                                                 const order_scope& scope, std::size_t limit, std::uint64_t slots = every_slot);
/// The newest `limit` finished orders of the scope by the time they changed last, newest first, among the last 5000 ids of each slot.
[[nodiscard]] result<std::vector<oms::order>> newest_finished(const journal::journal& j, const order_scope& scope,
                                                              std::size_t limit, std::uint64_t slots = every_slot);

struct fill_scope {
  std::optional<trading::tenant_id> tenant;
  std::optional<trading::account_id> account;
  std::optional<trading::instrument_id> instrument;
  std::optional<trading::order_id> order;
};
BOOST_DESCRIBE_STRUCT(fill_scope, (), (tenant, account, instrument, order))
struct fill_rows {
  std::vector<portfolio::fill> fills; // ascending by time
  std::vector<std::string> keys;      // theirs
  std::optional<std::string> next;    // key to go on from
};
/// Fills from `key` on. Call after the portfolio has settled.
[[nodiscard]] result<fill_rows> read_fills(const journal::journal& books, const std::string& key, const fill_scope& scope,
                                           std::size_t limit, std::uint64_t slots = every_slot);

/// Keys as clients see them: hexadecimal. Nothing when it is not one.
[[nodiscard]] std::string cursor_of(std::string_view key);
[[nodiscard]] std::optional<std::string> key_of(std::string_view cursor);

} // namespace troupe::desk
