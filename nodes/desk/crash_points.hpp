#pragma once
// Declared places where the process can be made to die, to prove that nothing is lost there: TROUPE_CRASH_AT=name:n kills
// it with SIGKILL at the n-th passing. Only with --allow-faults. Thread-safe.

#include "runtime/core/result.hpp"

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::desk {

/// Every name, in no order that matters.
[[nodiscard]] std::vector<std::string> all_crash_points();

class crash_switch {
public:
  /// `text` is "name:n", n >= 1, or empty for never. Errors: invalid_argument (with the names there are).
  [[nodiscard]] static result<void> arm(crash_switch& out, std::string_view text);
  /// Empty when it is not armed.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Kills the process when it is time.
  void pass(std::string_view point) noexcept;

private:
  std::string name_;
  std::atomic<std::int64_t> left_{0};
};

} // namespace troupe::desk
