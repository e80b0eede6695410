#pragma once
// The desk's nodes as HTTP shows them. Values; any thread.

#include "actors/platform/placement/messages.hpp"
#include "nodes/desk/api/v1_messages.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk::v1 {

/// As the answering node sees it. self: the answering node. connecting: nobody answers there. refused: build, layouts or
/// configuration differ. suspect: not heard for a moment.
enum class member_status : std::uint8_t { self, up, suspect, connecting, refused };
BOOST_DESCRIBE_ENUM(member_status, self, up, suspect, connecting, refused)

struct member_row {
  node_name name;
  std::string address; // "10.77.0.1:7410"; empty on a desk of one node
  member_status status = member_status::connecting;
  std::vector<std::string> runs;          // as configured
  std::uint64_t actors = 0;               // that have their place there
  std::optional<std::string> problem;     // of the last attempt that failed
  std::optional<std::string> not_ready;   // what it says it lacks, or that it does not say; absent when it is ready or away
  std::vector<node_name> cannot_reach;    // as it says itself
  std::uint64_t sessions = 0;             // since the answering node started
  std::optional<std::uint64_t> silent_ms; // since it was heard last, while up
  std::optional<std::uint64_t> round_trip_us;
};
BOOST_DESCRIBE_STRUCT(member_row, (), (name, address, status, runs, actors, problem, not_ready, cannot_reach, sessions, silent_ms, round_trip_us))
/// Ascending by name.
struct members_page {
  std::vector<member_row> members;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(members_page, (), (members, next))

struct placement_params {
  std::optional<node_name> node; // only what runs there
  std::optional<page_cursor> cursor;
  std::optional<page_size> limit;
};
BOOST_DESCRIBE_STRUCT(placement_params, (), (node, cursor, limit))
struct place_row {
  actor_name name;
  node_name node;
  bool is_up = false; // the node, as the answering one sees it
};
BOOST_DESCRIBE_STRUCT(place_row, (), (name, node, is_up))
/// Ascending by name.
struct placement_page {
  std::vector<place_row> placement;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(placement_page, (), (placement, next))

struct move_request {
  bounded<std::uint32_t, 0, trading::slot_count - 1> slot;
  node_name node; // where it shall be
};
BOOST_DESCRIBE_STRUCT(move_request, (), (slot, node))
struct move_reply {
  std::uint32_t slot = 0;
  node_name from, to;
};
BOOST_DESCRIBE_STRUCT(move_reply, (), (slot, from, to))
/// The newest move of a slot to a node.
struct move_row {
  std::uint32_t slot = 0;
  node_name from, to;
  placement::move_status status = placement::move_status::copying;
  std::uint64_t generation = 0;          // how often the slot has moved, with this move; 0 while it copies
  std::optional<std::uint64_t> pause_us; // when done: between the last answer there and the first here
  std::optional<std::string> why;        // when failed, given, or lost and not given again yet
};
BOOST_DESCRIBE_STRUCT(move_row, (), (slot, from, to, status, generation, pause_us, why))
/// Ascending by slot.
struct moves_list {
  std::vector<move_row> moves;
  std::optional<std::string> next;
  std::optional<std::vector<node_name>> missing;
};
BOOST_DESCRIBE_STRUCT(moves_list, (), (moves, next, missing))

struct leave_request {
  node_name node;
};
BOOST_DESCRIBE_STRUCT(leave_request, (), (node))

/// The shape that Akka's management answers at /cluster/members, for tools that watch such clusters.
struct akka_member {
  std::string node;    // "troupe://desk@10.77.0.1:7410"
  std::string nodeUid; // of the node's life, the same from every node; "0": it was not met yet
  std::string status;  // "Up", "Joining"
  std::vector<std::string> roles;
};
BOOST_DESCRIBE_STRUCT(akka_member, (), (node, nodeUid, status, roles))
struct akka_unreachable {
  std::string node;
  std::vector<std::string> observedBy;
};
BOOST_DESCRIBE_STRUCT(akka_unreachable, (), (node, observedBy))
struct akka_members {
  std::string selfNode;
  std::vector<akka_member> members;
  std::vector<akka_unreachable> unreachable;
  std::optional<std::string> leader; // the one with the smallest name, which decides nothing here
  std::optional<std::string> oldest;
};
BOOST_DESCRIBE_STRUCT(akka_members, (), (selfNode, members, unreachable, leader, oldest))

} // namespace troupe::desk::v1
