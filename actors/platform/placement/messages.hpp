#pragma once
// What the keepers of placement say about slots that move between nodes. `generation` counts a slot's moves from 1; 0 is as declared.

#include "runtime/core/context.hpp"
#include "runtime/core/error.hpp"
#include "runtime/core/ids.hpp"
#include "runtime/core/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::placement {

/// Ask, to the node a slot shall move to: fetch it from `from`, who has it. Refused: there is no such slot, it is here, another move of
/// it is under way.
struct fetch_slot {
  std::uint32_t slot = 0;
  node_name from;
};
BOOST_DESCRIBE_STRUCT(fetch_slot, (), (slot, from))
/// `refused` says why not.
struct fetch_reply {
  std::string refused;
};
BOOST_DESCRIBE_STRUCT(fetch_reply, (), (refused))

/// Tell: the fetching did not succeed, and whoever had the slot still has it.
struct fetch_failed {
  std::uint32_t slot = 0;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(fetch_failed, (), (slot, why))

/// Ask, to the node that has the slot: `to` has almost everything of it and can take over. As often as wanted. Refused: it is not here and
/// was not given to `to`, or it does not run.
struct hand_over {
  std::uint32_t slot = 0;
  node_name to;
};
BOOST_DESCRIBE_STRUCT(hand_over, (), (slot, to))
/// `given`: by this move it went to `to`, by the record of who answers.
struct hand_over_reply {
  std::uint32_t slot = 0;
  std::string refused;
  std::optional<std::uint64_t> given;
};
BOOST_DESCRIBE_STRUCT(hand_over_reply, (), (slot, refused, given))

/// Where a slot's stream ended: nothing was or will be written to it here behind `sequence`. `chain`: hexadecimal SHA-256 of that record.
struct end_of_stream {
  std::uint64_t sequence = 0;
  text<64> chain;
  std::uint64_t epoch = 0; // the highest that ever was; whoever goes on must be above
  boot_ns stopped_at{};    // nobody answers for the slot from here on
  friend bool operator==(const end_of_stream&, const end_of_stream&) = default;
};
BOOST_DESCRIBE_STRUCT(end_of_stream, (), (sequence, chain, epoch, stopped_at))

/// Tell, by the keeper to itself: the slot's actor has ended for `to`.
struct slot_ended {
  std::uint32_t slot = 0;
  std::uint64_t ticket = 0; // of the asking that it ended for
  end_of_stream at;
};
BOOST_DESCRIBE_STRUCT(slot_ended, (), (slot, ticket, at))
/// Tell, by the keeper to itself: it did not end as it should, and serves on here.
struct slot_stays {
  std::uint32_t slot = 0;
  std::uint64_t ticket = 0;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(slot_stays, (), (slot, ticket, why))
/// Tell: everything up to the end of the stream is here and durable; or, of a slot that another node has by the same move, what is here is to count.
struct slot_arrived {
  std::uint32_t slot = 0;
  std::uint64_t generation = 0;
};
BOOST_DESCRIBE_STRUCT(slot_arrived, (), (slot, generation))

/// Tell, to whoever gave the slot: by another node's record it went to `to` by this move, and the record of `to` knows nothing of it: it was
/// lost, or restored from before. Nothing happens where the slot was not given by just that move.
struct give_again {
  std::uint32_t slot = 0;
  node_name to;
  std::uint64_t generation = 0;
};
BOOST_DESCRIBE_STRUCT(give_again, (), (slot, to, generation))

/// Effect, to the node that takes over.
struct take_over {
  std::uint32_t slot = 0;
  node_name from;
  std::uint64_t generation = 0;
  end_of_stream at;
  friend bool operator==(const take_over&, const take_over&) = default;
};
BOOST_DESCRIBE_STRUCT(take_over, (), (slot, from, generation, at))

/// Volatile, to every other node: where slots are by the sender's own record.
struct seat_row {
  std::uint32_t slot = 0;
  node_name node;
  std::uint64_t generation = 0;
};
BOOST_DESCRIBE_STRUCT(seat_row, (), (slot, node, generation))
struct seats_told {
  std::vector<seat_row> seats;
  node_name by; // the sender
};
BOOST_DESCRIBE_STRUCT(seats_told, (), (seats, by))

/// Stored records of a slot's stream from a sequence on, as they lie there.
struct stream_page_query {
  std::uint32_t slot = 0;
  std::uint64_t from = 1;
};
BOOST_DESCRIBE_STRUCT(stream_page_query, (), (slot, from))
struct stream_page {
  std::vector<std::string> records; // adjacent; at most about 192 KiB, and at least two unless there are fewer
  bool is_end = false;              // no more was durable
  std::optional<error> failed;
};
BOOST_DESCRIBE_STRUCT(stream_page, (), (records, is_end, failed))

/// Ask: end the node's process, gracefully. Refused: it still has slots, or some are coming.
struct leave_desk {};
BOOST_DESCRIBE_STRUCT(leave_desk, (), ())
struct leave_reply {
  std::string refused;
};
BOOST_DESCRIBE_STRUCT(leave_reply, (), (refused))

// -- events; stored formats -----------------------------------------------------------------------------------------------

struct fetch_begun {
  std::uint32_t slot = 0;
  node_name from;
  principal_id by;
};
BOOST_DESCRIBE_STRUCT(fetch_begun, (), (slot, from, by))
struct fetch_ended {
  std::uint32_t slot = 0;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(fetch_ended, (), (slot, why))
/// From here on the slot is `to`'s, whatever becomes of this node. Given again it is the same move.
struct handed_over {
  std::uint32_t slot = 0;
  node_name from, to;
  std::uint64_t generation = 0;
  end_of_stream at;
};
BOOST_DESCRIBE_STRUCT(handed_over, (), (slot, from, to, generation, at))
struct given {
  take_over what;
};
BOOST_DESCRIBE_STRUCT(given, (), (what))
/// The slot serves here. `pause`: since it stopped there.
struct taken_over {
  std::uint32_t slot = 0;
  node_name from, to;
  std::uint64_t generation = 0;
  std::uint64_t sequence = 0; // of its stream; what was decided up to it was decided elsewhere
  nanoseconds pause{};
  time_ns at{};
};
BOOST_DESCRIBE_STRUCT(taken_over, (), (slot, from, to, generation, sequence, pause, at))

/// The node was asked to end, and does when this is on record. Started again it is a member as before, without slots.
struct left {
  principal_id by;
  time_ns at{};
};
BOOST_DESCRIBE_STRUCT(left, (), (by, at))

// -- what one may see -----------------------------------------------------------------------------------------------------

enum class move_status : std::uint8_t {
  copying,  // from there, while it serves there
  arriving, // it serves nowhere
  done,
  failed,   // it still serves there
  given     // away from here, and nobody has told since that it serves there
};
BOOST_DESCRIBE_ENUM(move_status, copying, arriving, done, failed, given)

/// The newest move of a slot to the node that says so; `given`: from it.
struct move_row {
  std::uint32_t slot = 0;
  node_name from, to;           // `from` is empty when this node does not know it any more
  move_status status = move_status::copying;
  std::uint64_t generation = 0; // 0 while it copies
  nanoseconds pause{};          // when done
  std::string why;              // when failed, given, or lost here and not given again yet
};
BOOST_DESCRIBE_STRUCT(move_row, (), (slot, from, to, status, generation, pause, why))
struct moves_query {};
BOOST_DESCRIBE_STRUCT(moves_query, (), ())
struct moves_view {
  std::vector<move_row> moves; // ascending by slot
};
BOOST_DESCRIBE_STRUCT(moves_view, (), (moves))

} // namespace troupe::placement
