#pragma once
// What an operator says a strategy holds, beside the fills of its orders. Plain structs; any thread.

#include "actors/trading/ids.hpp"
#include "actors/trading/oms/correction_messages.hpp"

#include <boost/describe.hpp>

#include <cstddef>

namespace troupe::strategy {

using namespace trading;

/// Changes what a strategy takes its position for, and nothing else: the books are corrected by oms::correct_position. Only an operator may.
/// Idempotent by id, of the last `corrections_kept` of the strategy: the same body gives the first answer again, another body is a conflict and
/// changes nothing.
struct correct_strategy_position {
  correction_id id;
  tenant_id tenant;        // empty: the one it trades for
  account_id account;      // empty: the one it trades for
  instrument_id instrument; // that it trades there, or has traded
  troupe::quantity change; // signed; zero says that somebody has looked and nothing is missing
  text<95> reason;
  friend bool operator==(const correct_strategy_position&, const correct_strategy_position&) = default;
};
BOOST_DESCRIBE_STRUCT(correct_strategy_position, (), (id, tenant, account, instrument, change, reason))

/// Stored: never edited.
struct strategy_position_corrected {
  correct_strategy_position correction; // as asked, with its tenant and account
  principal_id by;
  troupe::quantity position; // after it
  time_ns decided_at{};
  friend bool operator==(const strategy_position_corrected&, const strategy_position_corrected&) = default;
};
BOOST_DESCRIBE_STRUCT(strategy_position_corrected, (), (correction, by, position, decided_at))

inline constexpr std::size_t corrections_kept = 64;

} // namespace troupe::strategy
