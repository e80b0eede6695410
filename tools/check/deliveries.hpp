#pragma once
// I14 between actors: how far each receiver has acknowledged what each sender owes it (the cursors in record headers) against what the
// sender's turns have for it and what the receiver's turns have folded; and whether requests on record have an answer. What is sent and
// not acknowledged is pending: a start sends it again. Owned by one check.

#include "runtime/journal/journal.hpp"
#include "tools/check/report.hpp"
#include "tools/check/stored.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::check {

class deliveries {
public:
  explicit deliveries(check_report& report) : report_{report} {}

  /// Every turn of a slot, a venue, risk and a strategy, ascending in its stream; of a strategy cursors and marks alone are looked at.
  void take(const journal::record_header& h, const oms_turn& t);
  void take(const journal::record_header& h, const venue_turn& t);
  void take(const journal::record_header& h, const risk_turn& t);
  void take(const journal::record_header& h, const strategy_turn& t);
  /// The streams of keepers of placement, of which the same is looked at.
  void read_placement(const journal::journal& j);
  /// Both sides, when everything was taken. Venues are looked at, and copied, behind all that sends to them; what others have acknowledged may
  /// be newer than the look at them, unless the node has `drained`. `heads`: of all streams, with the epoch of their last start.
  void compare(bool drained, const std::vector<journal::stream_head>& heads);

private:
  struct owed {
    std::uint64_t sent = 0;         // the last turn with something for the receiver
    std::uint64_t acknowledged = 0;
    std::uint64_t at = 0;           // hybrid time of the record that says so
  };
  struct party {
    std::uint64_t epoch = 0;
    std::uint64_t began = 0;    // the turn before this epoch's first one
    std::uint64_t began_at = 0; // hybrid time of that one
    std::map<actor_name, owed> receivers;
    std::map<actor_name, std::uint64_t> folded; // of each sender, the highest
  };

  /// `knows_effects`: no turn of the stream has anything for anybody that is not in `receivers`, and what is acknowledged is a turn that had.
  party& note(const journal::record_header& h, const std::optional<actor::inbox_mark>& mark, bool knows_effects);
  template <class Stored>
  void must_be_answered(const journal::record_header& h, const actor::turn<Stored>& t);

  check_report& report_;
  std::map<actor_name, party> parties_;
};

} // namespace troupe::check
