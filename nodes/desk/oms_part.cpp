#include "actors/trading/oms/core.hpp"
#include "actors/trading/oms/correction_rows.hpp"
#include "actors/trading/oms/halts.hpp"
#include "actors/trading/venue/simulator_messages.hpp"
#include "nodes/desk/inspector.hpp"
#include "nodes/desk/mesh.hpp"
#include "nodes/desk/parts.hpp"
#include "nodes/desk/postponed_orders.hpp"
#include "nodes/desk/unconfigured.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/shell.hpp"
#include "runtime/wire/wire.ipp"

#include <algorithm>
#include <set>

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
constexpr std::uint32_t enforce_tick = 3;
constexpr std::uint32_t hurry_tick = 4;
constexpr std::uint32_t lent_tick = 5;
constexpr std::uint32_t postponed_tick = 6;
/// Between two turns that withdraw what a halt left open.
constexpr nanoseconds enforce_again = std::chrono::milliseconds{5};
/// Behind a cancel that its venue refused, doubled by each further one.
constexpr nanoseconds enforce_pause = std::chrono::milliseconds{250}, enforce_pause_max = std::chrono::minutes{1};
/// A halt that is on record and in no lease for as long was lifted.
constexpr nanoseconds halt_heard_within = std::chrono::seconds{5};
constexpr nanoseconds reconcile_again = std::chrono::milliseconds{200}, reconcile_again_max = std::chrono::seconds{5};

/// A venue that the slot has not agreed with yet: first about what is missing here, then about what is open.
struct unreconciled_venue {
  trading::venue_id venue;
  std::uint64_t from = 0; // what its stream said before is folded
  bool caught_up = false;
  boot_ns asked_at{};
  nanoseconds again_after = reconcile_again; // an answer may take long to make: it is not asked for over and over meanwhile
};

/// What is to be halted for a dispute: an account, or a venue that reported a fill of an order which nobody here knows.
struct disputed_scope {
  explicit disputed_scope(const trading::account_id& name) : venue{oms::venue_in_dispute(name)}, key{venue ? text<32>{venue->value.view()} : name.value} {}
  [[nodiscard]] risk::halt_scope scope() const noexcept { return venue ? risk::halt_scope::venue : risk::halt_scope::account; }
  [[nodiscard]] bool is_about(const oms::fill_disputed& f) const { return venue ? f.account.value.empty() && f.venue == *venue : f.account.value == key; }

  std::optional<trading::venue_id> venue;
  text<32> key;
};

/// Why it is halted, short enough for a halt: the fill that no order could take, as its row has it; of another dispute, or before the row is durable, the execution.
std::string why_disputed(const journal::journal& j, std::uint32_t slot, const disputed_scope& about, const trading::execution_id& execution) {
  std::optional<oms::fill_disputed> found;
  const auto prefix = oms::disputed_fill_prefix(slot, execution);
  (void)j.scan(oms::done_table, prefix, [&](std::string_view key, std::string_view value) { // it is halted whatever the table says
    if (!key.starts_with(prefix)) return false;
    auto row = oms::decode_disputed_fill(value);
    if (row && about.is_about(*row)) found = std::move(*row);
    return !found;
  });
  if (!found) return (about.venue ? "it reported a fill of an order that is not known here: " : "its venue and this desk count other fills: ") + execution.value.str();
  const auto& r = found->report;
  const auto amount = r.last_quantity.str() + " at " + r.last_price.str();
  if (about.venue) return "fill " + r.id.value.str() + " is of order " + to_text(r.order) + ", not known here: " + amount;
  return "fill " + r.id.value.str() + " at " + found->venue.value.str() + " of order " + to_text(r.order) + " is in no position: " +
         boost::describe::enum_to_string(found->side, "?") + ' ' + amount;
}

/// Of an account or a venue in dispute.
struct asked_halt {
  std::shared_ptr<std::atomic<bool>> on_record;
  boot_ns seen_on_record{};
};

