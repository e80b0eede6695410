#pragma once
// What a strategy may do, and what it may know while it decides. Lives for one turn, on the stack of the host's decide.

#include "actors/trading/strategy/holdings.hpp"
#include "actors/trading/strategy/refusal_guard.hpp"
#include "runtime/actor/core.hpp"

#include <optional>

namespace troupe::strategy {

class host;

class actions {
public:
  /// Open orders a strategy may have, also those it is withdrawing elsewhere; submits above it are not made.
  static constexpr std::size_t orders_max = 64;
  using output = actor::turn_output<strategy_event, strategy_inputs>;

  actions(const host& core, const strategy_state& now, const std::optional<market::quote>& book,
          const refusal_guard& guard, const actor::turn_context& at, output& out);

  // -- what is known
  [[nodiscard]] const trading::instrument& instrument() const noexcept;
  /// In `instrument`, for the account it trades for now; what it holds elsewhere is no concern of the strategy's.
  [[nodiscard]] quantity position() const noexcept { return held().position; }
  /// Own orders there that are not finished.
  [[nodiscard]] const std::map<client_order_id, own_order>& orders() const noexcept { return held().orders; }
  /// The merged top of book; null when it is not known.
  [[nodiscard]] const market::quote* book() const noexcept { return book_ ? &*book_ : nullptr; }
  [[nodiscard]] time_ns now() const noexcept { return at_.decided_at; }
  /// False while backing off after refusals, or stopped: submits and replaces are not made then. Cancels are.
  [[nodiscard]] bool may_act() const noexcept { return guard_.may_act(now()); }

  // -- what can be done
  /// Intends a new order and returns its client id. Nothing when it may not act, has too many orders, or the quantity or
  /// price is not a positive multiple of lot or tick (round_to_tick makes them so).
  std::optional<client_order_id> submit(side s, order_type type, time_in_force tif, quantity q,
                                        std::optional<price> limit = std::nullopt);
  /// False when the order is not open, its cancel is already asked, or the venue refused it: in this very turn, or less than
  /// 1, 2, 4 ... 64 s ago, by how often it did. Who asks again at once, or at every event, asks without end.
  bool cancel(const client_order_id& id);
  /// `q` is the new total, filled part included. False when it may not act, or the order is not yet on the market,
  /// about to change already, filled up to `q`, or q and p do not fit lot and tick.
  bool replace(const client_order_id& id, quantity q, price p);

  // -- of the host
  /// Folds an update before the strategy hears of it.
  void fold(const oms::order_update& update);
  /// Cancels what is open at other places, as far as `cancel` would.
  void withdraw_elsewhere();
  /// Whether the order is open, wherever.
  [[nodiscard]] bool is_open(const client_order_id& id) const { return static_cast<bool>(find_order(state(), id)); }

private:
  [[nodiscard]] const strategy_state& state() const noexcept { return own_ ? *own_ : now_; }
  [[nodiscard]] const holding& held() const noexcept;
  [[nodiscard]] bool may_cancel(const client_order_id& id, const own_order& order) const;
  void record(strategy_event event);

  const host& core_;
  const strategy_state& now_;
  const std::optional<market::quote>& book_;
  const refusal_guard& guard_;
  const actor::turn_context& at_;
  output& out_;
  std::optional<strategy_state> own_;      // the state with what this turn did, once it did something
  std::optional<client_order_id> refused_; // the order whose cancel this turn heard to be refused
};

} // namespace troupe::strategy
