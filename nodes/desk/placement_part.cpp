#include "nodes/desk/placement_part.hpp"

#include "actors/platform/placement/core.hpp"
#include "nodes/desk/inspector.hpp"
#include "nodes/desk/slot_mover.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/shell.hpp"
#include "runtime/wire/wire.ipp"

#include <algorithm>
#include <utility>

using namespace troupe;

TROUPE_WIRE(actor::inbox<placement::take_over>)
TROUPE_CORE_WIRE(placement::core)
TROUPE_PROTOCOL("placement", placement::protocol)

namespace troupe::desk {
namespace {

constexpr std::uint32_t look_tick = 1;
constexpr nanoseconds moves_look_interval = std::chrono::milliseconds{50};
constexpr int looks_per_order = 20; // what is lasting is said again so often: others may have been restarted
constexpr nanoseconds missing_max = std::chrono::seconds{5}; // longer than a slot that was given is on its way to the keeper that gets it

placement::configuration configuration_of(const mesh& nodes) {
  placement::configuration c;
  c.self = nodes.self();
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) c.declared.push_back(nodes.declared(slot));
  return c;
}

std::uint64_t bit_of(std::uint32_t slot) { return std::uint64_t{1} << slot; }

/// Sends a keeper what it needs to know, from whatever thread.
template <class C>
void tell_keeper(const shared_parts& parts, const actor_name& keeper, const C& what) {
  troupe::context c;
  c.cause = {"placement", what.ticket};
  c.principal = principal_id{"placement"};
  parts.env.names->ref(keeper)->enqueue(nullptr, caf::make_message_id(), caf::make_message(c, what), nullptr);
}

/// Where the slot's stream stands, which nobody here writes.
result<placement::end_of_stream> end_of(const shared_parts& parts, std::uint32_t slot, boot_ns stopped_at) {
  auto heads = parts.journal->heads();
  if (!heads) return heads.error();
  placement::end_of_stream at;
  at.stopped_at = stopped_at;
  at.chain = text<64>{to_hex(sha256_digest{})};
  for (const auto& h : *heads)
    if (h.stream == trading::slot_name(slot)) at = {h.sequence, text<64>{to_hex(h.chain)}, h.epoch, stopped_at};
  return at;
}

/// When the slot's actor has ended: where its stream stands, or that it stays.
void tell_end(const shared_parts& parts, const actor_name& keeper, std::uint32_t slot, std::uint64_t ticket, boot_ns stopped_at, bool is_clean) {
  if (!is_clean)
    return tell_keeper(parts, keeper, placement::slot_stays{slot, ticket, trading::slot_name(slot).value.str() + " does not run as it should"});
  const auto at = end_of(parts, slot, stopped_at);
  if (!at) return tell_keeper(parts, keeper, placement::slot_stays{slot, ticket, to_string(at.error())});
  tell_keeper(parts, keeper, placement::slot_ended{slot, ticket, *at});
}

struct placement_wiring {
  shared_parts* parts;
  mesh* nodes;
  slot_doors doors;
  std::map<node_name, std::uint64_t> told{}; // the session in which it was told all
  int looks = 0;
  struct missed {
    std::uint64_t generation = 0;
    boot_ns since{}; // or since it was asked for last
    bool is_logged = false;
  };
  std::map<std::uint32_t, missed> missing{};

  template <class Shell>
  void started(Shell& self) {
    // What is on record may have been told nobody: the keeper before ended in between.
    for (const auto& [slot, seat] : self.state().seats) nodes->move(slot, seat.node, seat.generation);
    for (const auto& [slot, t] : self.state().taken) parts->moved_upto[slot] = t.sequence;
    for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot)
      if (is_ours(self, slot) && (parts->leaving.load() & bit_of(slot)) != 0) serve(slot); // nobody remembers why it was to leave
    for (const auto& [slot, t] : self.state().taken)
      if (is_ours(self, slot)) serve(slot);
    tick(self, look_tick);
  }

  template <class Shell>
  void tick(Shell& self, std::uint32_t) {
    if (self.is_durable()) look(self); // nothing leaves that a crash could take back
    self.tick_after(look_tick, moves_look_interval);
  }

