#pragma once
// One venue's stream folded a second time: which orders it holds and which reports it made. Owned by one check.

#include "tools/check/ledger.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace troupe::check {

class venue_book {
public:
  venue_book(actor_name stream, audit& who, deliveries& between, check_report& report)
    : stream_{stream}, venue_{text<15>{stream.value.view().substr(6)}}, who_{who}, between_{between}, report_{report} {}

  /// `senders` has the slots' streams.
  void read(const journal::journal& j, const journal::journal& senders);
  /// Both sides against each other: orders, and every report the slots applied.
  void compare(const ledger& slots, bool drained, bool running);

  [[nodiscard]] const venue_id& venue() const noexcept { return venue_; }
  [[nodiscard]] const std::unordered_map<std::string, std::pair<report_facts, std::uint64_t>>& reports() const noexcept { return reports_; }

private:
  struct held {
    quantity quantity_;
    quantity cumulative;
    std::uint32_t revision = 0;
    bool open = false;
    bool opened = false;
    side direction = side::buy;
    std::optional<price> limit; // as replaced last; of a market order what protects it
  };
  void on(std::uint64_t sequence, const venue::order_opened& e);
  void on(std::uint64_t sequence, const venue::order_refused& e);
  void on(std::uint64_t, const venue::submit_repeated&) {} // the first report once more
  void on(std::uint64_t sequence, const venue::display_taken& e);
  void on(std::uint64_t sequence, const venue::resting_filled& e);
  void on(std::uint64_t, const venue::queue_placed&) {}
  void on(std::uint64_t sequence, const venue::order_closed& e);
  void on(std::uint64_t sequence, const venue::order_replaced& e);
  void on(std::uint64_t sequence, const venue::change_refused& e);
  void on(std::uint64_t, const venue::epoch_raised&) {}

  [[nodiscard]] std::string where(std::uint64_t sequence, order_id id) const {
    return stream_.value.str() + " turn " + std::to_string(sequence) + ": order " + to_text(id) + ' ';
  }
  void must_be_in_time(std::uint64_t sequence, const venue_turn& t);
  void note(std::uint64_t sequence, const venue::report& r);
  void fill(std::uint64_t sequence, const venue::report& r);
  void compare_orders(const ledger& slots, bool drained, bool running);
  void compare_reports(const ledger& slots, bool drained, bool running);

  actor_name stream_;
  venue_id venue_;
  audit& who_;
  deliveries& between_;
  check_report& report_;
  std::unordered_map<std::uint64_t, held> orders_;
  std::unordered_map<std::string, std::pair<report_facts, std::uint64_t>> reports_; // with the turn's sequence
  inbox_marks inboxes_;
};

} // namespace troupe::check
