#pragma once
// One turn of the simulated venue in the making: it decides, event by event, on a copy of the orders it touches, and
// that copy moves only through the core's own evolve. Lives on the stack of `decide`.

#include "actors/trading/venue/core.hpp"

#include <set>
#include <string>

namespace troupe::venue {

class turn {
public:
  turn(const simulator& core, const simulator_state& now, simulator_view& market, const actor::turn_context& at,
       simulator::output& out);

  // -- commands
  void submit(const venue::submit& what);
  void cancel(const venue::cancel& what);
  void replace(const venue::replace& what);
  void close_day(time_ns closed_at);
  void open_slot(const slot_opened& what);
  mass_cancel_report cancel_all(const mass_cancel& what);

  // -- the market
  void on(const market::quote& said);
  void on(const market::trade& said);
  void on(const market::book_lost& said);
  void on(const market::bar&) {} // bars say nothing that trades did not

private:
  struct place {
    quantity ahead;
    bool placed = false;
  };

  /// The order as this turn has left it; nothing when it is not open.
  [[nodiscard]] const working_order* find(const order_id& id) const;
  /// Open orders listed for `instrument` that `wants`, best price first, then by arrival.
  template <class Wants>
  [[nodiscard]] std::vector<order_id> select(const instrument_id& instrument, Wants wants) const;
  [[nodiscard]] std::vector<order_id> taking(const instrument_id& instrument) const;
  [[nodiscard]] std::vector<order_id> resting_at_or_better(const instrument_id& instrument, side s, price limit) const;

  template <class E>
  void record(E event, const order_id& about);
  [[nodiscard]] report report_for(const order_id& id, exec_type type) const;
  [[nodiscard]] report trade_report(const working_order& w, quantity size, price at, bool maker,
                                    const tape_position& tape) const;
  void refuse(const order_id& id, exec_type type, std::string_view reason);
  void refuse_change(const order_id& id, exec_type type, std::uint32_t revision, std::string_view reason);
  void close(const order_id& id, exec_type type, std::string_view reason);

  const market_book& read_book(const instrument_id& id);
  void take(const order_id& id);
  [[nodiscard]] quantity takeable(const venue::submit& order, quantity at_most) const;
  [[nodiscard]] place place_of(const venue::submit& order) const;
  void rest(const order_id& id);

  const simulator& core_;
  const simulator_state& now_;
  simulator_view& market_;
  const actor::turn_context& at_;
  simulator::output& out_;
  simulator_state own_;            // counters, and the orders touched so far
  std::set<order_id> touched_;     // copied into own_, or opened or closed there
};

} // namespace troupe::venue
