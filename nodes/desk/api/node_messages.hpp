#pragma once
// What one may ask the "node" actor of any node: what runs there and how it is, and what operators may do to it.

#include "nodes/desk/api/v1_messages.hpp"
#include "runtime/core/error.hpp"

#include <boost/describe.hpp>

#include <optional>
#include <vector>

namespace troupe::desk {

struct node_query {};
BOOST_DESCRIBE_STRUCT(node_query, (), ())
struct node_state {
  std::optional<std::string> not_ready;
  std::vector<node_name> cannot_reach; // nodes it has no link with
  std::vector<v1::actor_row> actors;
  std::vector<v1::feed_row> feeds; // that run there
  std::vector<v1::log_level_row> log_levels;
};
BOOST_DESCRIBE_STRUCT(node_state, (), (not_ready, cannot_reach, actors, feeds, log_levels))

/// Starts a child again that its supervisor gave up. Errors: not_found, unsupported, conflict.
struct restart_command {
  actor_name name;
};
BOOST_DESCRIBE_STRUCT(restart_command, (), (name))
/// Errors: not_found (nobody logs under such a name), invalid_argument.
struct log_level_command {
  text<48> pattern;
  text<8> level;
};
BOOST_DESCRIBE_STRUCT(log_level_command, (), (pattern, level))
struct commanded {
  bool is_done = false;
  std::optional<error> failed; // then nothing was changed
};
BOOST_DESCRIBE_STRUCT(commanded, (), (is_done, failed))

} // namespace troupe::desk
