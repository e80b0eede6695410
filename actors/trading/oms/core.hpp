#pragma once
// One OMS slot: idempotency, order state machine, pre-trade risk and reconciliation, decided in one turn. Pure; owned
// by the shell that hosts the slot, used on its thread only.

#include "actors/trading/oms/done.hpp"
#include "actors/trading/oms/interface.hpp"
#include "actors/trading/oms/state.hpp"
#include "runtime/actor/core.hpp"

#include <boost/container/static_vector.hpp>

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::oms {

struct configuration {
  std::uint32_t slot = 0;
  tenant_id tenant{"main"};                 // of commands that name none
  std::map<instrument_id, instrument> instruments;
  std::map<instrument_id, currency> former_quotes; // of what is not listed any more, as it was listed last; what is may be in it too
  nanoseconds order_age_max = std::chrono::seconds{5}; // decided longer ago than this, nothing leaves for the market
  /// A market order takes no price worse by more than this than the best of the other side when it was decided; hundredths of a percent of it.
  /// A replace leaves that price as it is.
  std::uint32_t market_protection_bps = 1000;
};

using effect = std::variant<venue::command, order_update>;

class core {
public:
  using state = oms::state;
  using view = oms::view;
  using event = oms::event;
  using inputs = oms::inputs;
  using effect = oms::effect;
  using protocol = oms::protocol;
  using output = actor::turn_output<event, inputs>;
  using turn_context = actor::turn_context;
  static constexpr const char* stored_as = "oms";
  static constexpr std::uint32_t stored_version = 1;

  explicit core(configuration c);

  // Order of the checks: idempotency; form (instrument, quantity, price); disk; then pretrade.hpp.
  order_ack decide(const state&, view&, const new_order&, const turn_context&, output&) const;
  order_ack decide(const state&, view&, const cancel_order&, const turn_context&, output&) const;
  order_ack decide(const state&, view&, const replace_order&, const turn_context&, output&) const;
  void decide(const state&, view&, const order_command&, const turn_context&, output&) const;
  void decide(const state&, view&, const enforce_halt&, const turn_context&, output&) const;
  void decide(const state&, view&, const close_dispute&, const turn_context&, output&) const;
  correction_ack decide(const state&, view&, const correct_position&, const turn_context&, output&) const; // corrections.cpp
  void decide(const state&, view&, const venue::report&, const turn_context&, output&) const;
  void decide(const state&, view&, const venue::open_orders&, const turn_context&, output&) const;
  void decide(const state&, view&, const venue::fills_since&, const turn_context&, output&) const;

  void observe(view&, const risk::lease&) const;
  void observe(view&, const market::heard_quote&) const;
  /// In front of the answer to a dry run: what its order lacks of the slot's budget is asked of risk, as when the order itself is refused for it.
  void ask_for_budget(const state&, view&, const check_query&) const;

  void evolve(state&, const event&, actor::archive&) const;

  /// Needs nothing but the event, so that it may be run again over any state.
  template <class Emit>
  void react(const state&, const event& e, Emit&& emit) const {
    for (auto& r : reactions(e)) emit(r.receiver, std::move(r.what));
  }

  orders_view answer(const state&, const view&, const order_query&) const;
  orders_view answer(const state&, const view&, const client_order_query&, const turn_context&) const;
  orders_view answer(const state&, const view&, const orders_query&) const;
  check_view answer(const state&, const view&, const check_query&, const turn_context& = {}) const;

  /// The finished order or idempotency key behind a command or query that names nothing open. The row may be of a turn that is
  /// not yet durable: the shell looks there first.
  std::optional<actor::lookup> wanted(const state&, const new_order&) const;
  std::optional<actor::lookup> wanted(const state&, const cancel_order&) const;
  std::optional<actor::lookup> wanted(const state&, const replace_order&) const;
  std::optional<actor::lookup> wanted(const state&, const order_command&) const;
  std::optional<actor::lookup> wanted(const state&, const check_query&) const;
  std::optional<actor::lookup> wanted(const state&, const client_order_query&) const;
  std::optional<actor::lookup> wanted(const state&, const correct_position&) const;
  /// Of fills of orders that are not open, the rows that their order and their dispute would have; of a booking that of its order. Reports of open
  /// orders want none.
  std::vector<actor::lookup> wanted_rows(const state&, const venue::report&, const turn_context&) const;
  std::vector<actor::lookup> wanted_rows(const state&, const venue::fills_since&, const turn_context&) const;
  std::vector<actor::lookup> wanted_rows(const state&, const correct_position&, const turn_context&) const;

  /// The halt of the lease that has an open order left to withdraw, but for those whose venue refused that and is to be asked later; nullptr: none. A part of
  /// the view's lease.
  [[nodiscard]] const risk::halt* unenforced(const state&, const view&, boot_ns now) const;
  /// Gross exposure of the slot at the marks of this moment: what a lease request reports. Walks all holdings.
  [[nodiscard]] money exposure(const state&, const view&) const;
  [[nodiscard]] const configuration& config() const noexcept { return config_; }

private:
  struct reaction {
    actor_name receiver;
    oms::effect what;
  };
  using reaction_list = boost::container::static_vector<reaction, 2>;
  struct considered;

  [[nodiscard]] reaction_list reactions(const event&) const;
  [[nodiscard]] considered consider(const state&, const view&, const new_order&, const turn_context&, inputs&,
                                    std::vector<std::string>* warnings) const;
  [[nodiscard]] venue_id venue_of(const instrument_id&) const;
  /// What the instrument is quoted in, or was when it was listed last; of one that this node never listed what the sender says. Nothing: nothing here is, or was,
  /// quoted in that.
  [[nodiscard]] std::optional<currency> quote_of(const instrument_id&, const currency& said) const;
  void hear_fill_of_closed(view&, const venue::report&, const turn_context&, output&) const;
  /// An order that has the execution, or may have or get it; nothing: it may be booked.
  [[nodiscard]] std::optional<std::string> why_not_booked(const state&, const booked_execution&, const turn_context&) const;
  /// What the venue is given as the limit: the order's own, or the worst price that a market order may take; none for an instrument that is
  /// not traded here any more.
  [[nodiscard]] std::optional<price> limit_at_venue(const new_order&, price reserve) const;
  [[nodiscard]] new_order with_tenant(const new_order&) const;

  configuration config_;
};

} // namespace troupe::oms
