#pragma once
// What people do to the node beside trading happens only when it is on record with who did it. On the edge's thread.

#include "actors/platform/operations/messages.hpp"
#include "nodes/desk/api/api.hpp"

#include <functional>

namespace troupe::desk {

/// Asks for the record of the node `on`, then calls `act`, which answers the request; answers it itself when nothing could be recorded.
void on_record(const api& a, const edge::responder& reply, const principal_id& who, const node_name& on, const operations::operation& what,
               std::function<void()> act);

} // namespace troupe::desk
