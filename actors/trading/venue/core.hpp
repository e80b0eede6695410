#pragma once
// The simulated venue: what an exchange would have done with our orders, given what the market showed. Pure and
// deterministic; the shell makes its turns durable in a store of its own. Called on the venue's thread only.
//
// Nothing fills at a price nobody showed. Takers take the displayed best of the other side, each displayed size once,
// and wait for the side to be refreshed. Resting orders queue behind the size displayed when their price is the best
// and fill, at their own limit, from public trades at that price (after the queue) or through it. Our orders never
// trade with each other. Without a book nothing fills.

#include "actors/trading/venue/config.hpp"
#include "actors/trading/venue/interface.hpp"
#include "actors/trading/venue/market_view.hpp"

#include <variant>

namespace troupe::venue {

/// The report an event caused, if any.
[[nodiscard]] const report* report_of(const simulator_event& event) noexcept;

class simulator {
public:
  using state = simulator_state;
  using view = simulator_view;
  using event = simulator_event;
  using inputs = simulator_inputs;
  using effect = std::variant<report>;
  using protocol = venue::protocol;
  using output = actor::turn_output<event, inputs>;
  static constexpr const char* stored_as = "venue";
  static constexpr std::uint32_t stored_version = 1;

  /// Requires: every instrument has a tick and a lot. To trade, `violations(config)` must be empty; to fold a stream for
  /// inspection the name is enough.
  explicit simulator(simulator_config config);

  void decide(const state& now, view& market, const command& what, const actor::turn_context& at, output& out) const;
  void decide(const state& now, view& market, const market::market_batch& said, const actor::turn_context& at,
              output& out) const;
  void decide(const state& now, view& market, const day_closed& what, const actor::turn_context& at, output& out) const;
  void decide(const state& now, view& market, const slot_opened& what, const actor::turn_context& at,
              output& out) const;

  mass_cancel_report decide(const state& now, view& market, const mass_cancel& what, const actor::turn_context& at,
                            output& out) const;

  void evolve(state& now, const event& happened, actor::archive& finished) const;

  /// Emits the report to the slot that owns the order.
  template <class Emit>
  void react(const state&, const event& happened, Emit&& emit) const {
    if (const auto* said = report_of(happened)) emit(slot_name(said->order.slot()), *said);
  }

  [[nodiscard]] open_orders answer(const state& now, const view& market, const open_orders_query& query) const;
  [[nodiscard]] order_view answer(const state& now, const view& market, const order_query& query) const;
  [[nodiscard]] fills_since answer(const state& now, const view& market, const fills_since_query& query) const;

  [[nodiscard]] const simulator_config& config() const noexcept { return config_; }

private:
  simulator_config config_;
};

} // namespace troupe::venue
