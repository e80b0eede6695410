#pragma once
// When the next entry of a feed is due: the data's own time, some times faster, laid over a clock from the moment the first
// entry with a time was there. Owned by one feed; pure.

#include "runtime/core/time.hpp"

#include <optional>

namespace troupe::desk {

class pace {
public:
  /// 1 is real time, 10 ten times faster, 0 full speed.
  explicit pace(double speed) : speed_{speed} {}

  /// The source starts, or starts again, at `now` on the clock nobody sets.
  void start(boot_ns now) noexcept {
    started_at_ = now;
    first_.reset();
  }
  /// An entry of the source that comes next; the first with a time sets the origin.
  void see(time_ns entry) noexcept {
    if (!first_ && entry != time_ns{}) first_ = entry;
  }
  [[nodiscard]] bool is_due(time_ns entry, boot_ns now) const noexcept {
    if (speed_ <= 0 || !first_) return true;
    return static_cast<double>((entry - *first_).count()) / speed_ <= static_cast<double>((now - started_at_).count());
  }

private:
  double speed_;
  boot_ns started_at_{};
  std::optional<time_ns> first_;
};

} // namespace troupe::desk
