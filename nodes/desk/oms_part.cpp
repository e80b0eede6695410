#include "actors/trading/oms/core.hpp"
#include "actors/trading/venue/simulator_messages.hpp"
#include "nodes/desk/inspector.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/shell.hpp"
#include "runtime/wire/wire.ipp"

using namespace troupe;

TROUPE_WIRE(actor::inbox<venue::command>)
TROUPE_WIRE(actor::inbox<oms::order_update>)
TROUPE_WIRE(actor::published<oms::event>)
TROUPE_CORE_WIRE(oms::core)
TROUPE_PROTOCOL("oms", oms::protocol, actor::published<oms::event>)

namespace troupe::desk {
namespace {

constexpr std::uint32_t renew_tick = 1;
constexpr std::uint32_t reconcile_tick = 2;
constexpr nanoseconds reconcile_again = std::chrono::milliseconds{200};

struct oms_wiring {
  shared_parts* parts;
  std::uint32_t slot;
  std::vector<trading::venue_id> unreconciled; // venues that have not answered yet
  std::uint64_t asked = 0;

  template <class Shell>
  void started(Shell& self) {
    self.view().epoch = self.epoch();
    tick(self, renew_tick);
    if (!unreconciled.empty()) tick(self, reconcile_tick);
  }

  template <class Shell>
  void tick(Shell& self, std::uint32_t id) {
    if (id == renew_tick) {
      const auto now = parts->env.clock->boot();
      const auto& lease = self.view().lease;
      const bool live = lease && lease->expires_at > now;
      risk::lease_request request{slot, self.epoch(), {}, {}, lease ? lease->number : 0, now};
      request.exposure.value = price::from_units(self.core().exposure(self.state(), self.view()).units).value_or(price{INT64_MAX});
      if (now < self.view().wanted_until) request.wanted.value = self.view().wanted;
      self.send_named(risk_name, lane::control, numbered(self), request);
      const auto bit = std::uint64_t{1} << slot;
      if (live) parts->leased.fetch_or(bit, std::memory_order_relaxed);
      else parts->leased.fetch_and(~bit, std::memory_order_relaxed);
      return self.tick_after(renew_tick, live ? parts->renew : parts->renew / 8);
    }
    for (const auto& v : unreconciled) {
      self.send_named(oms::venue_actor(v), lane::order, numbered(self), venue::slot_opened{slot, self.epoch()});
      self.send_named(oms::venue_actor(v), lane::order, numbered(self), venue::open_orders_query{slot, self.epoch()});
    }
    if (!unreconciled.empty()) self.tick_after(reconcile_tick, reconcile_again);
  }

  template <class Shell>
  void released(Shell&, std::uint64_t, const oms::event& e) {
    if (std::holds_alternative<oms::order_accepted>(e) || std::holds_alternative<oms::order_rejected>(e))
      parts->orders.fetch_add(1, std::memory_order_relaxed);
    else if (const auto* x = std::get_if<oms::execution>(&e); x && x->report.type == venue::exec_type::trade)
      parts->fills.fetch_add(1, std::memory_order_relaxed);
  }

  /// An answer counts only when everything the venue had to say before it was folded; else the venue is asked again.
  template <class Shell>
  bool accept(Shell&, const venue::open_orders& answer) {
    if (answer.unacknowledged != 0) return false;
    return std::erase(unreconciled, answer.venue) != 0;
  }

  template <class Shell>
  void before(Shell& self, const oms::new_order& c) { mark(self, c.instrument); }
  template <class Shell>
  void before(Shell& self, const oms::check_query& q) { mark(self, q.request.instrument); }
  template <class Shell>
  void before(Shell& self, const oms::replace_order& c) {
    auto it = self.state().orders.find(c.order);
    if (it != self.state().orders.end()) mark(self, it->second.order.request.instrument);
  }
  template <class Shell>
  void before(Shell& self, const oms::order_command& c) {
    if (const auto* n = std::get_if<oms::new_order>(&c)) before(self, *n);
    if (const auto* r = std::get_if<oms::replace_order>(&c)) before(self, *r);
  }

private:
  template <class Shell>
  context numbered(Shell& self) {
    context c;
    c.cause = {text<23>{self.stream().value.view()}, ++asked};
    c.principal.value = text<32>{self.stream().value.view()};
    c.request = asked;
    return c;
  }
  template <class Shell>
  void mark(Shell& self, const trading::instrument_id& instrument) {
    if (auto q = parts->board->quote(instrument)) self.core().observe(self.view(), *q);
    else self.view().marks.erase(instrument); // a lost book prices nothing
  }
};

/// What was decided before the machine last started, or on another one, waits with instants of a clock that is gone, and may look live for
/// hours. It leaves as too late, so that the venue says not_sent and the client sees it.
void expire(actor::recovered<oms::core>& from, std::uint64_t decided_before) {
  for (auto& [receiver, box] : from.state.outboxes)
    for (auto& p : box.pending) {
      auto* command = std::get_if<venue::command>(&p.effect);
      if (!command || p.sequence > decided_before) continue;
      if (auto* s = std::get_if<venue::submit>(command)) s->valid_until = {};
      if (auto* r = std::get_if<venue::replace>(command)) r->valid_until = {};
    }
}

} // namespace

started start_oms(caf::actor_system& system, shared_parts& parts, std::uint32_t slot,
                  const std::vector<trading::venue_id>& venues, const std::vector<actor_name>& subscribers) {
  const auto bit = std::uint64_t{1} << slot;
  if ((parts.leaving.load() & bit) != 0) return fail(errc::unavailable, trading::slot_name(slot).value.str() + " is leaving this node");
  parts.leased.fetch_and(~bit, std::memory_order_relaxed);
  oms::configuration config;
  config.slot = slot;
  config.instruments = parts.instruments;
  config.order_age_max = parts.order_age_max;
  oms::core core{config};
  auto from = actor::recover(*parts.journal, core, trading::slot_name(slot));
  if (!from) return from.error();
  expire(*from, std::max(parts.boot.decided_before(trading::slot_name(slot)), parts.moved_upto[slot].load()));
  actor::shell_options options;
  options.node = &parts.env;
  options.journal = parts.journal;
  options.subscribers = subscribers;
  options.snapshot_interval = parts.snapshot_interval;
  // A slot that never had an order has nothing to reconcile.
  auto unreconciled = from->head.sequence == 0 ? std::vector<trading::venue_id>{} : venues;
  using shell = actor::shell<oms::core, oms_wiring>;
  return caf::actor_cast<caf::strong_actor_ptr>(
    system.spawn<shell>(std::move(core), std::move(*from), std::move(options), oms_wiring{&parts, slot, std::move(unreconciled)}));
}

result<std::vector<trading::account_id>> accounts_of(const shared_parts& parts, std::uint32_t slot) {
  auto known = actor::read_state<oms::core>(*parts.journal, oms::core{oms::configuration{}}, trading::slot_name(slot), UINT64_MAX, false);
  if (!known) return known.error();
  std::vector<trading::account_id> all;
  for (const auto& [tenant, accounts] : known->state.core.accounts)
    for (const auto& [account, ignored] : accounts) all.push_back(account);
  return all;
}

inspector oms_inspector() {
  return make_inspector<oms::core>([](const actor_name&) { return oms::core{oms::configuration{}}; });
}

} // namespace troupe::desk
