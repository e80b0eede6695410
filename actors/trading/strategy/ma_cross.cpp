#include "actors/trading/strategy/ma_cross.hpp"

#include <algorithm>
#include <array>

namespace troupe::strategy {

ma_cross_parameters read_ma_cross(parameters& given, const trading::instrument& what) {
  static constexpr std::array<std::string_view, 2> sides{"long_short", "long_only"};
  ma_cross_parameters p;
  p.fast = static_cast<std::size_t>(given.integer("fast", 1, 10'000, 5));
  p.slow = static_cast<std::size_t>(given.integer("slow", 2, 10'000, 20));
  if (p.slow <= p.fast) given.violate("slow", "must be greater than fast");
  p.quantity = given.size("quantity", what.lot_size);
  p.bar_seconds = given.integer("bar_seconds", 1, 86'400, 60);
  p.may_short = given.choice("side", sides) == 0;
  return p;
}

void ma_cross::on_bar(const market::bar& bar, actions& desk) {
  if (nanoseconds{bar.interval_ns} != bar_interval()) return;
  closes_.push_back(bar.close);
  fast_sum_ += bar.close.units;
  slow_sum_ += bar.close.units;
  if (closes_.size() > p_.fast) fast_sum_ -= closes_[closes_.size() - 1 - p_.fast].units;
  if (closes_.size() > p_.slow) {
    slow_sum_ -= closes_.front().units;
    closes_.pop_front();
  }
  if (closes_.size() < p_.slow) return;
  // fast_sum / fast against slow_sum / slow, without the division
  const auto fast = fast_sum_ * static_cast<int128>(p_.slow);
  const auto slow = slow_sum_ * static_cast<int128>(p_.fast);
  if (fast > slow) target_ = p_.quantity;
  else if (fast < slow) target_ = p_.may_short ? -p_.quantity : quantity{};
  reach_target(desk);
}

void ma_cross::on_quote(const market::quote&, actions& desk) { reach_target(desk); }

void ma_cross::reach_target(actions& desk) const {
  // One order at a time: until it is finished nobody knows what is missing.
  if (!target_ || !desk.orders().empty()) return;
  const auto* book = desk.book();
  if (!book) return;
  const auto missing = int128{target_->units} - desk.position().units;
  const auto lot = desk.instrument().lot_size.units; // larger than it was, it leaves something over that nobody can trade
  const quantity whole{static_cast<std::int64_t>(std::min<int128>(missing < 0 ? -missing : missing, INT64_MAX) / lot * lot)};
  if (whole.is_zero()) return;
  const auto s = missing > 0 ? side::buy : side::sell;
  const auto displayed = s == side::buy ? book->ask_size : book->bid_size;
  if (!displayed.is_positive()) return;
  desk.submit(s, order_type::market, time_in_force::ioc, whole);
}

} // namespace troupe::strategy
