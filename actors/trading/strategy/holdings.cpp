#include "actors/trading/strategy/holdings.hpp"

#include <algorithm>
#include <iterator>

namespace troupe::strategy {

namespace {

const place& place_in(const holding& h) noexcept { return h; }

} // namespace

place place_of(const oms::new_order& order) { return {order.tenant, order.account, order.instrument}; }

const holding* find_holding(const strategy_state& state, const place& where) {
  const auto found = std::ranges::lower_bound(state.holdings, where, {}, place_in);
  return found == state.holdings.end() || place_in(*found) != where ? nullptr : &*found;
}

holding& holding_at(strategy_state& state, const place& where) {
  const auto found = std::ranges::lower_bound(state.holdings, where, {}, place_in);
  if (found != state.holdings.end() && place_in(*found) == where) return *found;
  return *state.holdings.insert(found, holding{where});
}

found_order find_order(const strategy_state& state, const client_order_id& id) {
  for (const auto& h : state.holdings)
    if (const auto found = h.orders.find(id); found != h.orders.end()) return {&h, &found->second};
  return {};
}

std::size_t count_orders(const strategy_state& state) {
  std::size_t all = 0;
  for (const auto& h : state.holdings) all += h.orders.size();
  return all;
}

bool has_orders_elsewhere(const strategy_state& state, const place& here) {
  return std::ranges::any_of(state.holdings, [&](const holding& h) { return place_in(h) != here && !h.orders.empty(); });
}

std::vector<holding> left_elsewhere(const strategy_state& state, const place& here) {
  std::vector<holding> left;
  std::ranges::copy_if(state.holdings, std::back_inserter(left), [&](const holding& h) {
    return place_in(h) != here && (!h.position.is_zero() || !h.orders.empty());
  });
  return left;
}

} // namespace troupe::strategy
