#pragma once
// Publishes orders, fills, positions and tickers to the stream hub: one actor behind the name "edge/orders", which folds every durable
// OMS event of this node's slots once, from messages and from the journal, and looks at the mark board ten times a second. Started when
// the slots run, and again when it ended: then it goes on behind what it told last.

#include "actors/trading/ids.hpp"
#include "nodes/desk/parts.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace troupe::desk {

struct api;

/// The next turn of each slot to tell of; 0: the slot is not followed. Outlives the actor that writes it.
struct told_turns {
  std::array<std::atomic<std::uint64_t>, trading::slot_count> next{};
};

/// Requires: the routes of v1 and trade2026 were added, because they declare the channels.
[[nodiscard]] started start_order_stream(std::shared_ptr<api> a, std::shared_ptr<told_turns> told);

} // namespace troupe::desk
