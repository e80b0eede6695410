#pragma once
// Questions only the portfolio actor answers beside its core's queries.

#include "actors/trading/portfolio/messages.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <string>

namespace troupe::desk {

/// Puts every fill folded so far into the table, so that a scan that follows the answer misses none.
struct settle_request {};
BOOST_DESCRIBE_STRUCT(settle_request, (), ())
struct settled {
  std::uint64_t rows = 0; // written since the start
  std::uint64_t out_of_date = 0; // as the portfolio's lists
};
BOOST_DESCRIBE_STRUCT(settled, (), (rows, out_of_date))

} // namespace troupe::desk
