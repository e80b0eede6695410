#pragma once
// What one may ask a node's history actor: rows of the node's tables and turns of its journals. `slots`: bit n, rows of slot n are
// wanted. Every answer says what failed instead when something did (corrupt, malformed, io_error, not_found, unavailable).

#include "actors/trading/oms/messages.hpp"
#include "actors/trading/portfolio/messages.hpp"
#include "nodes/desk/api/correction_tables.hpp"
#include "nodes/desk/api/tables.hpp"
#include "runtime/core/error.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk {

struct finished_order_query {
  trading::order_id id;
};
BOOST_DESCRIBE_STRUCT(finished_order_query, (), (id))
struct finished_order_view {
  std::optional<oms::order> order;
  std::optional<error> failed;
};
BOOST_DESCRIBE_STRUCT(finished_order_view, (), (order, failed))

/// As `finished_orders` of tables.hpp.
struct finished_orders_query {
  trading::order_id after;
  std::uint32_t last_slot = 0;
  std::uint64_t slots = 0;
  order_scope scope;
  std::uint32_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(finished_orders_query, (), (after, last_slot, slots, scope, limit))
/// As `newest_finished`.
struct newest_finished_query {
  std::uint64_t slots = 0;
  order_scope scope;
  std::uint32_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(newest_finished_query, (), (slots, scope, limit))
struct orders_found {
  std::vector<oms::order> orders;
  std::optional<trading::order_id> stopped_at;
  std::optional<error> failed;
};
BOOST_DESCRIBE_STRUCT(orders_found, (), (orders, stopped_at, failed))

/// How many orders of an account a slot has open that was given up, as its journal has them: under every tenant, in every instrument when none is named.
struct open_in_slot_query {
  std::uint32_t slot = 0;
  std::optional<trading::tenant_id> tenant;
  trading::account_id account;
  std::optional<trading::instrument_id> instrument;
};
BOOST_DESCRIBE_STRUCT(open_in_slot_query, (), (slot, tenant, account, instrument))
struct open_in_slot {
  std::uint64_t orders = 0;
  std::optional<error> failed;
};
BOOST_DESCRIBE_STRUCT(open_in_slot, (), (orders, failed))

/// As `read_fills`; keys are hexadecimal.
struct fill_rows_query {
  std::string from;
  std::uint64_t slots = 0;
  fill_scope scope;
  std::uint32_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(fill_rows_query, (), (from, slots, scope, limit))
struct fills_found {
  std::vector<portfolio::fill> fills;
  std::vector<std::string> keys; // theirs
  std::optional<std::string> next;
  std::optional<error> failed;
};
BOOST_DESCRIBE_STRUCT(fills_found, (), (fills, keys, next, failed))

/// As `read_corrections` and `read_disputed_fills` of correction_tables.hpp; keys are hexadecimal.
struct corrections_query {
  std::string from;
  std::uint64_t slots = 0;
  order_scope scope;
  std::uint32_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(corrections_query, (), (from, slots, scope, limit))
struct corrections_found {
  std::vector<oms::position_corrected> rows;
  std::vector<std::string> keys; // theirs
  std::optional<std::string> next;
  std::optional<error> failed;
};
BOOST_DESCRIBE_STRUCT(corrections_found, (), (rows, keys, next, failed))
struct disputed_fills_query {
  std::string from;
  std::uint64_t slots = 0;
  order_scope scope;
  std::uint32_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(disputed_fills_query, (), (from, slots, scope, limit))
struct disputed_fills_found {
  std::vector<disputed_row> rows;
  std::vector<std::string> keys; // theirs
  std::optional<std::string> next;
  std::optional<error> failed;
};
BOOST_DESCRIBE_STRUCT(disputed_fills_found, (), (rows, keys, next, failed))
/// One of them, whatever has become of it.
struct disputed_fill_query {
  std::uint32_t slot = 0; // of its order
  trading::venue_id venue;
  trading::execution_id execution;
};
BOOST_DESCRIBE_STRUCT(disputed_fill_query, (), (slot, venue, execution))
struct disputed_fill_view {
  std::optional<oms::fill_disputed> fill;
  std::optional<error> failed;
};
BOOST_DESCRIBE_STRUCT(disputed_fill_view, (), (fill, failed))

/// The turns of an actor from a sequence on, or its state after one.
struct turns_query {
  actor_name name;
  std::uint64_t from = 1;
  std::uint32_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(turns_query, (), (name, from, limit))
struct past_state_query {
  actor_name name;
  std::uint64_t at = 0;
};
BOOST_DESCRIBE_STRUCT(past_state_query, (), (name, at))
struct json_found {
  std::string json;
  std::optional<error> failed;
};
BOOST_DESCRIBE_STRUCT(json_found, (), (json, failed))

} // namespace troupe::desk
