#include "actors/trading/strategy/core.hpp"
#include "nodes/desk/inspector.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/shell.hpp"
#include "runtime/wire/wire.ipp"

using namespace troupe;

TROUPE_WIRE(actor::inbox<oms::order_command>)
TROUPE_CORE_WIRE(strategy::host)
TROUPE_PROTOCOL("strategy", strategy::protocol)

namespace troupe::desk {

started start_strategy(caf::actor_system& system, shared_parts& parts, const strategy::strategy_config& config) {
  strategy::host core{config};
  const actor_name name{"strategy/" + config.name.value.str()};
  auto from = actor::recover(*parts.journal, core, name, parts.lost_lives());
  if (!from) return from.error();
  actor::shell_options options;
  options.node = &parts.env;
  options.journal = parts.journal;
  options.snapshot_interval = parts.snapshot_interval;
  using shell = actor::shell<strategy::host>;
  return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<shell>(std::move(core), std::move(*from), std::move(options)));
}

inspector strategy_inspector() {
  return make_inspector<strategy::host>([](const actor_name& name) {
    strategy::strategy_config any; // evolve does not depend on it; the kind must exist
    any.name.value = text<23>::make(name.value.view().substr(std::min<std::size_t>(9, name.value.view().size()))).value_or(text<23>{});
    any.kind = "quoter";
    any.account = trading::account_id{"any"};
    any.instrument = {trading::instrument_id{"ANY.SIM"}, trading::venue_id{"SIM"}, price{1}, quantity{1}, currency{"USDT"}};
    any.parameters = {{"size", "1"}, {"position_max", "1"}};
    return strategy::host{any};
  });
}

result<inspector> inspector_of(const actor_name& name) {
  const auto kind = name.value.view().substr(0, name.value.view().find('/'));
  if (kind == "oms") return oms_inspector();
  if (kind == "risk") return risk_inspector();
  if (kind == "venue") return venue_inspector();
  if (kind == "strategy") return strategy_inspector();
  if (kind == "operations") return operations_inspector();
  if (kind == "supervision") return supervision_inspector();
  if (kind == "placement") return placement_inspector();
  if (kind == "feed") return feed_inspector();
  return fail(errc::not_found, "\"" + name.value.str() + "\" has no history; actors with one are oms/0..63, risk, venue/*, strategy/*, operations, supervision, placement/*, feed/*");
}

} // namespace troupe::desk
