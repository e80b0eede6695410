#include "nodes/desk/api/last_values.hpp"

#include <vector>

namespace troupe::desk {
namespace {

constexpr std::size_t waiting_max = 1024; // more clients than a hub has

} // namespace

void last_values::publish(edge::stream_hub& hub, std::string_view channel, std::string_view key, const std::string& data) {
  std::vector<edge::snapshot_answer> first;
  edge::snapshot now;
  {
    std::lock_guard guard{mutex_};
    sequence_ = hub.publish(channel, key, data);
    now = {sequence_, data};
    values_[std::string{key}] = data;
    std::erase_if(waiting_, [&](auto& w) {
      if (w.first != key) return false;
      first.push_back(std::move(w.second));
      return true;
    });
  }
  for (const auto& answer : first) answer(now); // takes the hub's lock: not under ours
}

void last_values::ask(const std::string& key, edge::snapshot_answer answer) {
  edge::snapshot now;
  {
    std::lock_guard guard{mutex_};
    const auto found = values_.find(key);
    if (found == values_.end()) {
      std::erase_if(waiting_, [](const auto& w) { return !w.second.is_wanted(); }); // or who comes and goes would push out who waits
      waiting_.emplace_back(key, std::move(answer));
      if (waiting_.size() > waiting_max) waiting_.pop_front();
      return;
    }
    now = {sequence_, found->second};
  }
  answer(now);
}

} // namespace troupe::desk
