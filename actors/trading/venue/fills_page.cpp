#include "actors/trading/venue/fills_page.hpp"

#include "actors/trading/venue/core.hpp"

namespace troupe::venue {

fills_page::fills_page(const fills_since_query& query) : slot_{query.slot}, limit_{query.limit.value} {
  page_.after = page_.sequence = query.sequence;
}

bool fills_page::add(std::uint64_t sequence, std::span<const simulator_event> events) {
  if (sequence <= page_.sequence) return true;
  if (page_.reports.size() >= limit_ || turns_ == turns_max) {
    page_.more = true;
    return false;
  }
  ++turns_;
  for (const auto& event : events) {
    const auto* said = report_of(event);
    if (!said || said->order.slot() != slot_) continue;
    if (const auto* opened = std::get_if<order_opened>(&event)) page_.orders.push_back(opened->request);
    if (const auto* to = std::get_if<order_replaced>(&event)) {
      auto& changed = page_.orders.emplace_back();
      changed.id = said->order;
      changed.quantity = to->quantity;
      changed.limit = to->limit;
    }
    page_.reports.push_back(*said);
  }
  page_.sequence = sequence;
  return true;
}

} // namespace troupe::venue
