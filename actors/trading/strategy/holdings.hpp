#pragma once
// What a strategy's state says of one place or one order. Pure; any thread.

#include "actors/trading/strategy/messages.hpp"

namespace troupe::strategy {

[[nodiscard]] place place_of(const oms::new_order& order);

/// Null when the strategy never had an order there.
[[nodiscard]] const holding* find_holding(const strategy_state& state, const place& where);
/// Begins it when there is none.
[[nodiscard]] holding& holding_at(strategy_state& state, const place& where);

/// An order that is not finished, and the holding that it belongs to.
struct found_order {
  const holding* in = nullptr;
  const own_order* order = nullptr;

  [[nodiscard]] explicit operator bool() const noexcept { return order != nullptr; }
};
[[nodiscard]] found_order find_order(const strategy_state& state, const client_order_id& id);

[[nodiscard]] std::size_t count_orders(const strategy_state& state);
/// Whether an order is open at another place than `here`.
[[nodiscard]] bool has_orders_elsewhere(const strategy_state& state, const place& here);
/// Of holdings at other places those that are not flat or have an open order.
[[nodiscard]] std::vector<holding> left_elsewhere(const strategy_state& state, const place& here);

} // namespace troupe::strategy