struct oms_wiring {
  shared_parts* parts;
  std::uint32_t slot;
  std::vector<unreconciled_venue> unreconciled;
  bool is_new;            // nothing is on record: when its venues know of nothing either, there is nothing to compare
  bool is_behind = false; // a venue knows more than the journal: nothing opens before all is compared, numbers could be used already
  bool is_enforcing = false; // a tick for it is under way
  bool is_hurrying = false;  // a request for a lease is under way that does not wait for its time
  postponed_orders postponed; // for a lease that carries more
  boot_ns lease_asked_at{};
  std::uint64_t asked = 0;
  std::map<trading::account_id, std::shared_ptr<std::atomic<bool>>> halts; // of accounts whose orders came back; true: on record
  std::map<trading::account_id, asked_halt> disputes; // the same for what is in dispute, by its name there

  template <class Shell>
  void started(Shell& self) {
    self.view().epoch = self.epoch();
    for (auto& u : unreconciled) u.from = self.folded(oms::venue_actor(u.venue)).sequence;
    tick(self, renew_tick);
    if (!unreconciled.empty()) tick(self, reconcile_tick);
    halt_unconfigured(self);
    tell_of_unconfigured_venues(self);
  }

  template <class Shell>
  void tick(Shell& self, std::uint32_t id) {
    if (id == renew_tick) {
      end_waits(self);
      tell_of_reports(self);
      halt_disputed(self);
      if (const auto& lease = self.view().lease) parts->halts.store(lease->halts.size(), std::memory_order_relaxed);
      const bool live = ask_for_lease(self);
      if (lacks_budget(self)) hurry(self);
      const auto bit = std::uint64_t{1} << slot;
      if (unreconciled.empty() && self.epoch() > parts->given_up_in[slot])
        parts->given_up.fetch_and(~bit, std::memory_order_relaxed); // its venues have no report for it that it has not heard
      if (live && may_trade()) parts->leased.fetch_or(bit, std::memory_order_relaxed);
      else parts->leased.fetch_and(~bit, std::memory_order_relaxed);
      return self.tick_after(renew_tick, live ? parts->renew : parts->renew / 8);
    }
    if (id == enforce_tick) return enforce(self);
    if (id == postponed_tick) return end_waits(self);
    if (id == lent_tick) return take_up(self, true, [](const auto&) { return true; });
    if (id == hurry_tick) {
      is_hurrying = false;
      (void)ask_for_lease(self);
      if (lacks_budget(self)) hurry(self); // others have to give back first
      return;
    }
    ask_again(self);
    if (!unreconciled.empty()) self.tick_after(reconcile_tick, reconcile_again);
  }

  template <class Shell>
  void released(Shell& self, std::uint64_t, const oms::event& e) {
    if (const auto* x = std::get_if<oms::execution>(&e); x && x->report.type == venue::exec_type::cancel_rejected) pause_enforcing(self, *x);
    if (std::holds_alternative<oms::account_disputed>(e)) halt_disputed(self);
    if (lacks_budget(self) || is_budget_used_up(self)) hurry(self);
    if (std::holds_alternative<oms::order_accepted>(e) || std::holds_alternative<oms::order_rejected>(e))
      parts->orders.fetch_add(1, std::memory_order_relaxed);
    else if (const auto* x = std::get_if<oms::execution>(&e); x && x->report.type == venue::exec_type::trade)
      parts->fills.fetch_add(1, std::memory_order_relaxed);
  }

