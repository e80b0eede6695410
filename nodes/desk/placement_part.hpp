#pragma once
// The keeper of placement as an actor of this node: what is on its record becomes where names lead, and which slots run here.

#include "nodes/desk/mesh.hpp"
#include "nodes/desk/parts.hpp"

#include <functional>

namespace troupe::desk {

/// How slots come and go on this node, and it itself. Any thread.
struct slot_doors {
  /// Keeps the slot's actor alive from now on; nothing when it is there.
  std::function<void(std::uint32_t slot)> open;
  /// Ends it. `gone` is called once, on any thread; `is_clean`: everything it decided is durable and nobody writes its stream any more.
  std::function<void(std::uint32_t slot, std::function<void(bool is_clean)> gone)> close;
  /// The process shall end as if it had been sent SIGTERM.
  std::function<void()> leave;
};

[[nodiscard]] started start_placement(caf::actor_system&, shared_parts&, mesh&, slot_doors);
/// Puts what this node has on record into the mesh and the parts; before anything starts. Errors: as reading the stream.
[[nodiscard]] result<void> apply_moves(shared_parts&, mesh&);

} // namespace troupe::desk
