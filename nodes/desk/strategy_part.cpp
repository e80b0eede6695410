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
namespace {

constexpr std::uint32_t withdraw_tick = 1;
/// Between two looks at whether all that is open elsewhere is withdrawn.
constexpr nanoseconds withdraw_again = std::chrono::seconds{1};

struct strategy_wiring {
  std::uint64_t looks = 0;

  /// Whoever gave it another instrument or account is told what it has left where it was.
  template <class Shell>
  void started(Shell& self) {
    const auto& here = self.core().here();
    for (const auto& h : strategy::left_elsewhere(self.state(), here))
      self.node().log(self.stream(), {}, "warn",
                      "it trades " + here.instrument.value.str() + " for account " + here.account.value.str() + " now; in " + h.instrument.value.str() +
                        " for account " + h.account.value.str() + " it still holds " + h.position.str() + ", with which it does nothing, and withdraws " +
                        std::to_string(h.orders.size()) + " open orders");
    tick(self, withdraw_tick);
  }

  /// Until none is open there: a venue may refuse a cancel.
  template <class Shell>
  void tick(Shell& self, std::uint32_t) {
    if (!strategy::has_orders_elsewhere(self.state(), self.core().here())) return;
    context c;
    c.cause = {"timer/withdraw", ++looks};
    c.principal = principal_id{"timer"};
    actor::send_to(self, caf::actor_cast<caf::strong_actor_ptr>(&self), lane::order, c, strategy::withdraw_elsewhere{});
    self.tick_after(withdraw_tick, withdraw_again);
  }
};

/// To fold a stream with, which does not depend on the configuration; the kind must exist.
strategy::host any_host(const trading::strategy_id& name) {
  strategy::strategy_config any;
  any.name = name;
  any.kind = "quoter";
  any.account = trading::account_id{"any"};
  any.instrument = {trading::instrument_id{"ANY.SIM"}, trading::venue_id{"SIM"}, price{1}, quantity{1}, currency{"USDT"}};
  any.parameters = {{"size", "1"}, {"position_max", "1"}};
  return strategy::host{any};
}

} // namespace

started start_strategy(caf::actor_system& system, shared_parts& parts, const strategy::strategy_config& config) {
  strategy::host core{config};
  const auto name = trading::strategy_actor(config.name);
  auto from = actor::recover(*parts.journal, core, name, parts.lost_lives());
  if (!from) return from.error();
  actor::shell_options options;
  options.node = &parts.env;
  options.journal = parts.journal;
  options.snapshot_interval = parts.snapshot_interval;
  using shell = actor::shell<strategy::host, strategy_wiring>;
  return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<shell>(std::move(core), std::move(*from), std::move(options), strategy_wiring{}));
}

inspector strategy_inspector() {
  return make_inspector<strategy::host>([](const actor_name& name) { return any_host(trading::strategy_called(name.value.view()).value_or(trading::strategy_id{})); });
}

result<std::map<actor_name, std::vector<strategy::holding>>> held_by_unconfigured(const journal::journal& orders, const std::set<trading::strategy_id>& configured) {
  std::map<actor_name, std::vector<strategy::holding>> all;
  const auto heads = orders.heads();
  if (!heads) return heads.error();
  for (const auto& h : *heads) {
    const auto who = trading::strategy_called(h.stream.value.view());
    if (!who || configured.contains(*who)) continue;
    auto known = actor::read_state<strategy::host>(orders, any_host(*who), h.stream, UINT64_MAX, false);
    if (!known) return known.error();
    all[h.stream] = std::move(known->state.core.holdings);
  }
  return all;
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
