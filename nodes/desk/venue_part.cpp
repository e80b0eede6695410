#include "actors/trading/oms/core.hpp"
#include "actors/trading/venue/core.hpp"
#include "actors/trading/venue/fills_page.hpp"
#include "nodes/desk/inspector.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/shell.hpp"
#include "runtime/wire/wire.ipp"

#include <algorithm>

using namespace troupe;

TROUPE_WIRE(actor::inbox<venue::report>)
TROUPE_CORE_WIRE(venue::simulator)
TROUPE_PROTOCOL("venue", venue::protocol)

namespace troupe::desk {
namespace {

constexpr std::uint32_t midnight_tick = 1;
constexpr nanoseconds day_look = std::chrono::seconds{1};

struct venue_wiring {
  shared_parts* parts;
  std::uint64_t days = 0;
  time_ns last_closed_at{}; // the midnight that was told last

  /// A midnight may have passed while nobody was here: the day that ended last is closed before anything else arrives.
  template <class Shell>
  void started(Shell& self) {
    close_day(self);
    wait_for_midnight(self);
  }

  template <class Shell>
  void tick(Shell& self, std::uint32_t) {
    close_day(self);
    wait_for_midnight(self);
  }

  /// The answer says how much of what we had to tell the slot it has not acknowledged.
  template <class Shell>
  void before(Shell& self, const venue::open_orders_query& q) {
    self.view().unacknowledged = self.unacknowledged(trading::slot_name(q.slot % trading::slot_count));
  }

  /// Reads what the slot missed from the stream. Nearly always that is nothing, and nothing is read.
  template <class Shell>
  void before(Shell& self, const venue::fills_since_query& q) {
    venue::fills_page page{q};
    std::optional<error> wrong;
    const auto slot = trading::slot_name(q.slot % trading::slot_count);
    const auto acknowledged = self.acknowledged(slot);
    const auto seen = self.state().slots.find(q.slot);
    const bool knows_orders = seen == self.state().slots.end() || seen->second.highest_number <= q.last_number;
    if (!knows_orders || q.sequence < acknowledged) {
      actor::patience_scope patient{*parts->env.pulses->of(self.stream()), actor::disk_patience};
      auto read = self.store().read(self.stream(), q.sequence + 1, [&](const journal::record_view& record) {
        const auto t = actor::decode_outcome<venue::simulator>(record.header.schema, record.payload);
        if (!t) wrong = t.error();
        return t && page.add(record.header.sequence, t->events);
      });
      if (!read) wrong = read.error();
    }
    if (wrong) {
      self.node().log(self.stream(), {}, "error", "what a slot missed cannot be read: " + to_string(*wrong));
      page = venue::fills_page{q};
    }
    self.view().missed = page.page();
    if (wrong) self.view().missed.more = true; // it waits, and asks again
    self.view().missed.acknowledged = acknowledged;
    self.view().heard = self.folded(slot).epoch;
  }

  /// A newer life may have sent orders before it told its epoch.
  template <class Shell>
  void before(Shell& self, const venue::mass_cancel& c) {
    self.view().heard = self.folded(trading::slot_name(c.slot % trading::slot_count)).epoch;
  }

  /// Repeats do not come this far.
  template <class Shell>
  void before(Shell&, const venue::command& c) {
    if (std::holds_alternative<venue::submit>(c)) parts->venue_submits.fetch_add(1, std::memory_order_relaxed);
    if (std::holds_alternative<venue::cancel>(c)) parts->venue_cancels.fetch_add(1, std::memory_order_relaxed);
  }

private:
  /// Only orders accepted before it expire, so closing a day again changes nothing; as often as it takes for all of them.
  template <class Shell>
  void close_day(Shell& self) {
    const time_ns closed_at = std::chrono::floor<std::chrono::days>(parts->env.clock->now());
    if (closed_at == last_closed_at) return;
    last_closed_at = closed_at;
    context c;
    c.cause = {"timer/midnight", ++days};
    c.principal = principal_id{"timer"};
    std::int64_t left = std::ranges::count_if(self.state().open, [&](const auto& o) { return venue::ends_with_day(o.second, closed_at); });
    do {
      actor::send_to(self, caf::actor_cast<caf::strong_actor_ptr>(&self), lane::order, c, venue::day_closed{closed_at});
      left -= venue::closed_in_a_turn_max;
    } while (left > 0);
  }
  /// Delays pass on a clock that nobody sets: the one that says what day it is may be set meanwhile, so it is asked again and again.
  template <class Shell>
  void wait_for_midnight(Shell& self) {
    const auto now = parts->env.clock->now();
    self.tick_after(midnight_tick, std::min<nanoseconds>(std::chrono::floor<std::chrono::days>(now) + std::chrono::days{1} - now, day_look));
  }
};

} // namespace

started start_venue(caf::actor_system& system, shared_parts& parts, const trading::venue_id& name, std::int32_t maker_fee,
                    std::int32_t taker_fee) {
  venue::simulator_config config;
  config.venue = name;
  config.maker_fee = maker_fee;
  config.taker_fee = taker_fee;
  for (const auto& [id, i] : parts.instruments)
    if (i.venue == name) config.instruments[id] = i;
  if (auto wrong = venue::violations(config); !wrong.empty())
    return error{errc::invalid_argument, "the venue's configuration", std::move(wrong)};
  venue::simulator core{config};
  auto from = actor::recover(*parts.venues, core, oms::venue_actor(name), parts.lost_lives());
  if (!from) return from.error();
  actor::shell_options options;
  options.node = &parts.env;
  options.journal = parts.venues;
  options.snapshot_interval = parts.snapshot_interval;
  options.is_patient = true; // a real venue has a disk of its own: this one's syncs must not hold up the slots'
  using shell = actor::shell<venue::simulator, venue_wiring>;
  return caf::actor_cast<caf::strong_actor_ptr>(
    system.spawn<shell>(std::move(core), std::move(*from), std::move(options), venue_wiring{&parts}));
}

inspector venue_inspector() {
  return make_inspector<venue::simulator>([](const actor_name& name) {
    venue::simulator_config config;
    config.venue.value = text<15>::make(name.value.view().substr(std::min<std::size_t>(6, name.value.view().size()))).value_or(text<15>{});
    return venue::simulator{config};
  });
}

} // namespace troupe::desk