  /// Orders that the journal does not hold have lost the ids by which clients repeat them: their accounts are halted first.
  template <class Shell>
  bool accept(Shell& self, const venue::fills_since& answer) {
    auto* u = find(answer.venue);
    if (!u || u->caught_up || answer.after != u->from) return false;
    u->again_after = reconcile_again;
    const bool is_taken = answer.fenced || answer.epoch == self.epoch(); // this life has not told its epoch yet: another one had the same
    if (is_taken && parts->accepts_older_journal) {
      constexpr std::uint64_t others_may_have_seen = 8; // more than this venue: one restart is to do for all
      raise_to(parts->epochs_seen[slot], answer.epoch + others_may_have_seen);
      self.quit(caf::make_error(caf::sec::runtime_error, "its epoch is raised above the " + std::to_string(answer.epoch) + " that a venue has seen"));
      return false;
    }
    if (is_fenced(is_taken)) return false;
    const bool knows_more = answer.highest_number > self.state().last_number || answer.acknowledged > self.folded(oms::venue_actor(u->venue)).sequence;
    is_behind = is_behind || knows_more;
    if (!have_halts(self, answer)) return false;
    u->from = answer.sequence;
    u->caught_up = !answer.more;
    if (is_new && !is_behind && have_caught_up()) unreconciled.clear();
    for (auto& one : unreconciled)
      if (one.venue == answer.venue || have_caught_up()) ask(self, one);
    if (knows_more)
      self.node().log(self.stream(), {}, "warn", "venue " + answer.venue.value.str() + " knows more than this journal, which ends at order " +
                                                   std::to_string(self.state().last_number) + ": " + std::to_string(answer.orders.size()) +
                                                   " orders and " + std::to_string(answer.reports.size()) + " reports come from there");
    return knows_more;
  }
  template <class Shell>
  std::optional<actor::inbox_mark> covered(Shell& self, const venue::fills_since& answer) {
    const auto from = oms::venue_actor(answer.venue);
    const auto at = self.folded(from);
    if (answer.sequence <= at.sequence) return std::nullopt;
    return actor::inbox_mark{from, at.epoch, answer.sequence};
  }

  /// Of a venue nothing is passed over: what was lost comes back in pages, or the slot waits for it.
  [[nodiscard]] bool catches_up_with(const actor_name& sender) const { return sender.value.view().starts_with("venue/"); }

  /// Before that what it says is not taken: it would move the place behind which the venue is asked, and what is missing in front of it would be lost. It says it again.
  [[nodiscard]] bool holds_off(const actor_name& sender) const {
    return std::ranges::any_of(unreconciled, [&](const auto& u) { return !u.caught_up && oms::venue_actor(u.venue) == sender; });
  }

  /// An answer counts only when everything the venue had to say before it was folded; else the venue is asked again.
  template <class Shell>
  bool accept(Shell&, const venue::open_orders& answer) {
    auto* u = find(answer.venue);
    if (u) u->again_after = reconcile_again;
    if (!u || !u->caught_up || is_fenced(answer.fenced) || answer.unacknowledged != 0) return false;
    std::erase_if(unreconciled, [&](const auto& one) { return one.venue == answer.venue; });
    return true;
  }

  /// Every lease, not only one with news: an order that came back from a venue is open under a halt too.
  template <class Shell>
  void before(Shell& self, const risk::lease& l) {
    const auto& held = self.view().lease;
    if (held && l.exposure_budget.value < held->exposure_budget.value) hurry(self); // risk lends the rest when it hears of that
    if (!postponed.empty() && (!held || l.exposure_budget.value > held->exposure_budget.value)) self.tick_after(lent_tick, nanoseconds{0}); // when it is taken
    if (l.halts.empty()) self.view().refused_withdrawals.clear();
    else if (parts->halts_cancel_orders && !std::exchange(is_enforcing, true)) self.tick_after(enforce_tick, nanoseconds{0});
  }
  template <class Shell>
  void before(Shell& self, const oms::new_order& c) {
    if (!may_trade()) self.view().lease.reset();
    mark_account(self, c);
  }
  /// By the client's id it may be of an order that waits: that is decided first. From a client alone, whose orders wait; strategies' do not.
  template <class Shell>
  void before(Shell& self, const oms::cancel_order& c) {
    if (c.order.value != 0 || postponed.empty()) return;
    const auto tenant = tenant_of(self, c.tenant);
    take_up(self, false, [&](const auto& p) { return p.command.client_id == c.client_id && p.command.account == c.account && tenant_of(self, p.command.tenant) == tenant; });
  }
  /// Nor does one open behind the answer to whoever cancels all.
  template <class Shell>
  void before(Shell& self, const oms::orders_query& q) {
    if (!q.to_cancel || postponed.empty()) return;
    take_up(self, false, [&](const auto& p) { return (!q.tenant || tenant_of(self, p.command.tenant) == *q.tenant) && (!q.account || p.command.account == *q.account); });
  }
  template <class Shell>
  void before(Shell& self, const oms::check_query& q) {
    mark_account(self, q.request);
    self.core().ask_for_budget(self.state(), self.view(), q);
    if (lacks_budget(self)) hurry(self);
  }
  template <class Shell>
  void before(Shell& self, const oms::replace_order& c) {
    if (!may_trade()) self.view().lease.reset();
    auto it = self.state().orders.find(c.order);
    if (it != self.state().orders.end()) mark_account(self, it->second.order.request);
  }
  /// What is corrected counts at what it is worth now.
  template <class Shell>
  void before(Shell& self, const oms::correct_position& c) { mark(self, c.instrument); }
  template <class Shell>
  void before(Shell& self, const oms::order_command& c) {
    if (const auto* n = std::get_if<oms::new_order>(&c)) before(self, *n);
    if (const auto* r = std::get_if<oms::replace_order>(&c)) before(self, *r);
  }

