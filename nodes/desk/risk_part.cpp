#include "actors/trading/risk/core.hpp"
#include "nodes/desk/inspector.hpp"
#include "nodes/desk/parts.hpp"
#include "nodes/desk/unconfigured.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/shell.hpp"
#include "runtime/actor/spawn_blocking.hpp"
#include "runtime/wire/wire.ipp"

#include <utility>

using namespace troupe;

TROUPE_WIRE(actor::inbox<std::monostate>)
TROUPE_CORE_WIRE(risk::core)
TROUPE_PROTOCOL("risk", risk::protocol)

namespace troupe::desk {
namespace {

constexpr std::uint32_t push_tick = 1;
/// Between two rounds of leases, however much changes: a flood of halts does not become 64 leases for each.
constexpr nanoseconds push_pause = std::chrono::milliseconds{5};

struct risk_wiring {
  shared_parts* parts;
  boot_ns pushed_at{};
  bool is_push_due = false;

  /// Whoever has configured a strategy again must hear that nothing comes of it yet.
  template <class Shell>
  void started(Shell& self) {
    self.view().last_number = self.epoch() << 40;
    self.view().limits_unchanged_since = self.state().version;
    for (const auto& h : self.state().halts)
      if (const auto told = told_of_halt(h, parts->configured_strategies)) self.node().log(self.stream(), {}, "warn", *told);
  }

  /// What changed must reach every slot now, not at its next renewal: a halt is effective within 100 ms. A turn behind it may be under way;
  /// then the leases wait for the disk as its answer does.
  template <class Shell>
  void released(Shell& self, std::uint64_t, const risk::core::event& e) {
    if (std::holds_alternative<risk::budget_set>(e)) return;
    if (parts->env.clock->boot() - pushed_at >= push_pause) return push(self);
    if (!std::exchange(is_push_due, true)) self.tick_after(push_tick, push_pause);
  }
  template <class Shell>
  void tick(Shell& self, std::uint32_t) {
    if (is_push_due) push(self);
  }

private:
  template <class Shell>
  void push(Shell& self) {
    const auto now = parts->env.clock->boot();
    pushed_at = now;
    is_push_due = false;
    for (const auto& [slot, seen] : self.view().slots)
      self.send_named_when_durable(trading::slot_name(slot), lane::control, std::uint64_t{0},
                                   self.core().renewed(self.state(), self.view(), slot, now + seen.clock_ahead));
  }
};

} // namespace

started start_risk(caf::actor_system& system, shared_parts& parts, const risk::configuration& config) {
  risk::core core{config};
  auto from = actor::recover(*parts.journal, core, risk_name, parts.lost_lives());
  if (!from) return from.error();
  actor::shell_options options;
  options.node = &parts.env;
  options.journal = parts.journal;
  options.snapshot_interval = parts.snapshot_interval;
  using shell = actor::shell<risk::core, risk_wiring>;
  return actor::spawn_blocking<shell>(system, parts.env, std::move(core), std::move(*from), std::move(options),
                                      risk_wiring{&parts});
}

inspector risk_inspector() {
  return make_inspector<risk::core>([](const actor_name&) { return risk::core{risk::configuration{}}; });
}

} // namespace troupe::desk
