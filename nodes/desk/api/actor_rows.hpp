#pragma once
// The supervision tree joined with the pulses of its actors. Reads counters only; any thread.

#include "nodes/desk/api/v1_messages.hpp"

#include <vector>

namespace troupe::desk {

class desk;
class mesh;

/// Of this node, ordered by name, which is the one they have here.
[[nodiscard]] std::vector<v1::actor_row> actor_rows(const desk& node);
[[nodiscard]] std::vector<v1::feed_row> feed_rows(const desk& node);
/// It is not running and does not come back by itself: its supervisor gave it up, or its handler does not return.
[[nodiscard]] bool is_given_up(const v1::actor_row& row) noexcept;
/// The same rows as the whole desk knows them: with their node, and with names that no other node has.
void show_for_all(const mesh& nodes, const node_name& of, std::vector<v1::actor_row>& rows);

} // namespace troupe::desk
