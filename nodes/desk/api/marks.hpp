#pragma once
// From the board's ticker to the mark that clients see, on request and on the stream. Pure; any thread.

#include "nodes/desk/api/v1_messages.hpp"
#include "nodes/desk/mark_board.hpp"

namespace troupe::desk {

[[nodiscard]] v1::mark mark_of(const ticker& t);

} // namespace troupe::desk
