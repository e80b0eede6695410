#pragma once
// What the market side sends in one message: batching decides the cost of a hop, so quotes, trades and bars travel
// together, in the order they were received. Plain structs, owned by the feed; any thread.

#include "actors/market/messages.hpp"

#include <boost/describe.hpp>

#include <vector>

namespace troupe::market {

/// Events of any instruments in the order of the feed. Volatile: nobody acknowledges it, the tape keeps what it said.
struct market_batch {
  std::vector<event> events;
  friend bool operator==(const market_batch&, const market_batch&) = default;
};
BOOST_DESCRIBE_STRUCT(market_batch, (), (events))

} // namespace troupe::market
