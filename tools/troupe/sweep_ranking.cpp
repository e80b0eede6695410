#include "tools/troupe/sweep_ranking.hpp"

#include "actors/research/sweep/rows.hpp"

#include <algorithm>
#include <utility>

namespace troupe::cli {
namespace {

/// Amounts of different currencies are not comparable, and are ordered by currency first.
bool is_better(const sweep::trial_result& a, const sweep::trial_result& b) {
  const auto x = sweep::net_pnl(a), y = sweep::net_pnl(b);
  if (x.has_value() != y.has_value()) return x.has_value();
  if (!x) return a.index < b.index;
  if (!(x->ccy == y->ccy)) return x->ccy.view() < y->ccy.view();
  return x->units != y->units ? x->units > y->units : a.index < b.index;
}

} // namespace

void sweep_ranking::add(const sweep::trial_result& r) {
  rows_.push_back(r);
  if (most_ != 0 && rows_.size() >= 2 * most_ + 1000) cut();
}

void sweep_ranking::cut() {
  std::ranges::sort(rows_, is_better);
  if (most_ != 0 && rows_.size() > most_) rows_.resize(most_);
}

std::vector<sweep::trial_result> sweep_ranking::take() {
  cut();
  return std::exchange(rows_, {});
}

} // namespace troupe::cli
