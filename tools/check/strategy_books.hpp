#pragma once
// I4: what strategies take their positions for, against the fills of their orders in the slots' streams, from where an operator has corrected
// them last. Owned by one check; the strategies' streams are read before those of the slots.

#include "tools/check/audit.hpp"
#include "tools/check/deliveries.hpp"
#include "tools/check/report.hpp"
#include "tools/check/stored.hpp"

#include "runtime/core/decimal.hpp"
#include "runtime/journal/journal.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>

namespace troupe::check {

using namespace trading;

class strategy_books {
public:
  strategy_books(audit& who, deliveries& between, check_report& report) : who_{who}, between_{between}, report_{report} {}

  /// Folds every strategy's stream a second time.
  void read(const journal::journal& j);
  /// From the slots, in the order of their streams.
  void take(const journal::record_header& h, const oms::execution& e);
  void take(const oms::order_recovered& e) {
    if (e.request.strategy.value.empty()) nameless_.insert(e.id);
  }
  /// Of a slot whose stream is in none of the folders, or, while a node writes, ends before what a strategy has heard of it, nothing is compared.
  void compare(const journal::journal& j, bool running);

private:
  /// What one strategy has at one place.
  struct belief {
    int128 position = 0; // by its own stream
    int128 moved = 0;    // by that stream, since it was corrected
    int128 fills = 0;    // of its orders since then, as far as it has heard of its slot
    std::uint64_t corrected_at = 0;    // hybrid time; zero: never
    actor::inbox_position heard_before; // of its slot when it was corrected: those fills are in what the operator said
  };
  /// An order that it has intended and that is not finished.
  struct intent {
    strategy::place where;
    side direction = side::buy;
    quantity filled;
  };
  struct strategy_facts {
    std::map<strategy::place, belief> places;
    std::map<actor_name, actor::inbox_position> heard; // by slot
    std::map<client_order_id, intent> open;
    std::deque<correction_id> corrections; // the last that it keeps
  };
  struct moment {
    const actor_name& stream;
    const journal::record_header& header;
  };

  void on(const moment& m, strategy_facts& s, const strategy::submitted& e);
  void on(const moment&, strategy_facts&, const strategy::cancel_intended&) {}
  void on(const moment&, strategy_facts&, const strategy::replace_intended&) {}
  void on(const moment& m, strategy_facts& s, const strategy::update_folded& e);
  void on(const moment& m, strategy_facts& s, const strategy::strategy_position_corrected& e);
  [[nodiscard]] std::string sentence_of(const strategy_id& who, const strategy::place& where, const belief& had) const;

  audit& who_;
  deliveries& between_;
  check_report& report_;
  std::map<strategy_id, strategy_facts> strategies_;
  std::set<order_id> nameless_;       // orders that a venue gave back, of which nobody knows who asked for them
  std::map<strategy::place, std::uint64_t> looked_at_; // when an operator corrected a strategy there last
  std::map<strategy::place, int128> recovered_;        // the fills of nameless orders since
};

} // namespace troupe::check
