#include "nodes/desk/supervision_part.hpp"

#include "nodes/desk/inspector.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/shell.hpp"
#include "runtime/wire/wire.ipp"

using namespace troupe;

TROUPE_CORE_WIRE(supervision::core)
TROUPE_PROTOCOL("supervision", supervision::protocol)

namespace troupe::desk {

started start_supervision(caf::actor_system& system, shared_parts& parts) {
  auto from = actor::recover(*parts.journal, supervision::core{}, supervision_name);
  if (!from) return from.error();
  actor::shell_options options;
  options.node = &parts.env;
  options.journal = parts.journal;
  options.snapshot_interval = parts.snapshot_interval;
  return caf::actor_cast<caf::strong_actor_ptr>(
    system.spawn<actor::shell<supervision::core>>(supervision::core{}, std::move(*from), std::move(options)));
}

inspector supervision_inspector() {
  return make_inspector<supervision::core>([](const actor_name&) { return supervision::core{}; });
}

result<std::map<actor_name, supervision::child>> supervised_on_record(const journal::journal& j) {
  auto read = actor::read_state<supervision::core>(j, supervision::core{}, supervision_name, UINT64_MAX, false);
  if (!read) return read.error();
  return std::move(read->state.core.children);
}

} // namespace troupe::desk
