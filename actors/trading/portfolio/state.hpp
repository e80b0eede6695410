#pragma once
// Positions and cash as sums, with the position in each stream they reflect: folding a turn twice cannot happen.

#include "actors/trading/portfolio/messages.hpp"
#include "runtime/core/ids.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <vector>

namespace troupe::portfolio {

/// One account's position in one instrument. `realized - cost_basis` is minus the signed notional of all its fills and
/// corrections, to the last unit.
struct position {
  troupe::quantity quantity; // signed
  money cost_basis;          // signed like the quantity
  money realized;
  money fees;
  std::uint64_t fills = 0;
  friend bool operator==(const position&, const position&) = default;
};
BOOST_DESCRIBE_STRUCT(position, (), (quantity, cost_basis, realized, fees, fills))

struct account {
  std::map<instrument_id, position> positions;
  std::map<currency, money> cash;
  friend bool operator==(const account&, const account&) = default;
};
BOOST_DESCRIBE_STRUCT(account, (), (positions, cash))

struct state {
  std::map<actor_name, std::uint64_t> streams; // last sequence folded, per OMS stream
  std::map<tenant_id, std::map<account_id, account>> accounts;
  std::vector<fill> recent; // the newest are among them; as folded, at most twice configuration::recent_fills
  friend bool operator==(const state&, const state&) = default;
};
BOOST_DESCRIBE_STRUCT(state, (), (streams, accounts, recent))

/// Volatile.
struct view {
  std::map<instrument_id, price> marks;
  std::uint64_t slots = ~std::uint64_t{0}; // bit n: accounts of slot n are shown; a slot that moved away is shown where it is
  std::uint64_t out_of_date = 0; // bit n: slot n was given up
};

} // namespace troupe::portfolio
