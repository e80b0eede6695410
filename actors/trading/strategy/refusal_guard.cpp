#include "actors/trading/strategy/refusal_guard.hpp"

#include <algorithm>

namespace troupe::strategy {

namespace {

bool passes_by_itself(oms::refusal why) {
  using enum oms::refusal;
  return why == no_lease || why == halted || why == no_mark || why == order_rate_max || why == firm_exposure || why == disk_full ||
         why == not_sent;
}

} // namespace

void back_off::refused(time_ns now) {
  const auto doublings = std::min<std::uint32_t>(in_row_, 6);
  ++in_row_;
  refused_at_ = now;
  quiet_until_ = now + std::min(pause_first * (std::int64_t{1} << doublings), pause_max);
}

void refusal_guard::refused(oms::refusal why, time_ns now) {
  all_.refused(now);
  if (passes_by_itself(why)) return;
  if (++serious_ >= stop_after) stopped_ = true;
}

void refusal_guard::accepted() noexcept {
  all_.accepted();
  serious_ = 0;
}

bool refusal_guard::may_cancel(const trading::client_order_id& order, time_ns now) const {
  const auto found = cancels_.find(order);
  return found == cancels_.end() || found->second.is_over(now);
}

} // namespace troupe::strategy
