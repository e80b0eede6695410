#include "runtime/supervise/policy.hpp"

#include <algorithm>

namespace troupe::supervise {

bool restart_window::allow(boot_ns now) {
  while (!times_.empty() && now - times_.front() > limit_.period) times_.pop_front();
  if (times_.size() >= limit_.restarts_max) return false;
  times_.push_back(now);
  return true;
}

nanoseconds delay_before(const back_off& policy, std::uint32_t attempt, std::uint64_t random) noexcept {
  const auto doublings = std::min<std::uint32_t>(attempt > 0 ? attempt - 1 : 0, 30);
  const auto full = std::min<std::int64_t>(policy.longest.count(), policy.first.count() << doublings);
  return nanoseconds{full / 2 + full / 2 * static_cast<std::int64_t>(random % 1024) / 1024};
}

} // namespace troupe::supervise