  /// Whoever waits for an answer says until when.
  [[nodiscard]] bool may_wait(const context& c, const oms::new_order&) const { return c.deadline != boot_ns{} && postponed.has_room(); }

  /// Two renewals are enough for others to give back what they do not use.
  template <class Shell>
  void postpone(Shell& self, postponed_orders::order o) {
    if (o.until == boot_ns{}) {
      const auto now = parts->env.clock->boot();
      o.until = waits_until(o.asked, now, 2 * parts->renew);
      self.tick_after(postponed_tick, o.until - now);
    }
    postponed.keep(std::move(o));
    if (lacks_budget(self)) hurry(self);
  }

  /// Nothing of them is on record: they may be asked for again, here or where the slot is then.
  template <class Shell>
  void stopped(Shell&) {
    for (const auto& o : postponed.take([](const auto&) { return true; })) actor::say_unanswered(o.from, o.asked.request);
  }

private:
  /// A look-up that fails ends the slot: that order and those behind it are told by `stopped`, as the others are.
  template <class Shell, class Which>
  void take_up(Shell& self, bool may_wait, Which&& which) {
    auto taken = postponed.take(which);
    try {
      for (; !taken.empty(); taken.pop_front()) self.template take_up<oms::order_ack>(taken.front(), may_wait);
    } catch (...) {
      for (auto& o : taken) postponed.keep(std::move(o));
      throw;
    }
  }
  template <class Shell>
  [[nodiscard]] static trading::tenant_id tenant_of(Shell& self, const trading::tenant_id& said) {
    return said.value.empty() ? self.core().config().tenant : said;
  }
  template <class Shell>
  void end_waits(Shell& self) {
    if (postponed.empty()) return;
    take_up(self, false, [now = parts->env.clock->boot()](const auto& o) { return o.until <= now; });
  }

  /// What a strategy has open that was taken out of the configuration nobody manages. At each start while there is any: a venue may have refused to cancel it, and
  /// somebody may have lifted the halt.
  template <class Shell>
  void halt_unconfigured(Shell& self) {
    for (const auto& [who, open] : open_of_unconfigured(self.state(), parts->configured_strategies)) {
      const auto cause = numbered(self).cause;
      self.node().log(self.stream(), cause, "warn", told_of_open(who, open, self.state(), parts->halts_cancel_orders));
      if (parts->halts_cancel_orders) parts->halt_unconfigured(who, cause);
    }
  }

  /// At the start, when every configured venue is yet to be asked.
  template <class Shell>
  void tell_of_unconfigured_venues(Shell& self) {
    std::set<trading::venue_id> configured;
    for (const auto& u : unreconciled) configured.insert(u.venue);
    for (const auto& [venue, orders] : open_at_unconfigured(self.state(), configured)) self.node().log(self.stream(), {}, "error", told_of_venue(venue, orders));
  }

