#pragma once
// How the checker walks a stream: every turn decoded, what cannot be read reported as a violation of I9. Included by the
// checker's own sources.

#include "runtime/journal/journal.hpp"
#include "tools/check/report.hpp"
#include "tools/check/stored.hpp"

#include <map>
#include <string>

namespace troupe::check {

/// The snapshots that are kept of a stream, by sequence.
[[nodiscard]] inline std::map<std::uint64_t, journal::snapshot> snapshots_of(const journal::journal& j,
                                                                             const actor_name& stream) {
  std::map<std::uint64_t, journal::snapshot> all;
  std::uint64_t at_most = UINT64_MAX;
  for (;;) {
    auto s = j.load_snapshot(stream, at_most);
    if (!s || !*s) return all; // a damaged one is found by verify
    const auto sequence = (*s)->sequence;
    all.emplace(sequence, std::move(**s));
    if (sequence == 0) return all;
    at_most = sequence - 1;
  }
}

/// Calls `visit(header, turn)` for each turn of the stream, ascending.
template <class Stored, class Visit>
void read_turns(const journal::journal& j, const actor_name& stream, check_report& report, Visit&& visit) {
  std::uint64_t next = 1, epoch = 0;
  auto read = j.read(stream, 1, [&](const journal::record_view& record) {
    const auto& h = record.header;
    const auto where = [&] { return stream.value.str() + " turn " + std::to_string(h.sequence) + ": "; };
    report.chains.expect(h.sequence == next, [&] { return where() + "expected sequence " + std::to_string(next); });
    report.chains.expect(h.epoch >= epoch, [&] { return where() + "epoch " + std::to_string(h.epoch) + " after " + std::to_string(epoch); });
    next = h.sequence + 1;
    epoch = h.epoch;
    ++report.turns;
    auto turn = actor::decode_turn<Stored>(h.schema, record.payload);
    if (!report.chains.expect(turn.has_value(), [&] { return where() + to_string(turn.error()); })) return false;
    visit(h, *turn);
    return true;
  });
  if (!read) report.chains.violate(to_string(read.error()));
  if (next > 1) ++report.streams;
}

/// Effects of one sender are folded in order and once: the marks of a receiver's turns ascend. A sender whose journal was restored goes on
/// behind what it still holds: its turns come again, decided in a higher epoch.
class inbox_marks {
public:
  /// `senders` holds their streams, of those that are in the folders that were given.
  void take(const journal::journal& senders, const std::optional<actor::inbox_mark>& mark, invariant& rule, const std::string& where) {
    if (!mark) return;
    auto& at = seen_[mark->from];
    rule.expect(mark->epoch >= at.epoch && (mark->sequence > at.sequence || is_of_a_later_life(senders, *mark, at.epoch)), [&] {
      return where + "effects of " + mark->from.value.str() + " up to " + std::to_string(mark->sequence) + " (epoch " +
             std::to_string(mark->epoch) + ") are folded after " + std::to_string(at.sequence) + " (epoch " +
             std::to_string(at.epoch) + ")";
    });
    at = {mark->epoch, mark->sequence};
  }
  /// Everything of `from` up to this sequence was folded.
  [[nodiscard]] std::uint64_t upto(const actor_name& from) const {
    const auto at = seen_.find(from);
    return at == seen_.end() ? 0 : at->second.sequence;
  }

private:
  static bool is_of_a_later_life(const journal::journal& senders, const actor::inbox_mark& mark, std::uint64_t epoch) {
    bool later = false;
    (void)senders.read(mark.from, mark.sequence, [&](const journal::record_view& turn) {
      later = turn.header.epoch > epoch;
      return false;
    });
    return later;
  }

  std::map<actor_name, actor::inbox_position> seen_;
};

} // namespace troupe::check
