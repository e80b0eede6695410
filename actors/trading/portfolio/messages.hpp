#pragma once
// What the portfolio shows: positions, cash and fills, all of them sums over the executions of the OMS streams and what operators corrected.

#include "actors/trading/ids.hpp"
#include "runtime/core/bounded.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::portfolio {

using namespace trading;

/// One fill, as rows of the table "fills" and the API show it.
struct fill {
  order_id order;
  client_order_id client_id;
  tenant_id tenant;
  account_id account;
  instrument_id instrument;
  trading::side side = trading::side::buy;
  troupe::quantity quantity;
  troupe::price price;
  money notional; // quantity x price, unsigned
  money fee;      // positive is paid
  bool maker = false;
  strategy_id strategy;
  venue_id venue;
  execution_id execution;
  time_ns transacted_at{}; // the venue's clock
  time_ns decided_at{};    // the slot's turn
  tape_position tape;      // what the market had said
  std::uint64_t sequence = 0; // of the turn in its slot's stream
  friend bool operator==(const fill&, const fill&) = default;
};
BOOST_DESCRIBE_STRUCT(fill, (), (order, client_id, tenant, account, instrument, side, quantity, price, notional, fee, maker,
                                 strategy, venue, execution, transacted_at, decided_at, tape, sequence))

/// Every filter that is set must match.
struct positions_query {
  std::optional<tenant_id> tenant;
  std::optional<account_id> account;
  std::optional<instrument_id> instrument;
  with_default<bool, false> flat; // also positions that are closed, for their realized P&L
};
BOOST_DESCRIBE_STRUCT(positions_query, (), (tenant, account, instrument, flat))

struct position_view {
  tenant_id tenant;
  account_id account;
  instrument_id instrument;
  troupe::quantity quantity;        // signed
  std::optional<price> average_price; // cost basis / quantity, half-even; absent when flat
  money cost_basis;                 // signed like the quantity
  money realized;                   // of what was closed, fees not deducted
  std::optional<money> unrealized;  // absent without a mark
  std::optional<price> mark;
  money fees;                       // paid, in sum
  std::uint64_t fills = 0;          // corrections are none
  friend bool operator==(const position_view&, const position_view&) = default;
};
BOOST_DESCRIBE_STRUCT(position_view, (), (tenant, account, instrument, quantity, average_price, cost_basis, realized,
                                          unrealized, mark, fees, fills))
/// Of this and the other lists: bit n of `out_of_date` says that slot n was given up, so that what its venues have reported since is not in it.
struct positions_view {
  std::vector<position_view> positions; // ordered by tenant, account, instrument
  std::uint64_t out_of_date = 0;
};
BOOST_DESCRIBE_STRUCT(positions_view, (), (positions, out_of_date))

struct cash_query {
  std::optional<tenant_id> tenant;
  std::optional<account_id> account;
};
BOOST_DESCRIBE_STRUCT(cash_query, (), (tenant, account))
struct cash_view {
  tenant_id tenant;
  account_id account;
  money amount; // change since the beginning: minus signed notional, minus fees, of fills and corrections
  friend bool operator==(const cash_view&, const cash_view&) = default;
};
BOOST_DESCRIBE_STRUCT(cash_view, (), (tenant, account, amount))
struct cash_list {
  std::vector<cash_view> cash; // ordered by tenant, account, currency
  std::uint64_t out_of_date = 0;
};
BOOST_DESCRIBE_STRUCT(cash_list, (), (cash, out_of_date))

/// The newest fills from memory; older ones are in the table "fills".
struct fills_query {
  std::optional<tenant_id> tenant;
  std::optional<account_id> account;
  std::optional<instrument_id> instrument;
  std::optional<order_id> order;
  bounded<std::uint32_t, 1, 1000> limit{100};
};
BOOST_DESCRIBE_STRUCT(fills_query, (), (tenant, account, instrument, order, limit))
struct fills_view {
  std::vector<fill> fills; // newest first
  std::uint64_t out_of_date = 0;
};
BOOST_DESCRIBE_STRUCT(fills_view, (), (fills, out_of_date))

} // namespace troupe::portfolio