  /// One halt after the other, some orders a turn, until nothing is open under any.
  template <class Shell>
  void enforce(Shell& self) {
    std::erase_if(self.view().refused_withdrawals, [&](const auto& one) { return !self.state().orders.contains(one.first); });
    const auto* h = self.core().unenforced(self.state(), self.view(), parts->env.clock->boot());
    is_enforcing = h != nullptr; // the next lease begins anew
    if (!h) return;
    auto c = numbered(self);
    c.principal = h->halted_by;
    self.send_named(self.stream(), lane::control, c, oms::enforce_halt{h->scope, h->key});
    self.tick_after(enforce_tick, enforce_again);
  }

  /// The account or venue opens nothing from the report on: while it is disputed, and then by the lease, which risk sends when the halt is on record and again at each
  /// renewal. Lifted before it was heard of, it comes in no lease any more.
  template <class Shell>
  bool has_heard_halt(Shell& self, const disputed_scope& about, asked_halt& asked_for) {
    const auto now = parts->env.clock->boot();
    const auto& lease = self.view().lease;
    const bool is_halted = lease && std::ranges::any_of(lease->halts, [&](const auto& h) { return h.scope == about.scope() && h.key == about.key; });
    if (asked_for.seen_on_record == boot_ns{}) asked_for.seen_on_record = now;
    return is_halted || now - asked_for.seen_on_record >= halt_heard_within;
  }

  /// Until it is on record, over restarts of the slot and moves to another node.
  template <class Shell>
  void halt_disputed(Shell& self) {
    for (const auto& [name, execution] : self.state().disputed) {
      auto& asked_for = disputes[name];
      const disputed_scope about{name};
      if (!asked_for.on_record)
        asked_for.on_record = parts->halt(about.scope(), about.key.view(), {text<23>{self.stream().value.view()}, ++asked}, why_disputed(*parts->journal, slot, about, execution));
      else if (asked_for.on_record->load() && has_heard_halt(self, about, asked_for)) {
        asked_for = {};
        self.send_named(self.stream(), lane::control, numbered(self), oms::close_dispute{name});
      }
    }
  }

  template <class Shell>
  void pause_enforcing(Shell& self, const oms::execution& refused) {
    const auto& lease = self.view().lease;
    const auto open = self.state().orders.find(refused.report.order);
    if (!lease || open == self.state().orders.end() || !oms::halt_over(lease->halts, open->second.order.request, refused.venue)) return;
    auto& waits = self.view().refused_withdrawals[refused.report.order];
    waits.pause = std::clamp(waits.pause * 2, enforce_pause, enforce_pause_max);
    waits.not_before = parts->env.clock->boot() + waits.pause;
    self.node().log(self.stream(), {}, "warn", "a venue refuses to cancel order " + to_text(refused.report.order) + ", which a halt leaves open; it is asked again in " +
                                                 std::to_string(waits.pause / std::chrono::milliseconds{1}) + " ms");
  }

  /// What the core has passed over since the last time.
  template <class Shell>
  void tell_of_reports(Shell& self) {
    auto& v = self.view();
    parts->reports_repeated.fetch_add(std::exchange(v.repeated_reports, 0), std::memory_order_relaxed);
    parts->reports_late.fetch_add(std::exchange(v.late_reports, 0), std::memory_order_relaxed);
    const auto impossible = std::exchange(v.impossible_reports, 0);
    parts->reports_impossible.fetch_add(impossible, std::memory_order_relaxed);
    if (impossible > 0)
      self.node().log(self.stream(), {}, "error", std::to_string(impossible) + " reports of a venue cannot be true and were not folded; the newest turns of the slot hold them, and `troupe position disputes` lists the fills among them");
  }

  unreconciled_venue* find(const trading::venue_id& venue) {
    const auto it = std::ranges::find(unreconciled, venue, &unreconciled_venue::venue);
    return it == unreconciled.end() ? nullptr : &*it;
  }

