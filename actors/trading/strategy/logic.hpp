#pragma once
// What somebody who writes a strategy implements. Called on the strategy's thread with one event at a time, in feed
// order; everything it wants goes through `actions`. It may compute in double, and keeps only what it can warm up again:
// after a restart it is new, while position and orders come back from the stream.

#include "actors/market/messages.hpp"
#include "actors/trading/strategy/actions.hpp"

#include <optional>

namespace troupe::strategy {

class strategy_logic {
public:
  virtual ~strategy_logic() = default;

  /// The merged top of the strategy's instrument changed.
  virtual void on_quote(const market::quote&, actions&) {}
  virtual void on_trade(const market::trade&, actions&) {}
  virtual void on_bar(const market::bar&, actions&) {}
  /// The book is not known until the next quote.
  virtual void on_book_lost(actions&) {}
  /// An own order was accepted, filled, refused or finished; `actions` shows position and orders after it.
  virtual void on_fill(const oms::order_update&, actions&) {}

  /// How long the bars are that it decides on; nothing: it needs none.
  [[nodiscard]] virtual std::optional<nanoseconds> bar_interval() const { return std::nullopt; }
};

} // namespace troupe::strategy
