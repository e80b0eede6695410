#pragma once
// Who has which slot, as far as this node had part in it: given away durably before anybody takes it, taken durably before it serves.
// So one node at most ever serves a slot, whoever dies when. Pure; owned by the shell that hosts it, used on its thread only.

#include "actors/platform/placement/interface.hpp"

#include <map>
#include <optional>

namespace troupe::placement {

[[nodiscard]] actor_name keeper_of(const node_name& node);

struct seat {
  node_name node;
  std::uint64_t generation = 0;
};
BOOST_DESCRIBE_STRUCT(seat, (), (node, generation))

struct state {
  std::map<std::uint32_t, seat> seats;             // slots that came or went here
  std::map<std::uint32_t, node_name> fetching;     // from whom
  std::map<std::uint32_t, take_over> arriving;     // given to us, not yet serving
  std::map<std::uint32_t, taken_over> taken;       // ours by a move: the newest
  std::map<std::uint32_t, move_row> failed;        // the newest move, when it failed
};
BOOST_DESCRIBE_STRUCT(state, (), (seats, fetching, arriving, taken, failed))
struct inputs {};
BOOST_DESCRIBE_STRUCT(inputs, (), ())

struct configuration {
  node_name self;
  std::vector<node_name> declared; // by slot
};

class core {
public:
  using state = placement::state;
  struct departure {
    node_name to;
    std::uint64_t ticket = 0;
  };
  struct view {
    std::map<std::uint32_t, departure> leaving; // their actor is ending here
    std::map<std::uint32_t, std::string> stays; // why it did not; told once
    std::map<std::uint32_t, seat> told;         // the newest that other nodes' records tell of
    std::map<std::uint32_t, seat> claimed;      // what other nodes have by their own records
    std::map<std::uint32_t, end_of_stream> ends; // where streams end that are to be given again or claimed, while that is decided
  };
  using event = std::variant<fetch_begun, fetch_ended, handed_over, given, taken_over, left>;
  using inputs = placement::inputs;
  using effect = std::variant<take_over>;
  using protocol = placement::protocol;
  using output = actor::turn_output<event, inputs>;
  static constexpr const char* stored_as = "placement";
  static constexpr std::uint32_t stored_version = 1;

  explicit core(configuration c = {}) : config_{std::move(c)} {}

  fetch_reply decide(const state&, view&, const fetch_slot&, const actor::turn_context&, output&) const;
  void decide(const state&, view&, const fetch_failed&, const actor::turn_context&, output&) const;
  hand_over_reply decide(const state&, view&, const hand_over&, const actor::turn_context&, output&) const;
  void decide(const state&, view&, const slot_ended&, const actor::turn_context&, output&) const;
  void decide(const state&, view&, const slot_stays&, const actor::turn_context&, output&) const;
  void decide(const state&, view&, const take_over&, const actor::turn_context&, output&) const;
  void decide(const state&, view&, const slot_arrived&, const actor::turn_context&, output&) const;
  leave_reply decide(const state&, view&, const leave_desk&, const actor::turn_context&, output&) const;
  void decide(const state&, view&, const give_again&, const actor::turn_context&, output&) const;
  void observe(view&, const seats_told&) const; // its wiring tells the mesh
  moves_view answer(const state&, const view&, const moves_query&) const;

  void evolve(state&, const event&, actor::archive&) const;
  template <class Emit>
  void react(const state&, const event& e, Emit&& emit) const {
    if (const auto* h = std::get_if<handed_over>(&e)) emit(keeper_of(h->to), take_over{h->slot, h->from, h->generation, h->at});
  }

  /// Where the slot is as far as this node knows by its own record.
  [[nodiscard]] seat seat_of(const state&, std::uint32_t slot) const;
  /// This node has it, and has not given it away.
  [[nodiscard]] bool has(const state& s, std::uint32_t slot) const { return seat_of(s, slot).node == config_.self; }
  /// The slots that are this node's by another's record, of which its own knows nothing: it was lost, or is older than the move. Nobody serves them.
  [[nodiscard]] std::vector<give_again> missing(const state&, const view&) const;
  /// Where another record says that a slot is that is on its way here by the same move or an earlier one; nullptr: none says so. A record was lost, and nothing of it arrives any more.
  [[nodiscard]] const seat* passed_by(const state&, const view&, std::uint32_t slot) const;
  /// The other node that has the slot by its own record, and by the very move by which it is here; nullptr: none. Whoever gave it did so twice, and had lost its
  /// record in between. Both may have served since, and neither is above the other.
  [[nodiscard]] const seat* contested(const state&, const view&, std::uint32_t slot) const;
  /// This node gave the slot by just that move, and nobody tells of a later one.
  [[nodiscard]] bool gave(const state&, const view&, const give_again&) const;

private:
  /// Where the slot is as far as any record tells that this node knows of.
  [[nodiscard]] seat newest(const state&, const view&, std::uint32_t slot) const;
  /// As `has`, unless another record tells of a later move away.
  [[nodiscard]] bool still_has(const state& s, const view& v, std::uint32_t slot) const { return has(s, slot) && newest(s, v, slot).node == config_.self; }

  configuration config_;
};

} // namespace troupe::placement
