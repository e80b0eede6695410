#pragma once
// What the market side sends in one message: batching decides the cost of a hop, so quotes, trades and bars travel
// together, in the order they were received. Plain structs, owned by the feed; any thread.

#include "actors/market/messages.hpp"
#include "runtime/core/context.hpp"

#include <boost/describe.hpp>

#include <vector>

namespace troupe::market {

/// Events of any instruments in the order of the feed. Volatile: nobody acknowledges it, the tape keeps what it said.
struct market_batch {
  std::vector<event> events;
  friend bool operator==(const market_batch&, const market_batch&) = default;
};
BOOST_DESCRIBE_STRUCT(market_batch, (), (events))

/// A quote and when it was received, on this host's clock that nobody sets: its age is counted from there.
struct heard_quote : quote {
  boot_ns heard_at{};
};

/// What a turn that market data brings about names as its cause: where on which tape the newest of it lies. A book that a feed takes away by itself lies on
/// none; a batch of nothing else has the cause "feed".
[[nodiscard]] inline cause_id cause_of(const market_batch& b) noexcept {
  for (auto e = b.events.rbegin(); e != b.events.rend(); ++e) {
    const auto tape = std::visit([](const auto& said) { return said.tape; }, *e);
    if (!tape.tape.empty()) return {tape.tape, tape.position};
  }
  return {"feed", 0};
}

} // namespace troupe::market