  template <class Shell>
  void look(Shell& self) {
    for (const auto& node : nodes->others()) {
      const auto session = nodes->sessions_of(node);
      if (nodes->is_up(node) && told[node] != session) {
        tell_seats(self, node);
        told[node] = session;
      }
    }
    for (const auto& [slot, seat] : self.state().seats)
      if (const auto* other = self.core().contested(self.state(), self.view(), slot)) stand_back(self, slot, *other);
    if (looks++ % looks_per_order == 0) {
      for (const auto& [slot, what] : self.state().arriving) { // they serve nowhere
        if (const auto* elsewhere = self.core().passed_by(self.state(), self.view(), slot)) give_up(self, what, *elsewhere);
        else order(self, finish_order{what});
      }
      for (const auto& [slot, from] : self.state().fetching) order(self, fetch_order{slot, from});
      tell_all(self); // somebody's keeper may have been away
      ask_for_missing(self);
      if (looks > 3 * looks_per_order) go_on_alone(self); // in this life of the keeper all that are up have said what they have
    }
  }

  template <class Shell>
  void before(Shell& self, const placement::hand_over& c) {
    auto& v = self.view();
    if (c.slot >= trading::slot_count || !self.core().has(self.state(), c.slot) || v.leaving.contains(c.slot) || v.stays.contains(c.slot)) return;
    if (auto why = why_it_stays(c.slot); !why.empty()) {
      v.stays[c.slot] = std::move(why);
      return;
    }
    const auto ticket = parts->departures.fetch_add(1) + 1;
    v.leaving[c.slot] = {c.to, ticket};
    const auto at = parts->env.clock->boot();
    doors.close(c.slot, [parts = parts, keeper = self.stream(), slot = c.slot, ticket, at](bool is_clean) {
      tell_end(*parts, keeper, slot, ticket, at, is_clean);
    });
  }
  template <class Shell>
  void before(Shell& self, const placement::slot_stays& c) {
    const auto leaving = self.view().leaving.find(c.slot);
    const bool is_asked_anew = leaving != self.view().leaving.end() && leaving->second.ticket != c.ticket;
    if (!is_asked_anew && is_ours(self, c.slot)) serve(c.slot); // also what another life of this keeper had asked for
  }
  /// What is here only our own record says. What our record says is here and a later move took elsewhere, it has forgotten: a folder that
  /// was lost, or restored from before the move.
  template <class Shell>
  void before(Shell& self, const placement::seats_told& m) {
    for (const auto& s : m.seats) {
      if (s.node == nodes->self() || s.slot >= trading::slot_count) continue;
      const auto name = trading::slot_name(s.slot);
      const bool was_here = nodes->runs_here(name);
      if (!nodes->move(s.slot, s.node, s.generation) || !was_here) continue;
      parts->leaving.fetch_or(bit_of(s.slot));
      doors.close(s.slot, [nodes = nodes, slot = s.slot](bool) { nodes->lead_away(slot); });
      parts->env.log(self.stream(), {"placement", s.generation}, "error",
                     name.value.str() + " is on node " + s.node.value.str() + " by its move " + std::to_string(s.generation) + ", of which this node's record knows nothing: it serves here no more");
    }
  }
  /// Only the turn that gave the slot knows where it went, and its effect was taken: what is still on its way gets there.
  template <class Shell>
  void before(Shell& self, const placement::give_again& c) {
    if (!self.core().gave(self.state(), self.view(), c) || self.unacknowledged(placement::keeper_of(c.to)) != 0) return;
    const auto at = [&] {
      actor::patience_scope patient{*parts->env.pulses->of(self.stream()), actor::disk_patience};
      return end_of(*parts, c.slot, parts->env.clock->boot());
    }();
    if (at) self.view().ends[c.slot] = *at;
    parts->env.log(self.stream(), {"placement", c.generation}, at ? "warn" : "error",
                   trading::slot_name(c.slot).value.str() + " went to node " + c.to.value.str() + " by its move " + std::to_string(c.generation) +
                     ", which has lost it: " + (at ? "it is given again, as it left here" : to_string(at.error())));
  }
  /// What is here of a contested slot is to count; nobody writes it any more.
  template <class Shell>
  void before(Shell& self, const placement::slot_arrived& c) {
    if (!self.core().contested(self.state(), self.view(), c.slot)) return;
    actor::patience_scope patient{*parts->env.pulses->of(self.stream()), actor::disk_patience};
    if (const auto at = end_of(*parts, c.slot, parts->env.clock->boot())) self.view().ends[c.slot] = *at;
    else parts->env.log(self.stream(), {"placement", c.generation}, "error", "how much of " + trading::slot_name(c.slot).value.str() + " is here cannot be read: " + to_string(at.error()));
  }
  /// Asked for in another life of this keeper, or void since: then it serves on.
  template <class Shell>
  void before(Shell& self, const placement::slot_ended& c) {
    const auto leaving = self.view().leaving.find(c.slot);
    if (leaving == self.view().leaving.end() && is_ours(self, c.slot)) serve(c.slot);
  }

