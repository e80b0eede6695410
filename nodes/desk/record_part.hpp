#pragma once
// Starts an actor that keeps a record in the journal and does nothing else: its core under the plain shell.

#include "nodes/desk/parts.hpp"
#include "runtime/actor/shell.hpp"

#include <utility>

namespace troupe::desk {

/// Errors: as recovering the stream `name`.
template <class Core>
[[nodiscard]] started start_record(caf::actor_system& system, shared_parts& parts, const actor_name& name) {
  auto from = actor::recover(*parts.journal, Core{}, name);
  if (!from) return from.error();
  actor::shell_options options;
  options.node = &parts.env;
  options.journal = parts.journal;
  options.snapshot_interval = parts.snapshot_interval;
  return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<actor::shell<Core>>(Core{}, std::move(*from), std::move(options)));
}

} // namespace troupe::desk
