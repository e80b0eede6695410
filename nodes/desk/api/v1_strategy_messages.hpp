#pragma once
// Requests of the native routes about strategies. Plain structs of the HTTP interface only. Values; any thread.

#include "nodes/desk/api/v1_messages.hpp"

#include <boost/describe.hpp>

#include <optional>

namespace troupe::desk::v1 {

struct strategy_path {
  trading::strategy_id name;
};
BOOST_DESCRIBE_STRUCT(strategy_path, (), (name))

/// POST /v1/strategies/{name}/corrections.
struct strategy_correction_request {
  std::optional<required_text<text<32>>> account;       // the one it trades for without it
  std::optional<required_text<text<48>>> correction_id; // with one of your own, asking again is harmless
  trading::instrument_id instrument;
  troupe::quantity quantity;                            // signed change; 0 says that somebody has looked and nothing is missing
  required_text<text<95>> reason;                       // on record with who corrected
};
BOOST_DESCRIBE_STRUCT(strategy_correction_request, (), (account, correction_id, instrument, quantity, reason))

} // namespace troupe::desk::v1