  [[nodiscard]] bool have_caught_up() const { return std::ranges::all_of(unreconciled, &unreconciled_venue::caught_up); }
  /// Before that a lease is of no use: it is dropped in front of whatever it would let through.
  [[nodiscard]] bool may_trade() const { return is_behind ? unreconciled.empty() : have_caught_up(); }

  /// True while there is a live one.
  template <class Shell>
  bool ask_for_lease(Shell& self) {
    const auto now = parts->env.clock->boot();
    const auto& lease = self.view().lease;
    std::set<trading::instrument_id> held;
    for (const auto& [tenant, accounts] : self.state().accounts)
      for (const auto& [name, account] : accounts)
        for (const auto& [instrument, h] : account.holdings) held.insert(instrument);
    for (const auto& instrument : held) mark(self, instrument);
    risk::lease_request request{slot, self.epoch(), {}, {}, self.view().newest_lease, now};
    request.exposure.value = price::from_units(self.core().exposure(self.state(), self.view()).units).value_or(price{INT64_MAX});
    if (const auto newer = std::exchange(self.view().newer_limits, 0)) self.send_named(risk_name, lane::control, numbered(self), risk::newer_limits{slot, newer});
    if (now < self.view().wanted_until) request.wanted.value = self.view().wanted;
    self.send_named(risk_name, lane::control, numbered(self), request);
    lease_asked_at = now;
    return lease && lease->expires_at > now;
  }

  /// An order was refused for the slot's budget, and risk has not lent that much yet but can.
  template <class Shell>
  [[nodiscard]] bool lacks_budget(Shell& self) const {
    const auto& v = self.view();
    return v.lease && v.lease->exposure_budget.value < v.wanted && v.wanted <= v.lease->exposure_reachable.value &&
           parts->env.clock->boot() < v.wanted_until;
  }
  /// More than two thirds: the next order may be one too many, and risk lends more to whoever says so. As the orders and fills on record count.
  template <class Shell>
  [[nodiscard]] bool is_budget_used_up(Shell& self) const {
    const auto& lease = self.view().lease;
    return lease && lease->exposure_budget.value < lease->exposure_reachable.value &&
           int128{self.state().exposure.units} * 3 > int128{lease->exposure_budget.value.units} * 2;
  }
  /// Asks for a lease soon, however many reasons there are eight times as often as otherwise at most.
  template <class Shell>
  void hurry(Shell& self) {
    if (std::exchange(is_hurrying, true)) return;
    const auto next = lease_asked_at + parts->renew / 8;
    self.tick_after(hurry_tick, std::max(next - parts->env.clock->boot(), nanoseconds{0}));
  }

  template <class Shell>
  void ask_again(Shell& self) {
    const auto now = parts->env.clock->boot();
    for (auto& u : unreconciled) {
      if (u.asked_at != boot_ns{} && now - u.asked_at < u.again_after) continue;
      const bool is_away = parts->nodes->why_away(oms::venue_actor(u.venue)).has_value(); // then nothing waits there
      if (u.asked_at != boot_ns{}) u.again_after = is_away ? reconcile_again : std::min(2 * u.again_after, reconcile_again_max);
      ask(self, u);
    }
  }

  /// What is open is compared when nothing is missing from any venue: numbers that one of them has used are known by then.
  template <class Shell>
  void ask(Shell& self, unreconciled_venue& u) {
    u.asked_at = parts->env.clock->boot();
    const auto to = oms::venue_actor(u.venue);
    if (!u.caught_up)
      return self.send_named(to, lane::order, numbered(self), venue::fills_since_query{slot, self.epoch(), self.state().last_number, u.from});
    if (!have_caught_up()) return;
    self.send_named(to, lane::order, numbered(self), venue::slot_opened{slot, self.epoch()});
    self.send_named(to, lane::order, numbered(self), venue::open_orders_query{slot, self.epoch()});
  }

  /// A newer owner of the slot has spoken to the venue: nothing may open here, and nothing does without a lease.
  bool is_fenced(bool fenced) {
    if (fenced) parts->fenced.fetch_or(std::uint64_t{1} << slot);
    return fenced;
  }

