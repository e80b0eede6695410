#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/desk.hpp"

#include "nodes/desk/data_folder.hpp"
#include "nodes/desk/last_words.hpp"
#include "nodes/desk/market_relay.hpp"
#include "nodes/desk/settings_on_record.hpp"
#include "nodes/desk/slot_mover.hpp"
#include "nodes/desk/unconfigured.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/thread_pool.hpp"
#include "runtime/telemetry/log.hpp"

#include <algorithm>
#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <future>
#include <thread>

namespace troupe::desk {

namespace {

void write_log(const actor_name& who, const cause_id& cause, std::string_view severity, std::string_view message) {
  log::write(severity, who, cause, message);
}

} // namespace

desk::desk(desk_options options) : options_{std::move(options)}, mesh_{config(), options_.deterministic && !options_.carrier} {
  const auto cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
  const auto given = config().node.threads.value();
  // Two more than cores: a handler that hangs must not silence the rest until the watchdog acts.
  const auto threads = given > 0 ? given : std::max<std::int64_t>(4, cores + 2);
  if (options_.deterministic) system_config_.set("scheduler.policy", caf::atom("testing"));
  else actor::use_thread_pool(system_config_, static_cast<std::size_t>(threads));
  actor::add_message_types(system_config_);
}

result<std::unique_ptr<desk>> desk::open(desk_options options) {
  std::unique_ptr<desk> d{new desk(std::move(options))};
  if (auto done = d->open_journals(); !done) return done.error();
  auto first = first_instrument(d->config());
  for (const auto& s : d->config().strategies) {
    auto made = strategy_of(d->config(), s, first ? *first : trading::instrument_id{});
    if (!made) return made.error();
    d->strategies_.push_back(std::move(*made));
  }
  return d;
}

desk::~desk() { stop(); }

result<void> desk::start() {
  system_ = std::make_unique<caf::actor_system>(system_config_);
  names_ = std::make_unique<actor::directory>(*system_);
  parts_.env.clock = options_.deterministic ? static_cast<const actor::clock*>(&virtual_clock_) : &wall_clock_;
  const bool is_one_run = options_.deterministic && mesh_.is_alone();
  parts_.env.hybrid = is_one_run || options_.streams_count_alone ? nullptr : &hybrid_clock_;
  parts_.env.names = names_.get();
  parts_.env.pulses = &pulses_;
  parts_.env.deterministic = options_.deterministic;
  parts_.env.faults_allowed = options_.faults_allowed;
  if (options_.crash_point) parts_.env.crash_point = options_.crash_point;
  parts_.env.log = write_log;
  parts_.env.is_logged = [](const actor_name& who, std::string_view level) { return log::is_enabled(log::level_named(level), who); };
  parts_.instruments = instruments_of(config());
  parts_.recover_within = config().node.recover_within.value();
  parts_.snapshot_interval = static_cast<std::uint64_t>(config().journal.snapshot_interval.value());
  parts_.renew = config().risk.renew.value();
  parts_.order_age_max = config().oms.order_age_max.value();
  parts_.market_protection_bps = static_cast<std::uint32_t>(config().oms.market_protection_bps.value());
  parts_.halts_cancel_orders = config().halt.cancels_orders.value();
  parts_.accepts_older_journal = options_.accept_older_journal;
  parts_.halt = [this](risk::halt_scope scope, std::string_view key, const cause_id& cause, const std::string& why) { return halt(scope, key, cause, why); };
  for (const auto& s : strategies_) parts_.configured_strategies.insert(s.name);
  parts_.halt_unconfigured = [this](const trading::strategy_id& who, const cause_id& cause) {
    if (!stopping_) (void)tellers().halt({risk::halt_scope::strategy, text<32>{who.value.view()}, unconfigured_reason}, cause, configuration_principal);
  };
  parts_.nodes = &mesh_;
  if (!mesh_.is_alone())
    if (auto known = apply_moves(parts_, mesh_); !known) return known.error();
  if (auto kept = look_at_records(); !kept) return kept.error();
  if (auto noted = put_settings(); !noted) return noted.error();
  if (auto joined = join_others(); !joined) return joined.error();
  tell_of_left_positions();
  if (!options_.deterministic)
    watchdog_ = std::make_unique<supervise::watchdog>(pulses_, config().node.stuck_after.value(), [this](const std::string& why) {
      options_.on_fatal("watchdog: " + why);
    });

  auto root = supervisor("root", "");
  root.children = {under_root(trading_supervisor, [this] { return trading_children(); }), // slots come and go
                   under_root("market", [all = market_children()] { return all; })};
  // A deterministic run has no such record: its journal follows from its input.
  if (!options_.deterministic) {
    const actor_name process{"process"};
    reports_->open(*system_, parts_.env, supervision_name, [process, folder = options_.data_dir](const supervision::report& told) {
      if (told.child == process) remove_last_words(folder); // a desk without a folder reports none
    });
    if (const auto last = options_.data_dir.empty() ? std::nullopt : read_last_words(options_.data_dir))
      reports_->put({process, root.name, supervise::child_status::restarting, "it ended itself: " + last->why, {}, last->at});
  }
  tree_.put({root.name, {}, true, supervise::child_status::running, 0, {}, parts_.env.clock->now()});
  root_ = supervise::spawn_supervisor(*system_, std::move(root));
  if (options_.deterministic) {
    dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler()).run();
    return {};
  }
  // The root's end is the process's end: whatever it could not keep alive, a restart recovers.
  watch_ = supervise::watch_root(*system_, root_, [this](const std::string& why) {
    if (!stopping_) options_.on_fatal(why);
  });
  return wait_until_running();
}

