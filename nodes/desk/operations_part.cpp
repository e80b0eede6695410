#include "actors/platform/operations/core.hpp"
#include "nodes/desk/inspector.hpp"
#include "nodes/desk/record_part.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/wire/wire.ipp"

using namespace troupe;

TROUPE_CORE_WIRE(operations::core)
TROUPE_PROTOCOL("operations", operations::protocol)

namespace troupe::desk {

started start_operations(caf::actor_system& system, shared_parts& parts) { return start_record<operations::core>(system, parts, operations_name); }

inspector operations_inspector() {
  return make_inspector<operations::core>([](const actor_name&) { return operations::core{}; });
}

} // namespace troupe::desk
