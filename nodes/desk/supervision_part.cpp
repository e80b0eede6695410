#include "nodes/desk/supervision_part.hpp"

#include "nodes/desk/inspector.hpp"
#include "nodes/desk/record_part.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/wire/wire.ipp"

using namespace troupe;

TROUPE_CORE_WIRE(supervision::core)
TROUPE_PROTOCOL("supervision", supervision::protocol)

namespace troupe::desk {

started start_supervision(caf::actor_system& system, shared_parts& parts) { return start_record<supervision::core>(system, parts, supervision_name); }

inspector supervision_inspector() {
  return make_inspector<supervision::core>([](const actor_name&) { return supervision::core{}; });
}

result<std::map<actor_name, supervision::child>> supervised_on_record(const journal::journal& j) {
  auto read = actor::read_state<supervision::core>(j, supervision::core{}, supervision_name, UINT64_MAX, false);
  if (!read) return read.error();
  return std::move(read->state.core.children);
}

} // namespace troupe::desk