/// A deterministic run has its configuration from whoever looks at it.
result<void> desk::put_settings() {
  if (options_.deterministic || options_.data_dir.empty()) return {};
  auto now = settings_of(config());
  now.since = hybrid_clock_.next(wall_clock_.now());
  const auto in_force = put_settings_on_record(options_.data_dir, *parts_.journal, mesh_.slots_of(mesh_.self()), std::move(now));
  if (!in_force) return in_force.error();
  hybrid_clock_.saw(in_force->since);
  parts_.former_quotes = in_force->quotes;
  return {};
}

result<void> desk::look_at_records() const {
  for (const auto* store : {parts_.journal.get(), parts_.venues.get()}) {
    const auto heads = store->heads();
    if (!heads) return heads.error();
    if (auto stays = must_stay(*heads, mesh_.self(), [this](const actor_name& name) { return mesh_.node_of(name); }); !stays) return stays.error();
    if (const auto lost = mesh_.is_alone() || !mesh_.runs_here(risk_name) ? std::nullopt : begins_anew(*heads)) write_log(risk_name, {}, "error", *lost);
  }
  return {};
}

void desk::tell_of_left_positions() const {
  const auto held = held_by_unconfigured(*parts_.journal, parts_.configured_strategies);
  if (!held) return write_log(actor_name{"node"}, {}, "error", "what strategies hold that are not configured any more cannot be read: " + to_string(held.error()));
  for (const auto& [name, at] : *held)
    if (const auto told = told_of_positions(mesh_.shown(mesh_.self(), name), at)) write_log(name, {}, "warn", *told);
}

result<void> desk::join_others() {
  std::vector<actor_name> own{portfolio_name, operations_name, supervision_name, node_actor_name, history_name, order_stream_name, slot_mover_name};
  for (const auto& f : config().feeds) own.push_back(market_relay_name(f.name.value()));
  return mesh_.open(*system_, *names_, parts_.env.hybrid, own, options_.boot, options_.carrier ? options_.carrier : tls_carrier(config()));
}

result<void> desk::keep(const char* name, std::function<std::vector<supervise::child_spec>()> children) {
  const actor_name kept{name};
  // The root puts it there as well, but later: until then nobody could see that it is not running yet.
  tree_.put({kept, actor_name{"root"}, true, supervise::child_status::starting, 0, {}, parts_.env.clock->now()});
  supervise::start_child(root_, under_root(name, std::move(children)));
  auto runs = wait_until_running(kept);
  if (!runs) let_go(name);
  return runs;
}

void desk::let_go(const char* name) {
  auto gone = std::make_shared<std::promise<void>>();
  const auto told = gone->get_future();
  supervise::end_child(root_, actor_name{name}, [gone = std::move(gone)](bool) { gone->set_value(); });
  (void)told.wait_for(config().node.stop_within.value());
}

void desk::expect_end() {
  if (watchdog_) watchdog_->expect_end_within(config().node.stop_within.value());
}

void desk::stop() {
  if (!system_ || stopping_.exchange(true)) return;
  reports_->close();
  expect_end();
  if (parts_.journal) (void)parts_.journal->flush();
  if (root_) caf::anon_send_exit(root_, caf::exit_reason::user_shutdown);
  root_ = nullptr;
  if (options_.deterministic) {
    auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
    scheduler.run();
    scheduler.advance_time(tell_again); // whoever repeats a halt hears of the end then
    scheduler.run();
  }
  names_->clear();
  mesh_.close();
  if (options_.deterministic) dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler()).run();
  if (watch_.joinable()) watch_.join(); // it ends behind the root, and may not even have begun: until then it needs the system
  // Waits for the actors; what hangs is the watchdog's. Not by reset(), which forgets the system first: those that are waited for may still give up on a slot
  // and spawn who tells of it.
  delete system_.get();
  static_cast<void>(system_.release());
  if (!options_.deterministic)
    for (const auto& j : {parts_.journal, parts_.venues}) (void)j->flush(); // what was decided last
  names_.reset();
  watchdog_.reset();
}

} // namespace troupe::desk