  template <class Shell>
  void released(Shell& self, std::uint64_t, const placement::core::event& e) {
    if (const auto* f = std::get_if<placement::fetch_begun>(&e)) order(self, fetch_order{f->slot, f->from});
    else if (const auto* g = std::get_if<placement::given>(&e)) order(self, finish_order{g->what});
    else if (const auto* h = std::get_if<placement::handed_over>(&e)) {
      nodes->move(h->slot, h->to, h->generation);
      tell_all(self);
    } else if (const auto* l = std::get_if<placement::left>(&e)) {
      parts->env.log(self.stream(), {"placement", 0}, "info", "the node leaves: " + l->by.value.str() + " wants it");
      doors.leave();
    } else if (const auto* t = std::get_if<placement::taken_over>(&e)) {
      nodes->move(t->slot, t->to, t->generation);
      parts->moved_upto[t->slot] = t->sequence;
      serve(t->slot);
      tell_all(self);
      parts->env.log(self.stream(), {"placement", t->generation}, "info",
                     trading::slot_name(t->slot).value.str() + " came from node " + t->from.value.str() + ", " +
                       std::to_string(t->pause.count() / 1'000) + " us after it had stopped there");
    }
  }

private:
  /// By the record, and by what other nodes have told since: a restored record may not know of a move away.
  template <class Shell>
  [[nodiscard]] bool is_ours(Shell& self, std::uint32_t slot) const {
    return self.core().has(self.state(), slot) && nodes->runs_here(trading::slot_name(slot)) && (parts->contested.load() & bit_of(slot)) == 0;
  }
  /// Whoever goes on with a slot that moves has an epoch above the one here: a journal that should not count would pass for the newest. Empty: it may leave.
  [[nodiscard]] std::string why_it_stays(std::uint32_t slot) const {
    const auto name = trading::slot_name(slot).value.str();
    if ((parts->contested.load() & bit_of(slot)) != 0) return name + " is on another node as well, by another record";
    if ((parts->fenced.load() & bit_of(slot)) != 0) return name + " is older in this node's journal than what has traded: a venue has heard of a newer owner";
    return {};
  }
  /// Two nodes have it by the same move: whoever gave it did so twice, and has lost its record in between. Whose history is to count only a person knows. By the word
  /// for that this node goes on, with a move above both; without it nobody serves the slot.
  template <class Shell>
  void stand_back(Shell& self, std::uint32_t slot, const placement::seat& other) {
    const auto name = trading::slot_name(slot);
    const cause_id cause{"placement", other.generation};
    if ((parts->contested.fetch_or(bit_of(slot)) & bit_of(slot)) == 0) {
      parts->leaving.fetch_or(bit_of(slot));
      doors.close(slot, [](bool) {});
      parts->env.log(self.stream(), cause, "error",
                     name.value.str() + " is on node " + other.node.value.str() + " as well, by its record and the same move " + std::to_string(other.generation) + ": " +
                       (parts->accepts_older_journal ? "what is here of it is to count, an operator says"
                                                     : "it serves on neither, until the one whose journal is to count is started with --accept-older-journal"));
    }
    if (!parts->accepts_older_journal || parts->env.pulses->of(name)->alive) return; // it still ends
    troupe::context c;
    c.cause = cause;
    c.principal = principal_id{"placement"};
    self.send_named(self.stream(), lane::order, c, placement::slot_arrived{slot, other.generation + 1});
  }
  /// With what both had and the other has given up.
  template <class Shell>
  void go_on_alone(Shell& self) {
    for (const auto& [slot, seat] : self.state().seats) {
      const bool is_left_alone = (parts->contested.load() & bit_of(slot)) != 0 && !self.core().contested(self.state(), self.view(), slot);
      if (is_left_alone && self.core().has(self.state(), slot) && nodes->runs_here(trading::slot_name(slot))) serve(slot);
    }
  }
  /// Whoever gave it gives it again. All must be there, and be heard for a while: one of them may have got it from here by a later move.
  template <class Shell>
  void ask_for_missing(Shell& self) {
    std::map<std::uint32_t, missed> still;
    const auto now = parts->env.clock->boot();
    if (std::ranges::all_of(nodes->others(), [this](const node_name& node) { return nodes->is_up(node); }))
      for (const auto& what : self.core().missing(self.state(), self.view())) {
        const auto known = missing.find(what.slot);
        auto& m = still[what.slot] = known != missing.end() && known->second.generation == what.generation ? known->second : missed{what.generation, now};
        if (now - m.since < missing_max) continue;
        m.since = now;
        troupe::context c;
        c.cause = {"placement", what.generation};
        c.principal = principal_id{"placement"};
        for (const auto& node : nodes->others()) self.send_named(placement::keeper_of(node), lane::order, c, what);
        if (!std::exchange(m.is_logged, true))
          parts->env.log(self.stream(), c.cause, "warn",
                         trading::slot_name(what.slot).value.str() + " was given to this node by its move " + std::to_string(what.generation) +
                           ", of which this node's record knows nothing: whoever gave it is asked to give it again");
      }
    missing = std::move(still);
  }
  void serve(std::uint32_t slot) {
    parts->contested.fetch_and(~bit_of(slot));
    parts->leaving.fetch_and(~bit_of(slot));
    doors.open(slot);
  }
  /// Whoever gave it here has lost its record of that, and it went on from there once more.
  template <class Shell>
  void give_up(Shell& self, const placement::take_over& what, const placement::seat& elsewhere) {
    troupe::context c;
    c.cause = {"placement", what.generation};
    c.principal = principal_id{"placement"};
    const auto why = "by another record it went to node " + elsewhere.node.value.str() + " by its move " + std::to_string(elsewhere.generation);
    parts->env.log(self.stream(), c.cause, "error", trading::slot_name(what.slot).value.str() + " does not arrive any more: " + why);
    self.send_named(self.stream(), lane::order, c, placement::fetch_failed{what.slot, why});
  }
  template <class Shell, class Order>
  void order(Shell& self, const Order& what) {
    self.send_named(slot_mover_name, lane::order, what);
  }
  template <class Shell>
  void tell_seats(Shell& self, const node_name& node) {
    placement::seats_told all{{}, nodes->self()};
    for (const auto& [slot, s] : self.state().seats) all.seats.push_back({slot, s.node, s.generation});
    if (!all.seats.empty()) self.send_named(placement::keeper_of(node), lane::control, std::uint64_t{0}, all);
  }
  template <class Shell>
  void tell_all(Shell& self) {
    if (!self.is_durable()) return; // the turn behind this one tells it
    for (const auto& node : nodes->others())
      if (nodes->is_up(node)) tell_seats(self, node);
  }
};

} // namespace

started start_placement(caf::actor_system& system, shared_parts& parts, mesh& nodes, slot_doors doors) {
  placement::core core{configuration_of(nodes)};
  auto from = actor::recover(*parts.journal, core, placement::keeper_of(nodes.self()), parts.lost_lives());
  if (!from) return from.error();
  actor::shell_options options;
  options.node = &parts.env;
  options.journal = parts.journal;
  options.snapshot_interval = parts.snapshot_interval;
  using shell = actor::shell<placement::core, placement_wiring>;
  return caf::actor_cast<caf::strong_actor_ptr>(
    system.spawn<shell>(std::move(core), std::move(*from), std::move(options), placement_wiring{&parts, &nodes, std::move(doors)}));
}

result<void> apply_moves(shared_parts& parts, mesh& nodes) {
  auto known = actor::read_state<placement::core>(*parts.journal, placement::core{configuration_of(nodes)}, placement::keeper_of(nodes.self()),
                                                  UINT64_MAX, false);
  if (!known) return known.error();
  for (const auto& [slot, seat] : known->state.core.seats) nodes.move(slot, seat.node, seat.generation);
  for (const auto& [slot, t] : known->state.core.taken) parts.moved_upto[slot] = t.sequence;
  return {};
}

inspector placement_inspector() {
  return make_inspector<placement::core>([](const actor_name&) { return placement::core{}; });
}

} // namespace troupe::desk
