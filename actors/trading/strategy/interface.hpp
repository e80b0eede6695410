#pragma once
// Everything one may say to a strategy. The list is the documentation, the typed handle and the dispatcher at once.
// There is no start and stop: halts are enforced by pre-trade risk, whatever a strategy intends.

#include "actors/market/batch.hpp"
#include "actors/trading/strategy/messages.hpp"
#include "runtime/actor/core.hpp"

namespace troupe::strategy {

using protocol = actor::protocol<
  // Quotes, trades and bars in feed order. Recorded only when the strategy acts.
  actor::watches<market::market_batch>,
  // What became of its orders: effects of the OMS slot's stream, each folded exactly once.
  actor::receives<oms::order_update>,
  // Position, open orders, and whether it backs off or stopped.
  actor::query<strategy_query, strategy_view>,
  // From its own node, while orders are open at places that it trades at no more.
  actor::tell<withdraw_elsewhere>,
  // What it takes its position for, by an operator.
  actor::ask<correct_strategy_position, oms::correction_ack>>;

} // namespace troupe::strategy
