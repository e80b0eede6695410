#include "actors/platform/operations/core.hpp"
#include "nodes/desk/inspector.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/shell.hpp"
#include "runtime/wire/wire.ipp"

using namespace troupe;

TROUPE_CORE_WIRE(operations::core)
TROUPE_PROTOCOL("operations", operations::protocol)

namespace troupe::desk {

started start_operations(caf::actor_system& system, shared_parts& parts) {
  auto from = actor::recover(*parts.journal, operations::core{}, operations_name);
  if (!from) return from.error();
  actor::shell_options options;
  options.node = &parts.env;
  options.journal = parts.journal;
  options.snapshot_interval = parts.snapshot_interval;
  return caf::actor_cast<caf::strong_actor_ptr>(
    system.spawn<actor::shell<operations::core>>(operations::core{}, std::move(*from), std::move(options)));
}

inspector operations_inspector() {
  return make_inspector<operations::core>([](const actor_name&) { return operations::core{}; });
}

} // namespace troupe::desk
