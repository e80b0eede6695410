#include "actors/research/sweep/assignments.hpp"

#include <algorithm>

namespace troupe::sweep {

bool assignments::heard(const node_name& worker, const std::vector<std::uint64_t>& holds, boot_ns now) {
  const auto places_taken = workers_.size() - workers_.count(brought_from_earlier);
  if (!workers_.contains(worker) && worker != brought_from_earlier && places_taken >= workers_max) return false;
  auto& w = workers_[worker];
  w.heard_at = now;
  const std::set<std::uint64_t> said{holds.begin(), holds.end()};
  for (const auto index : w.holds)
    if (!said.contains(index)) {
      held_.erase(index);
      returned_.insert(index);
    }
  w.holds.clear();
  for (const auto index : said) {
    const auto [at, is_new] = held_.try_emplace(index, worker);
    if (!is_new && at->second != worker) continue; // given to somebody else meanwhile; whoever is first is recorded
    returned_.erase(index);
    w.holds.insert(index);
  }
  return true;
}

bool assignments::has(const node_name& worker, std::uint64_t index) const {
  const auto at = held_.find(index);
  return at != held_.end() && at->second == worker;
}

bool assignments::set_aside(std::uint64_t index) {
  if (held_.contains(index)) return false;
  returned_.erase(index);
  return true;
}

void assignments::take_from_all(std::uint64_t index) {
  returned_.erase(index);
  const auto at = held_.find(index);
  if (at == held_.end()) return;
  workers_[at->second].holds.erase(index);
  held_.erase(at);
}

void assignments::finish(std::uint64_t index) { take_from_all(index); }

void assignments::again(std::uint64_t index) {
  take_from_all(index);
  returned_.insert(index);
}

void assignments::lost(const node_name& worker) {
  const auto at = workers_.find(worker);
  if (at == workers_.end()) return;
  for (const auto index : at->second.holds) {
    held_.erase(index);
    returned_.insert(index);
  }
  at->second.holds.clear();
}

void assignments::forget_silent(boot_ns now) {
  for (auto& [name, w] : workers_)
    if (!w.holds.empty() && now - w.heard_at > silence_max) lost(name);
}

std::vector<std::uint64_t> assignments::give(const node_name& worker, std::uint32_t wants, std::uint64_t trials, std::uint64_t left,
                                             const std::function<bool(std::uint64_t)>& is_finished) {
  std::vector<std::uint64_t> given;
  auto& w = workers_[worker];
  const auto room = window_max - std::min<std::size_t>(window_max, w.holds.size());
  const auto active = static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(1, std::ranges::count_if(workers_, [&](const auto& item) {
    return item.first == worker || !item.second.holds.empty();
  })));
  const auto unassigned = left - std::min<std::uint64_t>(left, held_.size());
  const auto share = std::max<std::uint64_t>(1, unassigned / (2 * active));
  const auto most = std::min({static_cast<std::uint64_t>(wants), static_cast<std::uint64_t>(room), share});
  const auto take = [&](std::uint64_t index) {
    if (is_finished(index) || held_.contains(index)) return;
    held_[index] = worker;
    w.holds.insert(index);
    given.push_back(index);
  };
  while (given.size() < most && !returned_.empty()) take(returned_.extract(returned_.begin()).value());
  while (given.size() < most && next_ < trials) take(next_++);
  return given;
}

std::vector<worker_view> assignments::view() const {
  std::vector<worker_view> all;
  for (const auto& [name, w] : workers_) all.push_back({name, w.holds.size(), w.finished});
  return all;
}

} // namespace troupe::sweep
