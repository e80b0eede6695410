#pragma once
// Which actor logs from which level on. Looked up at every enabled call, changed by operators; any thread.

#include "runtime/telemetry/log.hpp"

#include <atomic>
#include <map>
#include <shared_mutex>

namespace troupe::log {

class level_table {
public:
  [[nodiscard]] result<void> set(std::string_view pattern, level l);
  bool clear(std::string_view pattern);
  [[nodiscard]] level of(std::string_view actor) const;
  [[nodiscard]] std::vector<std::pair<std::string, level>> all() const;
  /// The least severe level any pattern asks for: what is below it need not be looked up.
  [[nodiscard]] level least() const noexcept { return least_.load(std::memory_order_relaxed); }

private:
  void find_least();

  mutable std::shared_mutex mutex_;
  std::map<std::string, level, std::less<>> patterns_{{"*", level::info}};
  std::atomic<level> least_{level::info};
};

} // namespace troupe::log
