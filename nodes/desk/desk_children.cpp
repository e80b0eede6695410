// What runs on a node: its supervisors and their children, and what is halted when one of these is given up.

#include "runtime/core/printable.hpp"
#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/desk.hpp"

#include "actors/platform/placement/core.hpp"
#include "actors/trading/risk/core.hpp"
#include "nodes/desk/market_relay.hpp"
#include "nodes/desk/slot_mover.hpp"
#include "runtime/telemetry/log.hpp"

#include <caf/all.hpp>

#include <thread>

namespace troupe::desk {

namespace {

constexpr nanoseconds lease_patience = std::chrono::milliseconds{250};

} // namespace

supervise::child_spec desk::under_root(const char* name, std::function<std::vector<supervise::child_spec>()> children) {
  supervise::child_spec child;
  child.name = actor_name{name};
  child.is_supervisor = true;
  child.start = [this, name, children = std::move(children)](caf::actor_system& system) -> started {
    auto spec = supervisor(name, "root");
    spec.children = children();
    return supervise::spawn_supervisor(system, std::move(spec));
  };
  return child;
}

supervise::supervisor_spec desk::supervisor(const char* name, const char* parent) {
  supervise::supervisor_spec s;
  s.name = actor_name{name};
  s.parent = actor_name{parent};
  s.hang_after = config().node.hang_after.value();
  s.recover_within = config().node.recover_within.value();
  s.node = &parts_.env;
  s.tree = &tree_;
  s.report = [reports = reports_](const supervise::child_report& r) { reports->put(r); };
  s.is_stopping = [this] { return stopping_.load(); };
  return s;
}

verdict_tellers desk::tellers() { return {*system_, parts_, stopping_}; }

std::shared_ptr<std::atomic<bool>> desk::halt(risk::halt_scope scope, std::string_view key, const cause_id& cause, const std::string& reason) {
  if (stopping_) return std::make_shared<std::atomic<bool>>(false); // the next start begins with what is on record
  return tellers().halt({scope, text<32>::make(key.substr(0, 32)).value_or(text<32>{}), printable<95>(reason)}, cause);
}

/// What a slot can no longer look after: its accounts, and what it has open, which its venues withdraw. Others lose nothing but service.
void desk::halt_slot(std::uint32_t slot, const cause_id& cause, const std::string& reason) {
  if (!mesh_.runs_here(trading::slot_name(slot))) return; // it serves elsewhere, and a start that was refused here for that is no reason to halt it
  parts_.give_up(slot);
  if (stopping_) return; // actors are still waited for, and nobody hears more
  if (const auto accounts = accounts_of(parts_, slot))
    for (const auto& account : *accounts) halt(risk::halt_scope::account, account.value.view(), cause, reason);
  else log::write("error", trading::slot_name(slot), cause, "its accounts cannot be halted: " + to_string(accounts.error()));
  if (!parts_.halts_cancel_orders) return;
  for (const auto& v : config().venues)
    if (!stopping_) tellers().withdraw(v.name.value(), slot, cause, reason);
}

std::vector<supervise::child_spec> desk::trading_children() {
  std::vector<supervise::child_spec> all;
  supervise::child_spec elsewhere;
  const auto add = [&](actor_name name, std::function<started(caf::actor_system&)> start) -> supervise::child_spec& {
    supervise::child_spec s;
    s.name = name;
    s.start = std::move(start);
    s.verdict = supervise::verdict::halt; // one scope stops; the others trade on
    if (mesh_.runs_here(name)) return all.emplace_back(std::move(s));
    return elsewhere = std::move(s);
  };
  risk::configuration r;
  r.fallback = limits_of(config());
  r.firm_exposure_max = config().risk.firm_exposure_max.value();
  r.firm_approvals = static_cast<std::uint32_t>(config().halt.firm_approvals.value());
  r.lease_duration = config().risk.lease.value();
  // Risk has no scope to halt: without it no lease is renewed and nothing opens, and only risk could put a halt on record.
  add(risk_name, [this, r](caf::actor_system& s) { return start_risk(s, parts_, r); });
  for (const auto& v : config().venues) {
    const auto id = v.name.value();
    add(trading::venue_actor(id), [this, id, maker = static_cast<std::int32_t>(v.maker_fee.value()),
                                                taker = static_cast<std::int32_t>(v.taker_fee.value())](caf::actor_system& s) {
      return start_venue(s, parts_, id, maker, taker);
    }).halt = [this, id](const cause_id& cause, const std::string& why) { halt(risk::halt_scope::venue, id.value.view(), cause, why); };
  }
  if (!mesh_.is_alone()) {
    // Without them no slot moves, and that is all.
    const auto keeper = placement::keeper_of(mesh_.self());
    add(slot_mover_name, [this, keeper](caf::actor_system& s) { return start_slot_mover(s, parts_, keeper); });
    add(keeper, [this](caf::actor_system& s) { return start_placement(s, parts_, mesh_, doors()); });
  }
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot)
    if (mesh_.runs_here(trading::slot_name(slot))) all.push_back(slot_child(slot, false));
  // The portfolio has none either: it only shows. Slots count their own exposure, so no decision waits for it.
  add(portfolio_name, [this](caf::actor_system& s) { return start_portfolio(s, parts_); }).bound = [this] { catch_up_portfolio(parts_); };
  // Nothing trades by the record of operations; without it operators cannot change anything, and that is all.
  add(operations_name, [this](caf::actor_system& s) { return start_operations(s, parts_); });
  // Nothing waits for the record of supervision either: what happens while it is away is told when it is back.
  add(supervision_name, [this](caf::actor_system& s) { return start_supervision(s, parts_); });
  for (const auto& c : strategies_)
    add(trading::strategy_actor(c.name), [this, c](caf::actor_system& s) {
      return start_strategy(s, parts_, c);
    }).halt = [this, c](const cause_id& cause, const std::string& why) { halt(risk::halt_scope::strategy, c.name.value.view(), cause, why); };
  return all;
}

