#pragma once
// From a stream to a state, before the actor is born (design 3: recover before spawn). The same fold shows the state at
// any past turn. Runs on the caller's thread; reads the journal, writes nothing.

#include "runtime/actor/turn.hpp"
#include "runtime/journal/journal.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace troupe::actor {

template <class Core>
struct recovered {
  journal::stream_head head;
  shell_state<Core> state;
  std::uint64_t hybrid_time = 0; // of the last turn
  std::uint64_t snapshot = 0;    // turn of the snapshot it began with; zero: none
};

/// Folds one turn. `keep_effects` is false when only the state matters (inspection). `rows` is closed unless they are not there yet.
template <class Core>
void fold(const Core& core, shell_state<Core>& s, std::uint64_t sequence, const std::vector<journal::cursor>& acknowledged,
          const turn_outcome<Core>& t, bool keep_effects, const cause_id& cause = {}, archive rows = {}) {
  for (const auto& event : t.events) {
    core.evolve(s.core, event, rows);
    if (keep_effects)
      core.react(s.core, event, [&](const actor_name& receiver, auto&& effect) {
        s.outboxes[receiver].pending.push_back(
          {sequence, typename Core::effect{std::forward<decltype(effect)>(effect)}, cause});
      });
  }
  if (t.inbox) s.inboxes[t.inbox->from] = {t.inbox->epoch, t.inbox->sequence};
  for (const auto& c : acknowledged) {
    auto& box = s.outboxes[c.receiver];
    box.acknowledged = std::max(box.acknowledged, c.sequence);
    auto open = std::find_if(box.pending.begin(), box.pending.end(),
                             [&](const auto& p) { return p.sequence > box.acknowledged; });
    box.pending.erase(box.pending.begin(), open);
  }
}

/// Reads `stream` up to sequence `at_most` into a state. Errors: corrupt, sequence_gap, schema_mismatch, io_error.
template <class Core>
[[nodiscard]] result<recovered<Core>> read_state(const journal::journal& j, const Core& core, const journal::stream_name& stream,
                                                 std::uint64_t at_most = std::numeric_limits<std::uint64_t>::max(),
                                                 bool keep_effects = true) {
  recovered<Core> r;
  r.head.stream = stream;
  auto snapshot = j.load_snapshot(stream, at_most);
  if (!snapshot) return snapshot.error();
  if (*snapshot && (*snapshot)->schema == state_schema<Core>()) {
    auto state = wire::decode<shell_state<Core>>((*snapshot)->state);
    if (!state) return state.error();
    r.state = std::move(*state);
    r.head.sequence = (*snapshot)->sequence;
    r.head.chain = (*snapshot)->chain;
    r.snapshot = r.head.sequence;
  }
  std::optional<error> wrong;
  auto read = j.read(stream, r.head.sequence + 1, [&](const journal::record_view& record) {
    if (record.header.sequence > at_most) return false;
    auto t = decode_outcome<Core>(record.header.schema, record.payload);
    if (!t) {
      wrong = t.error();
      wrong->message = stream.value.str() + " turn " + std::to_string(record.header.sequence) + ": " + wrong->message;
      return false;
    }
    fold(core, r.state, record.header.sequence, record.header.acknowledged, *t, keep_effects, record.header.cause);
    r.head.sequence = record.header.sequence;
    r.head.epoch = record.header.epoch;
    r.hybrid_time = record.header.hybrid_time;
    return true;
  });
  if (wrong) return *wrong;
  if (!read) return read.error();
  return r;
}

/// The state of the stream as far as `head`, its end. Errors: corrupt, when it cannot be read as far; as read_state.
template <class Core>
[[nodiscard]] result<recovered<Core>> read_state_at(const journal::journal& j, const Core& core, const journal::stream_head& head) {
  auto r = read_state<Core>(j, core, head.stream);
  if (!r) return r;
  if (r->head.sequence != head.sequence)
    return fail(errc::corrupt, head.stream.value.str() + ": the journal says " + std::to_string(head.sequence) +
                                 " turns, " + std::to_string(r->head.sequence) + " could be read");
  r->head = head;
  return r;
}

/// Opens a stream again, above `epoch` at once: an empty copy from somebody who had that one stands before it. Errors: as open_stream.
[[nodiscard]] inline result<journal::stream_head> open_above(journal::journal& j, const journal::stream_head& at, std::uint64_t epoch) {
  journal::append_request nothing;
  nothing.stream = at.stream;
  nothing.epoch = epoch;
  nothing.first_sequence = at.sequence + 1;
  nothing.is_copy = true;
  j.append(std::move(nothing), [](result<std::uint64_t>) {}); // what became of it shows in what follows
  return j.open_stream(at.stream);
}

/// Opens the stream for writing (raises its epoch, behind the flush of everything queued) and loads its state. `lost_lives`: as much higher is the epoch, since
/// as many may have had it after a restored journal was copied, and others heard of them.
template <class Core>
[[nodiscard]] result<recovered<Core>> recover(journal::journal& j, const Core& core, const journal::stream_name& stream, std::uint64_t lost_lives = 0) {
  auto head = j.open_stream(stream);
  if (head && lost_lives > 0) head = open_above(j, *head, head->epoch + lost_lives);
  if (!head) return head.error();
  auto r = read_state_at(j, core, *head);
  if (!r) return r;
  if (r->head.sequence > 0 && r->hybrid_time == 0) { // the snapshot was the end
    auto last = j.read(stream, r->head.sequence, [&](const journal::record_view& record) {
      r->hybrid_time = record.header.hybrid_time;
      return false;
    });
    if (!last) return last.error();
  }
  return r;
}

} // namespace troupe::actor
