#include "runtime/core/printable.hpp"
#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/desk.hpp"

#include "actors/platform/placement/core.hpp"
#include "actors/trading/risk/core.hpp"
#include "nodes/desk/last_words.hpp"
#include "nodes/desk/market_relay.hpp"
#include "nodes/desk/settings_on_record.hpp"
#include "nodes/desk/slot_mover.hpp"
#include "nodes/desk/slot_sets.hpp"
#include "nodes/desk/unconfigured.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/thread_pool.hpp"
#include "runtime/core/counted.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "runtime/journal/posix_file.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "runtime/journal/space_watch.hpp"
#include "runtime/telemetry/log.hpp"

#include <algorithm>
#include <bit>
#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <future>
#include <thread>

namespace troupe::desk {
namespace fs = std::filesystem;

namespace {

constexpr const char* trading_supervisor = "trading";
constexpr nanoseconds lease_patience = std::chrono::milliseconds{250};
constexpr nanoseconds ready_patience = std::chrono::seconds{30}; // a slot without a lease for so long is a fault

/// Of a supervisor and its children, or of everybody.
std::vector<supervise::tree_entry> entries_of(const supervise::tree& tree, const std::optional<actor_name>& below) {
  auto all = tree.all();
  if (below) std::erase_if(all, [&](const auto& e) { return e.name != *below && e.supervisor != *below; });
  return all;
}

std::size_t count_of(supervise::child_status status, const std::vector<supervise::tree_entry>& all) {
  return static_cast<std::size_t>(std::ranges::count(all, status, &supervise::tree_entry::status));
}

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

result<void> desk::open_journals() {
  parts_.board = std::make_shared<mark_board>(static_cast<std::size_t>(config().bars.kept.value()));
  if (options_.data_dir.empty()) {
    const auto& kept = options_.stores;
    parts_.journal = kept.journal ? kept.journal : journal::make_memory_journal();
    parts_.venues = kept.venues ? kept.venues : journal::make_memory_journal();
    parts_.books = kept.books ? kept.books : journal::make_memory_journal({"fills"});
    return {};
  }
  if (!options_.accept_older_journal && journal::holds_journal(options_.data_dir / "venues") && !journal::holds_journal(options_.data_dir / "journal"))
    return fail(errc::conflict, options_.data_dir.string() + " has a store of the venues, and the slots' journal beside it is gone, and with it orders, halts, blocks and limits; "
                                "restore a backup whole, or start with --accept-older-journal: then the venues' orders and fills are taken from them, their accounts are halted, and the rest stays lost");
  if (auto made = journal::make_folders(options_.data_dir); !made) return made.error();
  const auto mib = [](const config::property<std::int64_t>& p) { return static_cast<std::uint64_t>(p.value()) << 20; };
  // All stores lie on one disk and share its watch.
  std::shared_ptr<journal::space_watch> space;
  if (!options_.deterministic) {
    if (auto made = journal::make_folders(options_.data_dir / "journal"); !made) return made.error();
    const journal::space_limits limits{mib(config().journal.reserve_mib), mib(config().journal.ballast_mib), mib(config().journal.write_buffer_mib)};
    space = std::make_shared<journal::space_watch>(options_.data_dir / "journal", limits, nullptr);
  }
  const auto open = [&](const char* name, bool sync, std::vector<std::string> tables) -> result<std::shared_ptr<journal::journal>> {
    journal::rocks_options o;
    o.directory = options_.data_dir / name;
    o.sync = sync;
    o.write_buffer_bytes = mib(config().journal.write_buffer_mib);
    o.reserve_bytes = o.ballast_bytes = 0;
    o.space = space;
    o.tables = std::move(tables);
    o.accept_missing_frontier = options_.accept_missing_frontier;
    if (sync) o.file_system = options_.file_system;
    if (options_.crash_point) o.crash_point = options_.crash_point;
    o.on_fatal = [fatal = options_.on_fatal, name](const error& e) { fatal(std::string{name} + ": " + to_string(e)); };
    o.log = [name](std::string_view note) { log::warn(name, {}, note); };
    auto made = journal::open_rocks_journal(std::move(o));
    if (!made) return made.error();
    return std::shared_ptr<journal::journal>{std::move(*made)};
  };
  const bool sync = !options_.deterministic;
  auto main = open("journal", sync, {"done"});
  if (!main) return main.error();
  parts_.journal = *main;
  auto heads = parts_.journal->heads();
  if (!heads) return heads.error();
  const bool has_turns = std::ranges::any_of(*heads, [](const auto& h) { return h.sequence > 0; });
  if (has_turns && !journal::holds_journal(options_.data_dir / "venues")) // an empty folder is where one was to be mounted
    return fail(errc::corrupt, options_.data_dir.string() + " has the slots' journal and no store of the venues: nobody could say "
                               "what became of the orders there; restore a backup whole");
  auto venues = open("venues", sync, {"done"});
  if (!venues) return venues.error();
  parts_.venues = *venues;
  auto books = open("portfolio", false, {"fills"});
  if (books && portfolio_is_ahead(**books, *heads)) {
    books->reset();
    books = fail(errc::corrupt, "it has folded turns that the slots' journal does not hold");
  }
  if (!books) { // everything in it can be folded again from the journal
    log::warn("portfolio", {}, "rebuilding: " + to_string(books.error()));
    std::error_code ignored; // what stays is found again
    fs::remove_all(options_.data_dir / "portfolio", ignored);
    books = open("portfolio", false, {"fills"});
    if (!books) return books.error();
  }
  parts_.books = *books;
  auto boot = host_boot::open(options_.data_dir, options_.host_boot, *heads);
  if (!boot) return boot.error();
  parts_.boot = std::move(*boot);
  for (const auto& h : *heads)
    if (const auto slot = trading::slot_called(h.stream)) parts_.epochs[*slot] = h.epoch;
  return {};
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
  const auto since = put_settings_on_record(options_.data_dir, *parts_.journal, mesh_.slots_of(mesh_.self()), std::move(now));
  if (!since) return since.error();
  hybrid_clock_.saw(*since);
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

result<void> desk::wait_until_running(const std::optional<actor_name>& below) {
  const bool must_trade = !below && mesh_.is_alone();
  const auto patience = std::max<nanoseconds>(ready_patience, config().node.recover_within.value()); // from one actor to the next
  auto until = wall_clock_.boot() + patience;
  std::size_t most = 0;
  while (const auto why = must_trade ? not_trading() : not_running(below)) {
    if (options_.is_asked_to_stop()) return fail(errc::unavailable, "asked to stop before it was ready: " + *why);
    if (must_trade)
      if (auto fence = fenced()) return fail(errc::conflict, std::move(*fence)); // waiting changes nothing; `why` was asked before it
    const auto all = entries_of(tree_, below);
    if (count_of(supervise::child_status::halted, all) > 0) return fail(errc::unavailable, not_running(below).value_or(*why)); // waiting changes nothing here either
    if (const auto running = count_of(supervise::child_status::running, all); running > most) {
      most = running;
      until = wall_clock_.boot() + patience;
    }
    if (wall_clock_.boot() > until)
      return fail(errc::unavailable, "nothing more has started for " + std::to_string(patience / std::chrono::seconds{1}) + " s: " + *why);
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return {};
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

std::optional<std::string> desk::not_ready() const {
  if (auto why = not_trading()) return why;
  if (!parts_.journal->has_space()) return "the disk's reserve is reached: cancels and halts pass, nothing opens until space returns";
  for (const auto& f : feed_states())
    if (f.status == feed_status::failed)
      return "feed/" + f.name.str() + " has failed and shows no market data any more: " + f.failure.value_or("unknown reason");
  return std::nullopt;
}

std::vector<feed_state> desk::feed_states() const {
  std::vector<feed_state> all;
  const auto entries = tree_.all();
  for (const auto& [name, progress] : feeds_) {
    auto& f = all.emplace_back(feed_state{name, progress->status(), std::nullopt, progress});
    if (const auto why = progress->failure()) f.failure = to_string(*why);
    const auto own = std::ranges::find(entries, actor_name{"feed/" + name.str()}, &supervise::tree_entry::name);
    if (own == entries.end()) continue;
    using enum supervise::child_status;
    if (own->status == starting || own->status == restarting) {
      f.status = feed_status::connecting;
      f.failure.reset();
    } else if (own->status == halted || own->status == hung) {
      f.status = feed_status::failed;
      f.failure = std::string{boost::describe::enum_to_string(own->status, "?")} + ": " + own->last_reason;
    }
  }
  return all;
}

namespace {

constexpr nanoseconds disk_answers_within = std::chrono::seconds{5};

/// A disk that does not answer silences only who waits for it; until then its actors look well.
std::optional<std::string> is_silent(const char* what, const journal::journal& store) {
  const auto busy = store.stats().busy_for;
  if (busy < disk_answers_within) return std::nullopt;
  return "the disk has not taken what is written to " + std::string{what} + " for " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(busy).count()) + " s";
}

} // namespace

std::optional<std::string> desk::not_trading() const {
  if (stopping_) return "the node stops";
  const auto slots = mesh_.slots_of(mesh_.self());
  if (auto why = fenced()) return why;
  if (auto why = is_silent("the slots' journal", *parts_.journal)) return why;
  if (auto why = is_silent("the venues' store", *parts_.venues)) return why;
  if (const auto without = slots & ~parts_.leased.load(); without != 0) {
    const auto away = mesh_.why_away(risk_name);
    if (away) return "no OMS slot holds a lease: " + *away;
    if (auto broken = not_running()) return broken; // whatever is behind it
    return "not every OMS slot holds a lease of the risk actor: " + first_slot_of(without).value.str() + " does not";
  }
  return not_running();
}

std::optional<std::string> desk::fenced() const {
  const auto slots = parts_.fenced.load() & mesh_.slots_of(mesh_.self());
  if (slots == 0) return std::nullopt;
  return "a venue has heard of a newer owner of " + first_slot_of(slots).value.str() +
         " (" + counted(static_cast<std::uint64_t>(std::popcount(slots)), "slot") + "): the journal is older than what has traded; restore a newer one, or start with "
         "--accept-older-journal if no other node has the slots";
}

std::optional<std::string> desk::why_unanswered(const actor_name& name) const {
  if (auto away = mesh_.why_away(name)) return away;
  const auto node = mesh_.node_of(name);
  if (node != mesh_.self()) return name.value.str() + " is starting on node " + node.value.str();
  const auto slot = trading::slot_called(name);
  if (slot && ((parts_.leaving.load() >> *slot) & 1) != 0) return name.value.str() + " is moving to another node";
  for (const auto& e : tree_.all()) {
    if (e.name != name) continue;
    const auto is = name.value.str() + " is " + boost::describe::enum_to_string(e.status, "?") + " (" + e.last_reason + ")";
    if (e.status == supervise::child_status::halted) return is + ", `troupe restart " + name.value.str() + "` brings it back";
    if (e.status == supervise::child_status::hung) return is + "; unless its handler returns, the node ends when node.stuck_after_ms are over, and its next start recovers";
  }
  return std::nullopt;
}

std::optional<std::string> desk::not_running(const std::optional<actor_name>& below) const {
  if (tree_.is_healthy()) return std::nullopt;
  for (const auto& e : entries_of(tree_, below))
    if (e.status != supervise::child_status::running && e.status != supervise::child_status::stopped)
      return e.name.value.str() + " is " + boost::describe::enum_to_string(e.status, "?") + ": " + e.last_reason;
  return std::nullopt;
}

result<sha256_digest> desk::history_hash() const {
  auto heads = parts_.journal->heads();
  if (!heads) return heads.error();
  auto venues = parts_.venues->heads();
  if (!venues) return venues.error();
  heads->insert(heads->end(), venues->begin(), venues->end());
  return journal::journal_hash(std::move(*heads));
}

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
  else write_log(trading::slot_name(slot), cause, "error", "its accounts cannot be halted: " + to_string(accounts.error()));
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
    add(actor_name{"venue/" + id.value.str()}, [this, id, maker = static_cast<std::int32_t>(v.maker_fee.value()),
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
    add(actor_name{"strategy/" + c.name.value.str()}, [this, c](caf::actor_system& s) {
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
  for (const auto& v : config().venues) all.push_back(actor_name{"venue/" + v.name.value().value.str()});
  for (const auto& s : strategies_) all.push_back(actor_name{"strategy/" + s.name.value.str()});
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