  /// True when risk has halted every account whose orders come back, and says so durably. Asked again until then.
  template <class Shell>
  bool have_halts(Shell& self, const venue::fills_since& answer) {
    bool all = true;
    for (const auto& o : answer.orders) {
      if (o.id.number() <= self.state().last_number || venue::is_change(o)) continue; // on record, or changed only
      auto& on_record = halts[o.account];
      if (!on_record)
        on_record = parts->halt(risk::halt_scope::account, o.account.value.view(), {text<23>{self.stream().value.view()}, asked},
                                "its orders came back from venue " + answer.venue.value.str() + " without their client ids");
      all = all && on_record->load();
    }
    return all;
  }

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
  /// What an order may add depends on what all that its account holds is worth now.
  template <class Shell>
  void mark_account(Shell& self, const oms::new_order& request) {
    mark(self, request.instrument);
    const auto& all = self.state().accounts;
    const auto tenant = all.find(tenant_of(self, request.tenant));
    if (tenant == all.end()) return;
    const auto account = tenant->second.find(request.account);
    if (account == tenant->second.end()) return;
    for (const auto& [instrument, held] : account->second.holdings)
      if (instrument != request.instrument) mark(self, instrument);
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
  parts.fenced.fetch_and(~bit);
  oms::configuration config;
  config.slot = slot;
  config.instruments = parts.instruments;
  config.former_quotes = parts.former_quotes;
  config.order_age_max = parts.order_age_max;
  config.market_protection_bps = parts.market_protection_bps;
  oms::core core{config};
  auto from = actor::recover(*parts.journal, core, trading::slot_name(slot));
  if (!from) return from.error();
  if (const auto seen = parts.epochs_seen[slot].load(); from->head.epoch < seen) {
    auto head = actor::open_above(*parts.journal, from->head, seen - 1);
    if (!head) return head.error();
    from->head = *head;
  }
  raise_to(parts.epochs[slot], from->head.epoch);
  expire(*from, std::max(parts.boot.decided_before(trading::slot_name(slot)), parts.moved_upto[slot].load()));
  actor::shell_options options;
  options.node = &parts.env;
  options.journal = parts.journal;
  options.subscribers = subscribers;
  options.snapshot_interval = parts.snapshot_interval;
  std::vector<unreconciled_venue> unreconciled;
  for (const auto& v : venues) unreconciled.push_back({v});
  const bool is_new = from->head.sequence == 0;
  using shell = actor::shell<oms::core, oms_wiring>;
  return caf::actor_cast<caf::strong_actor_ptr>(
    system.spawn<shell>(std::move(core), std::move(*from), std::move(options), oms_wiring{&parts, slot, std::move(unreconciled), is_new}));
}

result<std::vector<trading::account_id>> accounts_of(const shared_parts& parts, std::uint32_t slot) {
  auto known = actor::read_state<oms::core>(*parts.journal, oms::core{oms::configuration{}}, trading::slot_name(slot), UINT64_MAX, false);
  if (!known) return known.error();
  std::vector<trading::account_id> all;
  for (const auto& [tenant, accounts] : known->state.core.accounts)
    for (const auto& [account, ignored] : accounts) all.push_back(account);
  return all;
}

result<std::optional<open_order>> open_order_in(const journal::journal& orders, std::uint32_t slot, const std::set<trading::instrument_id>& instruments) {
  auto known = actor::read_state<oms::core>(orders, oms::core{oms::configuration{}}, trading::slot_name(slot), UINT64_MAX, false);
  if (!known) return known.error();
  for (const auto& [id, w] : known->state.core.orders)
    if (const auto& r = w.order.request; instruments.contains(r.instrument)) return std::optional{open_order{id, r.instrument, r.account}};
  return std::optional<open_order>{};
}

inspector oms_inspector() {
  return make_inspector<oms::core>([](const actor_name&) { return oms::core{oms::configuration{}}; });
}

} // namespace troupe::desk
