#pragma once
// What the checker found: one row per invariant with how often it was looked at and the first violations. Plain values.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace troupe::check {

struct invariant {
  static constexpr std::size_t shown_max = 20;

  std::string id;       // "I4", as in the list of invariants
  std::string sentence; // what must hold
  std::uint64_t checked = 0;
  std::uint64_t violations = 0;
  std::vector<std::string> first; // at most shown_max sentences
  std::string note;               // what could not be looked at, or what is still under way

  void violate(std::string what) {
    ++violations;
    if (first.size() < shown_max) first.push_back(std::move(what));
  }
  /// Counts one look; `what` is only called when it does not hold.
  template <class Sentence>
  bool expect(bool holds, Sentence&& what) {
    ++checked;
    if (!holds) violate(std::forward<Sentence>(what)());
    return holds;
  }
};

struct check_report {
  invariant acknowledged{"I1", "every acknowledged order is there exactly once; order ids only grow"};
  invariant client_ids{"I2", "no client id belongs to two orders"};
  invariant executions{"I3", "each execution and each effect is applied once"};
  invariant positions{"I4", "positions and cash are the sums of fills and corrections"};
  invariant quantities{"I5", "filled and open add up to the order; nothing is overfilled"};
  invariant transitions{"I6", "orders move as the state machine allows and never leave a final state"};
  invariant exposure{"I7", "no order was taken beyond the limits in force"};
  invariant halts{"I8", "nothing opened under a halt or without a live lease; only operators lift halts"};
  invariant chains{"I9", "sequences are gapless, chains verify, epochs never fall"};
  invariant replay{"I10", "snapshots and tables are what the turns add up to"};
  invariant answers{"I14", "requests on record have one answer; what counts as delivered was sent and taken"};
  invariant audit{"I17", "what needs an operator has one on record, with the approvals and the request"};
  invariant venues{"V1", "venues hold each order once and both sides have the same fills"};

  std::uint64_t streams = 0; // that were read; of a data folder all of them, as `troupe journal verify` counts
  std::uint64_t turns = 0;
  std::uint64_t orders = 0;
  std::uint64_t orders_open = 0;
  std::uint64_t fills = 0;
  std::uint64_t acknowledged_orders = 0; // given by the caller
  std::uint64_t submits_under_way = 0;   // accepted here, not yet taken by the venue
  std::uint64_t fills_under_way = 0;     // made by the venue, not yet taken here

  /// All rows, in the order of the list.
  [[nodiscard]] std::vector<const invariant*> rows() const {
    return {&acknowledged, &client_ids, &executions, &positions, &quantities, &transitions,
            &exposure, &halts, &chains, &replay, &answers, &audit, &venues};
  }
  [[nodiscard]] bool holds() const {
    for (const auto* row : rows())
      if (row->violations > 0) return false;
    return true;
  }
};

} // namespace troupe::check
