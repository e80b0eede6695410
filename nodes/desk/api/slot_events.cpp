#include "nodes/desk/api/slot_events.hpp"

#include "actors/trading/oms/core.hpp"
#include "runtime/actor/turn.hpp"

#include <algorithm>

namespace troupe::desk {

result<void> slot_events::take(const actor::published<oms::event>& message) {
  if (message.previous > upto_)
    if (auto read = catch_up(message.upto); !read) return read; // no further: the slot's other messages are on their way
  for (const auto& turn : message.turns) {
    if (turn.sequence <= upto_) continue;
    for (const auto& event : turn.events) fold_(turn.sequence, event);
  }
  upto_ = std::max(upto_, message.upto);
  return {};
}

result<void> slot_events::catch_up(std::uint64_t at_most) {
  std::optional<error> wrong;
  auto read = journal_->read(stream_, upto_ + 1, [&](const journal::record_view& r) {
    if (r.header.sequence > at_most) return false;
    auto turn = actor::decode_outcome<oms::core>(r.header.schema, r.payload);
    if (!turn) {
      wrong = turn.error();
      return false;
    }
    for (const auto& event : turn->events) fold_(r.header.sequence, event);
    upto_ = r.header.sequence;
    return true;
  });
  if (wrong) return *wrong;
  return read;
}

} // namespace troupe::desk
