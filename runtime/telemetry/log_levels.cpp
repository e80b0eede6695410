#include "runtime/telemetry/log_levels.hpp"

#include <algorithm>
#include <mutex>

namespace troupe::log {

result<void> level_table::set(std::string_view pattern, level l) {
  constexpr std::size_t patterns_max = 256; // every enabled call looks through the prefixes
  if (pattern.empty() || pattern.size() > actor_name::rep::size_max)
    return fail(errc::invalid_argument, "a log pattern has 1 to 48 characters");
  if (const auto star = pattern.find('*'); star != std::string_view::npos && star + 1 != pattern.size())
    return fail(errc::invalid_argument, "a log pattern has its star at the end: \"oms/*\"");
  std::unique_lock guard{mutex_};
  if (patterns_.size() >= patterns_max && !patterns_.contains(pattern))
    return fail(errc::too_large, "at most 256 log patterns; clear one first");
  patterns_.insert_or_assign(std::string{pattern}, l);
  find_least();
  return {};
}

bool level_table::clear(std::string_view pattern) {
  std::unique_lock guard{mutex_};
  const auto found = patterns_.find(pattern);
  if (found == patterns_.end()) return false;
  if (pattern == "*") found->second = level::info;
  else patterns_.erase(found);
  find_least();
  return true;
}

level level_table::of(std::string_view actor) const {
  std::shared_lock guard{mutex_};
  if (const auto exact = patterns_.find(actor); exact != patterns_.end()) return exact->second;
  const std::pair<const std::string, level>* longest = nullptr;
  for (const auto& entry : patterns_) {
    std::string_view prefix = entry.first;
    if (prefix.back() != '*') continue;
    prefix.remove_suffix(1);
    if (actor.starts_with(prefix) && (!longest || entry.first.size() > longest->first.size())) longest = &entry;
  }
  return longest ? longest->second : level::info;
}

std::vector<std::pair<std::string, level>> level_table::all() const {
  std::shared_lock guard{mutex_};
  return {patterns_.begin(), patterns_.end()};
}

void level_table::find_least() {
  auto least = level::off;
  for (const auto& [pattern, l] : patterns_) least = std::min(least, l);
  least_.store(least, std::memory_order_relaxed);
}

} // namespace troupe::log
