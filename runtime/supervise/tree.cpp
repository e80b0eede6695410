#include "runtime/supervise/tree.hpp"

#include <algorithm>

namespace troupe::supervise {

std::string condition_of(const tree_entry& entry) {
  return entry.name.value.str() + " is " + boost::describe::enum_to_string(entry.status, "?") + (entry.last_reason.empty() ? "" : ": " + entry.last_reason);
}

void tree::put(tree_entry entry) {
  std::lock_guard guard{mutex_};
  auto& slot = entries_[entry.name];
  entry.restarts = slot.restarts; // a restarted supervisor announces its children again
  entry.last_reason = slot.last_reason;
  slot = std::move(entry);
}

void tree::set(const actor_name& name, child_status status, time_ns at, std::string reason) {
  std::lock_guard guard{mutex_};
  auto it = entries_.find(name);
  if (it == entries_.end()) return;
  it->second.status = status;
  it->second.changed_at = at;
  if (status == child_status::restarting) ++it->second.restarts;
  if (!reason.empty()) it->second.last_reason = std::move(reason);
}

void tree::erase(const actor_name& name) {
  std::lock_guard guard{mutex_};
  std::erase_if(entries_, [&](const auto& e) { return e.first == name || e.second.supervisor == name; });
}

std::vector<tree_entry> tree::all() const {
  std::lock_guard guard{mutex_};
  std::vector<tree_entry> list;
  for (const auto& [name, entry] : entries_) list.push_back(entry);
  return list;
}

std::optional<tree_entry> tree::find(const actor_name& name) const {
  std::lock_guard guard{mutex_};
  const auto it = entries_.find(name);
  return it == entries_.end() ? std::nullopt : std::optional{it->second};
}

bool tree::is_healthy() const {
  std::lock_guard guard{mutex_};
  return std::all_of(entries_.begin(), entries_.end(), [](const auto& e) {
    return e.second.status == child_status::running || e.second.status == child_status::stopped;
  });
}

} // namespace troupe::supervise
