#pragma once
// Strategies and venues that were taken out of the configuration: what they left behind, and what people are told of it. The configuration is cluster-wide, so what
// this node's does not name runs on no node. Pure; any thread.

#include "actors/trading/oms/state.hpp"
#include "actors/trading/risk/messages.hpp"
#include "actors/trading/strategy/messages.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::desk {

/// Who halts such a strategy, and why. It still reads true when the strategy is configured again.
inline constexpr principal_id configuration_principal{"configuration"};
inline constexpr text<95> unconfigured_reason{"it was not configured any more"};

/// What one strategy has open in one slot.
struct left_open {
  std::uint64_t orders = 0;
  std::set<strategy::place> places;
  friend bool operator==(const left_open&, const left_open&) = default;
};
/// By strategies that are not among `configured`; orders of people are nobody's.
[[nodiscard]] std::map<trading::strategy_id, left_open> open_of_unconfigured(const oms::state& s, const std::set<trading::strategy_id>& configured);

/// For the log of the slot that has them open, with what their accounts hold there. `are_withdrawn`: a halt of the strategy does that.
[[nodiscard]] std::string told_of_open(const trading::strategy_id& who, const left_open& what, const oms::state& s, bool are_withdrawn);
/// Open orders by venues that are not among `configured`.
[[nodiscard]] std::map<trading::venue_id, std::uint64_t> open_at_unconfigured(const oms::state& s, const std::set<trading::venue_id>& configured);
/// For the log of the slot that has so many open there.
[[nodiscard]] std::string told_of_venue(const trading::venue_id& venue, std::uint64_t orders);
/// For the log of the node that has its record, where people know it as `shown`; nothing when it was flat everywhere.
[[nodiscard]] std::optional<std::string> told_of_positions(const actor_name& shown, const std::vector<strategy::holding>& held);
/// For whoever starts a strategy that opens nothing, whoever halted it; nothing when that is a halt of something else, or of what is not among `configured`.
[[nodiscard]] std::optional<std::string> told_of_halt(const risk::halt& h, const std::set<trading::strategy_id>& configured);

} // namespace troupe::desk
