#include "runtime/core/printable.hpp"
#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/verdict_tellers.hpp"

#include "actors/trading/oms/core.hpp"
#include "actors/trading/venue/messages.hpp"
#include "nodes/desk/mesh.hpp"
#include "runtime/actor/messages.hpp"
#include "runtime/actor/send.hpp"

#include <caf/all.hpp>

#include <functional>

namespace troupe::desk {
namespace {
struct verdict_due {};
} // namespace
} // namespace troupe::desk
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::verdict_due)

namespace troupe::desk {
namespace {

/// `is_void` is asked before each attempt; `is_heard` says whether an answer ends it, and after any other the next attempt follows at once.
template <class Reply, class Command>
caf::behavior tell_until(caf::event_based_actor* self, const actor::environment* env, const actor_name& to, lane l, const principal_id& by, const cause_id& cause,
                         const Command& command, std::function<bool()> is_void, std::function<bool(const Reply&)> is_heard) {
  const auto number = std::make_shared<std::uint64_t>(0);
  const auto tell = [=] {
    if (is_void()) return self->quit();
    context c;
    c.cause = cause;
    c.principal = by;
    c.request = ++*number;
    actor::send_to(*self, env->names->ref(to), l, c, command);
  };
  const auto attempt = [=] {
    tell();
    self->delayed_send(self, tell_again, verdict_due{});
  };
  attempt();
  return {[attempt](verdict_due) { attempt(); },
          [](const actor::unanswered&) {},
          [=](std::uint64_t answered, const Reply& said) {
            if (is_heard(said)) self->quit();
            else if (answered == *number) tell();
          }};
}

} // namespace

std::shared_ptr<std::atomic<bool>> verdict_tellers::halt(const risk::halt_command& command, const cause_id& cause, const principal_id& by) const {
  auto on_record = std::make_shared<std::atomic<bool>>(false);
  system.spawn(tell_until<risk::risk_reply, risk::halt_command>, &parts.env, risk_name, lane::control, by, cause, command,
               std::function{[ends = &stopping] { return ends->load(); }},
               std::function{[on_record](const risk::risk_reply&) { return on_record->store(true), true; }});
  return on_record;
}

/// In the lane of orders: behind what the slot had sent.
void verdict_tellers::withdraw(const trading::venue_id& venue, std::uint32_t slot, const cause_id& cause, const std::string& reason) const {
  const auto given_up = parts.epochs[slot].load();
  const venue::mass_cancel command{slot, given_up, printable<63>("slot given up: " + reason)};
  system.spawn(tell_until<venue::mass_cancel_report, venue::mass_cancel>, &parts.env, oms::venue_actor(venue), lane::order, supervisor_principal, cause, command,
               std::function{[ends = &stopping, all = &parts, slot, given_up] {
                 return ends->load() || all->epochs[slot].load() != given_up || !all->nodes->runs_here(trading::slot_name(slot));
               }},
               std::function{[](const venue::mass_cancel_report& r) { return r.left == 0; }});
}

} // namespace troupe::desk
