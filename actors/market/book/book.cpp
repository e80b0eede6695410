#include "actors/market/book/book.hpp"

#include <algorithm>
#include <utility>

namespace troupe::book {
namespace {

bool crossed(price bid, price ask) noexcept { return bid.is_positive() && ask.is_positive() && bid >= ask; }

price highest(const std::vector<level>& list) noexcept {
  price best;
  for (const auto& l : list)
    if (!l.size.is_zero()) best = std::max(best, l.at);
  return best;
}

price lowest(const std::vector<level>& list) noexcept {
  price best;
  for (const auto& l : list)
    if (!l.size.is_zero() && (best.is_zero() || l.at < best)) best = l.at;
  return best;
}

} // namespace

outcome book::apply(const depth_snapshot& snapshot) {
  if (crossed(highest(snapshot.bids), lowest(snapshot.asks))) return outcome::refused;
  if (state_ == state::synced && snapshot.last_update_id < depth_id_) {
    ++counts_.stale_snapshots;
    return outcome::unchanged;
  }
  bids_.assign(snapshot.bids);
  asks_.assign(snapshot.asks);
  counts_.dropped_levels += bids_.trim(bounds_.levels_per_side) + asks_.trim(bounds_.levels_per_side);
  depth_id_ = snapshot.last_update_id;
  depth_event_at_ = snapshot.event_at;
  behind_snapshot_ = true;
  if (!apply_pending()) {
    ++counts_.unfit_snapshots;
    clear_levels();
    return outcome::unchanged;
  }
  ++counts_.snapshots;
  state_ = state::synced;
  return merge();
}

outcome book::apply(const depth_delta& delta) {
  if (state_ != state::synced) {
    keep(delta);
    return outcome::unchanged;
  }
  switch (advance(delta)) {
  case step::applied: ++counts_.deltas; return merge();
  case step::stale: ++counts_.stale_deltas; return outcome::unchanged;
  case step::gap: ++counts_.gaps; return lose(delta);
  case step::crossed: ++counts_.crossings; return lose(delta);
  }
  return outcome::unchanged;
}

outcome book::apply(const ticker& best) {
  if (crossed(best.bid, best.ask)) return outcome::refused;
  if (best.update_id <= last_ticker_.update_id || (state_ == state::synced && best.update_id <= depth_id_)) {
    ++counts_.stale_tickers;
    return outcome::unchanged;
  }
  last_ticker_ = best;
  return merge();
}

outcome book::forget() {
  const bool was_known = std::exchange(known_, false);
  clear_levels();
  pending_.clear();
  pending_levels_ = 0;
  last_ticker_ = {};
  merged_ = {};
  depth_id_ = 0;
  state_ = state::waiting;
  return was_known ? outcome::lost : outcome::unchanged;
}

top book::depth_top() const noexcept {
  const auto bid = bids_.best();
  const auto ask = asks_.best();
  return {bid.at, ask.at, bid.size, ask.size, depth_id_, depth_event_at_};
}

std::vector<level> book::bids(std::size_t depth) const {
  return state_ == state::synced ? bids_.first(depth) : std::vector<level>{};
}

std::vector<level> book::asks(std::size_t depth) const {
  return state_ == state::synced ? asks_.first(depth) : std::vector<level>{};
}

/// The first delta behind a snapshot may begin inside what the snapshot contains, but must not begin behind
/// it.
bool book::continues(const depth_delta& delta) const noexcept {
  if (delta.previous_update_id != 0)
    return behind_snapshot_ ? delta.previous_update_id <= depth_id_ : delta.previous_update_id == depth_id_;
  return behind_snapshot_ ? delta.first_update_id <= depth_id_ + 1 : delta.first_update_id == depth_id_ + 1;
}

book::step book::advance(const depth_delta& delta) {
  if (delta.last_update_id <= depth_id_) return step::stale;
  if (!continues(delta)) return step::gap;
  for (const auto& l : delta.bids) bids_.set(l);
  for (const auto& l : delta.asks) asks_.set(l);
  counts_.dropped_levels += bids_.trim(bounds_.levels_per_side) + asks_.trim(bounds_.levels_per_side);
  depth_id_ = delta.last_update_id;
  depth_event_at_ = delta.event_at;
  behind_snapshot_ = false;
  return crossed(bids_.best().at, asks_.best().at) ? step::crossed : step::applied;
}

/// Applies what was kept to the fresh snapshot and forgets it. False when it does not fit: then it stays
/// kept, a newer snapshot may fit.
bool book::apply_pending() {
  std::uint64_t stale = 0;
  std::uint64_t applied = 0;
  for (const auto& delta : pending_) {
    const auto did = advance(delta);
    if (did == step::gap || did == step::crossed) return false;
    ++(did == step::stale ? stale : applied);
  }
  counts_.stale_deltas += stale;
  counts_.deltas += applied;
  pending_.clear();
  pending_levels_ = 0;
  return true;
}

void book::keep(const depth_delta& delta) {
  pending_.push_back(delta);
  pending_levels_ += delta.bids.size() + delta.asks.size();
  while (pending_.size() > bounds_.pending_deltas || (pending_levels_ > bounds_.pending_levels && !pending_.empty())) {
    pending_levels_ -= pending_.front().bids.size() + pending_.front().asks.size();
    pending_.pop_front();
    ++counts_.dropped_deltas;
  }
}

void book::clear_levels() noexcept {
  bids_.clear();
  asks_.clear();
}

outcome book::lose(const depth_delta& delta) {
  state_ = state::lost;
  known_ = false;
  clear_levels();
  keep(delta);
  return outcome::lost;
}

outcome book::merge() {
  top next;
  if (state_ == state::synced) next = depth_top();
  const bool ticker_wins = last_ticker_.update_id > next.update_id;
  if (state_ == state::lost || (state_ == state::waiting && !ticker_wins)) return outcome::unchanged;
  if (ticker_wins)
    next = {last_ticker_.bid,      last_ticker_.ask,       last_ticker_.bid_size,
            last_ticker_.ask_size, last_ticker_.update_id, last_ticker_.event_at};
  const bool same = known_ && next.shows_same(merged_);
  merged_ = next;
  known_ = true;
  ++counts_.tops;
  return same ? outcome::unchanged : outcome::changed;
}

std::string_view to_string(state s) noexcept {
  switch (s) {
  case state::waiting: return "waiting";
  case state::synced: return "synced";
  case state::lost: return "lost";
  }
  return "unknown";
}

} // namespace troupe::book
