#include "tools/troupe/sweep_ranking.hpp"

#include "actors/research/sweep/rows.hpp"

#include <algorithm>
#include <utility>

namespace troupe::cli {
namespace {

bool is_better(const sweep_ranking::ranked& a, const sweep_ranking::ranked& b) {
  if (sweep::earns_more(a.net, b.net)) return true;
  return !sweep::earns_more(b.net, a.net) && a.row.index < b.row.index;
}

} // namespace

void sweep_ranking::add(const sweep::trial_result& r) {
  rows_.push_back({sweep::net_pnl(r), r});
  if (most_ != 0 && rows_.size() >= 2 * most_ + 1000) cut();
}

void sweep_ranking::cut() {
  std::ranges::sort(rows_, is_better);
  if (most_ != 0 && rows_.size() > most_) rows_.resize(most_);
}

std::vector<sweep_ranking::ranked> sweep_ranking::take() {
  cut();
  return std::exchange(rows_, {});
}

} // namespace troupe::cli
