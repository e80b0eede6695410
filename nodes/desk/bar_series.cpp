#include "nodes/desk/bar_series.hpp"

#include "runtime/core/decimal.hpp"

#include <algorithm>

namespace troupe::desk {
namespace {

time_ns opening_of(time_ns at, nanoseconds length) noexcept {
  const auto ns = to_ns(at), over = ns % length.count();
  return time_from_ns(ns - (over < 0 ? over + length.count() : over));
}

void merge(market::bar& into, const market::bar& b) noexcept {
  into.high = std::max(into.high, b.high);
  into.low = std::min(into.low, b.low);
  into.close = b.close;
  into.volume = capped_add(into.volume, b.volume);
  into.trades += b.trades;
  into.tape = b.tape;
}

} // namespace

void bar_series::push(kept_bars& into, const market::bar& b) {
  into.bars.push_back(b);
  if (into.bars.size() <= kept_) return;
  const auto& oldest = into.bars.front();
  into.forgotten_until = oldest.opened_at + nanoseconds{oldest.interval_ns};
  into.bars.pop_front();
}

void bar_series::add(const market::bar& b) {
  if (!finest_.bars.empty() && b.opened_at < finest_.bars.back().opened_at) { // the source began again: oldest first is by time
    finest_ = {};
    longer_ = {};
  }
  push(finest_, b);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto length = lengths[i].count();
    if (b.interval_ns <= 0 || length % b.interval_ns != 0) continue;
    auto& all = longer_[i];
    const auto opened_at = opening_of(b.opened_at, lengths[i]);
    if (!all.bars.empty() && all.bars.back().opened_at == opened_at) {
      merge(all.bars.back(), b);
      continue;
    }
    auto first = b;
    first.opened_at = opened_at;
    first.interval_ns = length;
    push(all, first);
  }
}

std::vector<market::bar> bar_series::of(nanoseconds length) const {
  const auto* from = &finest_;
  for (std::size_t i = lengths.size(); i-- > 0 && from == &finest_;)
    if (length % lengths[i] == nanoseconds{} && !longer_[i].bars.empty()) from = &longer_[i];
  std::vector<market::bar> out;
  for (const auto& b : from->bars)
    if (b.interval_ns > 0 && length.count() % b.interval_ns == 0 && opening_of(b.opened_at, length) >= from->forgotten_until) out.push_back(b);
  return out;
}

} // namespace troupe::desk
