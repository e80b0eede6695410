#pragma once
// The strategy host: gives a strategy_logic a durable memory. The stream holds what it intended and what came of it; the
// logic itself is volatile and warms up again after a restart. Called on the strategy's thread only.

#include "actors/trading/strategy/interface.hpp"
#include "actors/trading/strategy/logic.hpp"

#include <memory>

namespace troupe::strategy {

/// Volatile: the market as seen last, indicators, and the memory of refusals.
struct host_view {
  std::optional<market::quote> book; // none: not known
  refusal_guard guard;
  std::unique_ptr<strategy_logic> logic; // made at the first event
};

/// Whether by `u` the venue may have refused to cancel this order, which stays open: for the strategy, or for a halt or an
/// operator when the strategy waits for nothing. Of a cancel and a replace that are both under way nobody says which it was.
[[nodiscard]] bool may_refuse_cancel(const own_order& order, const oms::order_update& u);

void fold_correction(strategy_state& now, const strategy_position_corrected& e);

class host {
public:
  using state = strategy_state;
  using view = host_view;
  using event = strategy_event;
  using inputs = strategy_inputs;
  using effect = std::variant<oms::order_command>;
  using protocol = strategy::protocol;
  using output = actions::output;
  static constexpr const char* stored_as = "strategy";
  static constexpr std::uint32_t stored_version = 1;

  /// To decide, make_logic(config) must succeed; to fold a stream for inspection any configuration will do.
  explicit host(strategy_config config);

  void decide(const state& now, view& seen, const market::market_batch& said, const actor::turn_context& at,
              output& out) const;
  void decide(const state& now, view& seen, const oms::order_update& update, const actor::turn_context& at,
              output& out) const;

  void decide(const state& now, view& seen, const withdraw_elsewhere&, const actor::turn_context& at, output& out) const;

  [[nodiscard]] oms::correction_ack decide(const state& now, view& seen, const correct_strategy_position& asked, const actor::turn_context& at,
                                           output& out) const; // corrections.cpp

  void evolve(state& now, const event& happened, actor::archive& finished) const;

  /// Emits the intent to the OMS slot of the order's account, which may be another than the one it trades for now.
  template <class Emit>
  void react(const state& now, const event& happened, Emit&& emit) const {
    if (const auto* e = std::get_if<submitted>(&happened)) emit(slot_of_order(e->order), oms::order_command{e->order});
    if (const auto* e = std::get_if<replace_intended>(&happened))
      emit(slot_of_order(intended(now, e->client_id)),
           oms::order_command{oms::replace_order{e->change.order, e->change.quantity, e->change.limit}});
    if (const auto* e = std::get_if<cancel_intended>(&happened)) {
      const auto& order = intended(now, e->client_id);
      emit(slot_of_order(order), oms::order_command{oms::cancel_order{{}, order.tenant, order.account, e->client_id}});
    }
  }

  [[nodiscard]] strategy_view answer(const state& now, const view& seen, const strategy_query&) const;

  [[nodiscard]] const strategy_config& config() const noexcept { return config_; }
  /// What it trades now.
  [[nodiscard]] const place& here() const noexcept { return here_; }

private:
  [[nodiscard]] static actor_name slot_of_order(const oms::new_order& order) { return slot_name(slot_of(order.tenant, order.account)); }
  /// Requires: the order is open.
  [[nodiscard]] static const oms::new_order& intended(const state& now, const client_order_id& id);
  [[nodiscard]] strategy_logic& logic(view& seen) const;

  strategy_config config_;
  place here_;
};

} // namespace troupe::strategy
