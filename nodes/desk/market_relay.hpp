#pragma once
// What a feed on another node says, on this one: puts it on this node's board and passes it on to the strategies and venues here, with
// credit as the feed itself does. What was lost on the way, or the way itself, loses the books: an old price prices nothing. Has no history.

#include "actors/market/batch.hpp"
#include "nodes/desk/mark_board.hpp"
#include "nodes/desk/parts.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::desk {

/// A feed's batch for another node.
struct relayed {
  std::uint64_t run = 0;    // of the feed: another life of it has another
  std::uint64_t number = 0; // counts the batches to this receiver; a hole is a loss
  bool is_anew = false;     // begins to tell every book lost and every known quote: nothing before it is missed
  market::market_batch batch;    // empty: every top is as it was
  std::vector<boot_ns> heard_at; // of the batch's quotes, in their order; one alone is that of all, and of an empty batch: until then
};
BOOST_DESCRIBE_STRUCT(relayed, (), (run, number, is_anew, batch, heard_at))

/// The order book as it is now and then, to show: nobody prices or fills by it, so it is not numbered. Only in front of a batch for the same
/// relay, so that the batches' credit bounds it too.
struct relayed_levels {
  market::instrument_id instrument;
  book_levels levels;
};
BOOST_DESCRIBE_STRUCT(relayed_levels, (), (instrument, levels))

/// "relay/usdm" stands on every other node for "feed/usdm".
[[nodiscard]] inline actor_name market_relay_name(const text<15>& feed) { return actor_name{"relay/" + feed.str()}; }

[[nodiscard]] started start_market_relay(caf::actor_system&, shared_parts&, const text<15>& feed, const std::vector<actor_name>& subscribers);

} // namespace troupe::desk
