#include "actors/market/bar/bar_builder.hpp"

#include <algorithm>
#include <chrono>

namespace troupe::bar {

result<bar_builder> bar_builder::create(market::instrument_id instrument, nanoseconds interval) {
  if (interval < std::chrono::milliseconds{1} || interval > std::chrono::days{1})
    return fail(errc::out_of_range, "a bar's interval must be between 1 millisecond and 1 day");
  return bar_builder{instrument, interval};
}

bool bar_builder::acceptable(const market::trade& t, time_ns at) const noexcept {
  const bool from_the_future = to_ns(t.received_at) != 0 && at - t.received_at > clock_ahead_max;
  return t.instrument == instrument_ && t.last.is_positive() && t.size.is_positive() && to_ns(at) >= 0 &&
         !from_the_future;
}

std::optional<market::bar> bar_builder::on_trade(const market::trade& t) {
  const auto at = market::traded_at(t);
  if (!acceptable(t, at)) {
    ++counts_.refused;
    return std::nullopt;
  }
  auto finished = on_clock(at);
  const time_ns opened_at{at.time_since_epoch() / interval_ * interval_};
  if (opened_at < closed_until_) {
    ++counts_.late;
    return finished;
  }
  if (!open_) {
    open_.emplace();
    open_->instrument = instrument_;
    open_->interval_ns = interval_.count();
    open_->opened_at = opened_at;
    open_->open = open_->high = open_->low = t.last;
  } else if (opened_at < open_->opened_at) {
    ++counts_.late;
    return finished;
  }
  open_->volume = capped_add(open_->volume, t.size);
  open_->high = std::max(open_->high, t.last);
  open_->low = std::min(open_->low, t.last);
  open_->close = t.last;
  open_->tape = t.tape;
  ++open_->trades;
  ++counts_.trades;
  return finished;
}

std::optional<market::bar> bar_builder::on_clock(time_ns now) {
  if (!open_ || now < open_->opened_at + interval_) return std::nullopt;
  closed_until_ = open_->opened_at + interval_;
  ++counts_.bars;
  auto finished = open_;
  open_.reset();
  return finished;
}

} // namespace troupe::bar