supervise::child_spec desk::slot_child(std::uint32_t slot, bool came) {
  std::vector<trading::venue_id> venues;
  for (const auto& v : config().venues) venues.push_back(v.name.value());
  auto subscribers = order_subscribers_;
  subscribers.push_back(portfolio_name);
  supervise::child_spec s;
  s.name = trading::slot_name(slot);
  s.verdict = supervise::verdict::halt;
  s.halt = [this, slot](const cause_id& cause, const std::string& why) { halt_slot(slot, cause, why); };
  s.start = [this, slot, came, venues, subscribers](caf::actor_system& system) -> started {
    if (!mesh_.runs_here(trading::slot_name(slot))) return fail(errc::unavailable, trading::slot_name(slot).value.str() + " is on another node");
    auto made = start_oms(system, parts_, slot, venues, subscribers);
    if (!made || !came || options_.deterministic) return made;
    // Without a lease it would refuse what waits for it, and for good.
    const auto until = wall_clock_.boot() + lease_patience;
    while ((parts_.leased.load() >> slot & 1) == 0 && wall_clock_.boot() < until) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    return made;
  };
  return s;
}

slot_doors desk::doors() {
  const auto trading = names_->ref(actor_name{trading_supervisor});
  return {[this, trading](std::uint32_t slot) { supervise::start_child(trading, slot_child(slot, true)); },
          [this, trading](std::uint32_t slot, std::function<void(bool)> gone) {
            // Not sooner: a start that was due in front of it would be refused, and count as one crash more.
            supervise::end_child(trading, trading::slot_name(slot), std::move(gone), [this, slot] { parts_.leaving.fetch_or(std::uint64_t{1} << slot); });
          },
          options_.leave};
}

std::vector<actor_name> desk::market_subscribers() const {
  std::vector<actor_name> all;
  for (const auto& v : config().venues) all.push_back(trading::venue_actor(v.name.value()));
  for (const auto& s : strategies_) all.push_back(trading::strategy_actor(s.name));
  std::erase_if(all, [&](const auto& name) { return !mesh_.runs_here(name); });
  return all;
}

std::vector<supervise::child_spec> desk::market_children() {
  std::vector<supervise::child_spec> all;
  for (const auto& f : config().feeds)
    all.push_back(mesh_.runs_here(actor_name{"feed/" + f.name.value().str()}) ? feed_child(f) : relay_child(f));
  return all;
}

supervise::child_spec desk::feed_child(const feed_section& f) {
  auto o = feed_options_of(config(), f);
  o.may_block = !options_.data_dir.empty() && !options_.deterministic;
  if (o.may_block) o.tape_directory = options_.data_dir / "tape" / o.name.str();
  o.subscribers = market_subscribers();
  for (const auto& node : mesh_.others()) o.subscribers.push_back(mesh_.name_on(node, market_relay_name(o.name)));
  auto progress = std::make_shared<feed_progress>();
  feeds_.emplace_back(o.name, progress);
  supervise::child_spec s;
  s.name = actor_name{"feed/" + o.name.str()};
  s.verdict = supervise::verdict::halt;
  // What nobody shows any more must not trade; marks grow stale as well, but only after a while.
  s.halt = [this, about = instruments_of(f)](const cause_id& cause, const std::string& why) {
    if (about)
      for (const auto& i : *about) halt(risk::halt_scope::instrument, i.value.view(), cause, why);
  };
  s.start = [this, o, progress](caf::actor_system& system) { return start_feed(system, parts_, o, progress); };
  return s;
}

/// Nobody is halted for a relay that was given up: marks grow stale, and strategies here get nothing more.
supervise::child_spec desk::relay_child(const feed_section& f) {
  supervise::child_spec s;
  const auto feed = f.name.value();
  s.name = market_relay_name(feed);
  s.verdict = supervise::verdict::halt;
  s.start = [this, feed, to = market_subscribers()](caf::actor_system& system) { return start_market_relay(system, parts_, feed, to); };
  return s;
}

} // namespace troupe::desk
