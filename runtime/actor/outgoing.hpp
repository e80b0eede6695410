#pragma once
// Which effects leave for one receiver, and when. A backlog of any size leaves in bounded parts, and a slow link is not filled with copies of it. Decides
// only; the shell sends.

#include "runtime/actor/turn.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace troupe::actor {

/// Of one message; longer only for a single turn. An effect has some hundred bytes, so this nearly always fits one frame of a link.
inline constexpr std::size_t effects_per_message_max = 256;
/// Under way to one receiver. It bounds what waits in a slow link, and is more than a receiver takes between two syncs of its disk.
inline constexpr std::size_t effects_under_way_max = 4096;
/// Sent again while nothing is acknowledged: the link may be full of what was sent already. When the receiver goes on from just there, the rest was lost and
/// follows, twice as much with each acknowledgement.
inline constexpr std::size_t effects_again_max = 32;

template <class Core>
class outgoing {
public:
  using box_type = outbox<Core>;
  using iterator = typename decltype(box_type::pending)::const_iterator;

  /// Of what is not acknowledged.
  [[nodiscard]] static iterator first_open(const box_type& box) { return behind(box.pending.begin(), box.pending.end(), box.acknowledged); }

  /// What is durable and was not sent, as far as the window allows: send(first, last) for each message. False: nothing waits for the receiver.
  template <class Send>
  bool next(const box_type& box, std::uint64_t durable, Send&& send) {
    const auto open = first_open(box);
    if (open == box.pending.end()) return false;
    auto first = behind(open, box.pending.end(), sent_);
    const auto last = behind(first, box.pending.end(), durable);
    while (first != last) {
      const auto end = end_of_message(first, last, std::min(window_, effects_per_message_max));
      if (first != open && static_cast<std::size_t>(end - open) > window_) break; // the next acknowledgement makes room
      send(first, end);
      sent_ = std::prev(end)->sequence;
      first = end;
    }
    return true;
  }

  /// Time to look: of what got no acknowledgement since the last look the beginning is sent again.
  template <class Send>
  void look(const box_type& box, Send&& send) {
    const auto open = first_open(box);
    if (open == box.pending.end()) return;
    const bool is_silent = sent_ > box.acknowledged && box.acknowledged == acknowledged_;
    acknowledged_ = box.acknowledged;
    looks_ = is_silent ? looks_ + 1 : 0;
    if (looks_ < looks_for(behind(open, box.pending.end(), open->sequence) - open)) return;
    looks_ = 0;
    const auto end = end_of_message(open, behind(open, box.pending.end(), sent_), effects_again_max);
    send(open, end);
    again_ = std::prev(end)->sequence;
  }

  /// Returns how many effects that are. `sequence` is above what was acknowledged before.
  std::size_t acknowledge(box_type& box, std::uint64_t sequence) {
    const auto open = first_open(box);
    const auto still_open = behind(open, box.pending.cend(), sequence);
    const auto count = static_cast<std::size_t>(still_open - open);
    box.acknowledged = sequence;
    // Only when half of it may go: a long queue is not moved up for each of its messages.
    if (still_open - box.pending.cbegin() >= box.pending.cend() - still_open) box.pending.erase(box.pending.cbegin(), still_open);
    if (sequence == again_ && sequence < sent_) { // the rest was lost
      sent_ = sequence;
      window_ = effects_again_max;
    }
    again_ = 0;
    window_ = std::min(2 * window_, effects_under_way_max);
    return count;
  }

private:
  /// The first effect of a turn behind `sequence`.
  static iterator behind(iterator first, iterator last, std::uint64_t sequence) {
    return std::upper_bound(first, last, sequence, [](std::uint64_t s, const auto& p) { return s < p.sequence; });
  }

  /// Behind the last effect of a message: the receiver counts turns, so none is split.
  static iterator end_of_message(iterator first, iterator last, std::size_t count_max) {
    if (static_cast<std::size_t>(last - first) <= count_max) return last;
    const auto cut = first + static_cast<std::ptrdiff_t>(count_max);
    const auto turn_begin = behind(first, cut, cut->sequence - 1);
    return turn_begin != first ? turn_begin : behind(cut, last, cut->sequence);
  }

  /// A turn that fills many messages is sent again more rarely: it takes longer to get there, and a slow link would carry copies of it alone.
  static std::size_t looks_for(std::ptrdiff_t effects_of_turn) {
    return std::min<std::size_t>(1 + static_cast<std::size_t>(effects_of_turn) / effects_per_message_max, 16);
  }

  std::uint64_t sent_ = 0;         // up to this turn
  std::uint64_t again_ = 0;        // up to this turn once more since the last acknowledgement; 0: nothing
  std::uint64_t acknowledged_ = 0; // when it was looked at last
  std::size_t looks_ = 0;          // without an acknowledgement, since something was sent again
  std::size_t window_ = effects_under_way_max;
};

} // namespace troupe::actor
