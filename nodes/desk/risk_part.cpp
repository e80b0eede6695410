#include "actors/trading/risk/core.hpp"
#include "nodes/desk/inspector.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/shell.hpp"
#include "runtime/actor/spawn_blocking.hpp"
#include "runtime/wire/wire.ipp"

using namespace troupe;

TROUPE_WIRE(actor::inbox<std::monostate>)
TROUPE_CORE_WIRE(risk::core)
TROUPE_PROTOCOL("risk", risk::protocol)

namespace troupe::desk {
namespace {

struct risk_wiring {
  shared_parts* parts;
  boot_ns forgotten_until{};

  template <class Shell>
  void started(Shell& self) { self.view().forgotten_until = forgotten_until; }

  /// What changed must reach every slot now, not at its next renewal: a halt is effective within 100 ms.
  template <class Shell>
  void released(Shell& self, std::uint64_t, const risk::core::event&) {
    if (!self.is_durable()) return; // a later turn is under way: it pushes when it is durable, and nothing goes out early
    const auto now = parts->env.clock->boot();
    std::vector<risk::lease_request> requests;
    for (const auto& [slot, leases] : self.view().slots) {
      price held; // while forgotten leases are collected, a push must not take back what the slot has
      for (const auto& l : leases.leases)
        if (l.expires_at > now) held = std::max(held, l.budget);
      requests.push_back({slot, leases.epoch, {leases.exposure}, {held}, now + leases.clock_ahead});
    }
    for (const auto& r : requests)
      self.send_named(trading::slot_name(r.slot), lane::control, std::uint64_t{0},
                      self.core().grant(self.state(), self.view(), r, now));
  }
};

} // namespace

started start_risk(caf::actor_system& system, shared_parts& parts, const risk::configuration& config, bool is_first) {
  risk::core core{config};
  auto from = actor::recover(*parts.journal, core, risk_name);
  if (!from) return from.error();
  actor::shell_options options;
  options.node = &parts.env;
  options.journal = parts.journal;
  options.snapshot_interval = parts.snapshot_interval;
  const auto forgotten = is_first ? boot_ns{} : parts.env.clock->boot() + config.lease_duration;
  using shell = actor::shell<risk::core, risk_wiring>;
  return actor::spawn_blocking<shell>(system, parts.env, std::move(core), std::move(*from), std::move(options),
                                      risk_wiring{&parts, forgotten});
}

inspector risk_inspector() {
  return make_inspector<risk::core>([](const actor_name&) { return risk::core{risk::configuration{}}; });
}

} // namespace troupe::desk
