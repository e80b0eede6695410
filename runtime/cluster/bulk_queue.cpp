#include "runtime/cluster/bulk_queue.hpp"

#include <algorithm>
#include <utility>

namespace troupe::cluster {
namespace {

bool keeps_order(const envelope& e) { return !e.to.value.empty() || e.request == 0; }

} // namespace

envelope bulk_queue::message::next_piece() {
  envelope piece;
  if (handed == 0) piece = {what.to, what.address, what.request, what.hybrid_time, 0, {}};
  piece.content = what.content.substr(handed, piece_bytes);
  handed += piece.content.size();
  piece.more = static_cast<std::uint32_t>((what.content.size() - handed + piece_bytes - 1) / piece_bytes);
  return piece;
}

bool bulk_queue::put(const node_name& to, envelope e) {
  if (e.content.size() > content_bytes_max) return false;
  std::lock_guard guard{mutex_};
  auto& l = lines_[to];
  if (l.bytes + e.content.size() > bulk_bytes_max) return false;
  l.bytes += e.content.size();
  l.messages.push_back({std::move(e)});
  ++count_;
  return true;
}

bool bulk_queue::must_wait(const node_name& to, const envelope& e) const {
  if (count_ == 0 || !keeps_order(e)) return false;
  std::lock_guard guard{mutex_};
  const auto at = lines_.find(to);
  return at != lines_.end() && std::ranges::any_of(at->second.messages, [&](const message& m) {
    return keeps_order(m.what) && m.what.to == e.to && m.what.address == e.address;
  });
}

std::vector<envelope> bulk_queue::push(link& carrier, const node_name& to) {
  std::vector<envelope> refused;
  if (count_ == 0) return refused;
  std::lock_guard guard{mutex_};
  auto& l = lines_[to];
  while (!l.messages.empty() && carrier.waiting(to, lane::data) < bulk_waiting_max) {
    auto& first = l.messages.front();
    const bool is_taken = carrier.send(to, lane::data, frame_of(first.next_piece()));
    if (is_taken && !first.is_done()) continue;
    l.bytes -= first.what.content.size();
    if (!is_taken) {
      first.what.content.clear();
      refused.push_back(std::move(first.what));
    }
    l.messages.pop_front();
    --count_;
  }
  return refused;
}

void bulk_queue::forget(const node_name& node) {
  std::lock_guard guard{mutex_};
  const auto at = lines_.find(node);
  if (at == lines_.end()) return;
  count_ -= at->second.messages.size();
  lines_.erase(at);
}

} // namespace troupe::cluster
