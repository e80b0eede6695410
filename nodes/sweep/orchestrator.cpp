#include "runtime/actor/caf_inspect.hpp"

#include "nodes/sweep/orchestrator.hpp"

#include "actors/research/sweep/identity.hpp"
#include "nodes/sweep/feed_server.hpp"
#include "nodes/sweep/free_port.hpp"
#include "nodes/sweep/sweep_link.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/actor/thread_pool.hpp"
#include "runtime/cluster/boot.hpp"
#include "runtime/cluster/remote_actors.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "runtime/supervise/supervisor.hpp"
#include "runtime/supervise/watchdog.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <optional>
#include <thread>

namespace troupe::sweep_node {
namespace {

/// Far more than a desk's: nobody but a person resumes a sweep that was ended, and what it delays is no order.
constexpr nanoseconds sweep_stuck_after = std::chrono::seconds{60};

} // namespace

struct orchestrator::parts {
  orchestrator_options options;
  sweep::description what;
  sweep_counts counts;
  std::shared_ptr<journal::journal> store;
  actor::wall_clock clock;
  actor::pulse_board pulses;
  supervise::tree tree;
  caf::actor_system_config system_config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<actor::directory> names;
  actor::environment env;
  std::unique_ptr<cluster::remote_actors> remote;
  std::unique_ptr<cluster::link> carrier;
  caf::strong_actor_ptr root;
  std::unique_ptr<supervise::watchdog> watchdog;
  std::thread watch;
  std::uint16_t port = 0;
  std::atomic<bool> is_stopping{false};

  result<void> open_store();
  result<void> know_what();
  void start_system(std::uint64_t boot);
  void spawn_root();
  template <class Reply, class Command>
  [[nodiscard]] result<Reply> ask_sweep(const Command& command);
  result<void> begin();
  result<void> take_over();
  result<void> open_link(std::uint64_t boot);
};

result<void> orchestrator::parts::open_store() {
  journal::rocks_options o;
  o.directory = options.folder / "journal";
  o.tables = {sweep::table};
  o.write_buffer_bytes = std::uint64_t{16} << 20;
  o.reserve_bytes = std::uint64_t{256} << 20;
  o.ballast_bytes = std::uint64_t{64} << 20;
  o.on_fatal = [this](const error& e) { options.on_fatal("the sweep's journal: " + to_string(e)); };
  o.log = [this](std::string_view note) { options.log("warn", std::string{note}); };
  auto made = journal::open_rocks_journal(std::move(o));
  if (!made) return made.error();
  store = std::move(*made);
  return {};
}

/// What the sweep is: as it began, or as it is about to.
result<void> orchestrator::parts::know_what() {
  auto before = read_sweep(*store);
  if (!before) return before.error();
  if (!before->has_begun) {
    if (!options.begin) return fail(errc::not_found, "no sweep began in " + options.folder.string());
    what = options.begin->what;
    return {};
  }
  if (options.begin && sweep::identity_of(options.begin->what) != before->identity)
    return fail(errc::conflict, "another sweep began in " + options.folder.string() + ": give this one another name, or remove that folder");
  what = std::move(before->what);
  return {};
}

void orchestrator::parts::start_system(std::uint64_t boot) {
  actor::use_thread_pool(system_config, 2);
  add_messages(system_config);
  system = std::make_unique<caf::actor_system>(system_config);
  names = std::make_unique<actor::directory>(*system);
  env.clock = &clock;
  env.names = names.get();
  env.pulses = &pulses;
  env.log = [this](const actor_name& who, const cause_id&, std::string_view level, std::string_view message) {
    options.log(level == "error" ? "error" : level == "warning" ? "warn" : "info", who.value.str() + ": " + std::string{message});
  };
  watchdog = std::make_unique<supervise::watchdog>(pulses, sweep_stuck_after, [this](const std::string& why) { options.on_fatal("watchdog: " + why); });
  remote = std::make_unique<cluster::remote_actors>(*system, *names, boot);
  remote->on_down = [this](const node_name& worker, const std::string&) {
    names->ref(sweep_name)->enqueue(nullptr, caf::make_message_id(), caf::make_message(context{}, sweep::worker_lost{worker}), nullptr);
  };
}

void orchestrator::parts::spawn_root() {
  supervise::supervisor_spec s;
  s.name = actor_name{"root"};
  s.intensity = {5, std::chrono::seconds{10}};
  s.hang_after = std::chrono::seconds{5};
  s.recover_within = slow_work_max; // it may have a million results to fold
  s.node = &env;
  s.tree = &tree;
  supervise::child_spec shipper;
  shipper.name = feeds_name;
  shipper.start = [this](caf::actor_system& sys) { return start_feed_server(sys, env, what.feed, options.feed); };
  s.children.push_back(std::move(shipper));
  supervise::child_spec main;
  main.name = sweep_name;
  main.start = [this](caf::actor_system& sys) { return start_sweep(sys, env, store, counts); };
  s.children.push_back(std::move(main));
  tree.put({s.name, {}, true, supervise::child_status::running, 0, {}, clock.now()});
  root = supervise::spawn_supervisor(*system, std::move(s));
  watch = supervise::watch_root(*system, root, [this](const std::string& why) {
    if (!is_stopping) options.on_fatal(why);
  });
}

/// Of what may be said again: the actor may be starting still.
template <class Reply, class Command>
result<Reply> orchestrator::parts::ask_sweep(const Command& command) {
  caf::scoped_actor self{*system};
  std::optional<Reply> reply;
  for (int attempt = 0; attempt < 300 && !reply; ++attempt) {
    context c;
    c.request = static_cast<std::uint64_t>(attempt) + 1;
    names->ref(sweep_name)->enqueue(caf::actor_cast<caf::strong_actor_ptr>(self), caf::make_message_id(), caf::make_message(c, command), nullptr);
    self->receive([&](std::uint64_t, const Reply& r) { reply = r; }, [](const actor::unanswered&) {}, caf::after(std::chrono::milliseconds{100}) >> [] {});
    if (!reply) std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  if (!reply) return fail(errc::timeout, "the sweep's actor did not answer within 30 s");
  return std::move(*reply);
}

result<void> orchestrator::parts::begin() {
  if (!options.begin) return {};
  const auto begun = ask_sweep<sweep::begin_reply>(*options.begin);
  if (!begun) return begun.error();
  if (!begun->refused.empty()) return fail(errc::conflict, begun->refused);
  return take_over();
}

result<void> orchestrator::parts::take_over() {
  const auto all = std::exchange(options.known, {});
  for (std::size_t from = 0; from < all.size(); from += sweep::window_max) {
    const auto to = std::min<std::size_t>(from + sweep::window_max, all.size());
    sweep::work_request brought;
    brought.worker = sweep::brought_from_earlier;
    brought.sweep = sweep::identity_of(what);
    brought.results.assign(all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(to));
    if (const auto taken = ask_sweep<sweep::work>(brought); !taken) return taken.error();
  }
  return {};
}

result<void> orchestrator::parts::open_link(std::uint64_t boot) {
  auto o = link_options(options.name, boot, options.certificates);
  o.dials = options.is_dialed ? cluster::dialing::never : cluster::dialing::always;
  o.peers = options.workers;
  for (const auto& [name, address] : options.workers) o.rule.members.insert(name);
  o.log = options.log;
  // Nobody dials one who dials, but a link has a port; on loopback, with the same certificates as everywhere.
  for (int attempt = 0;; ++attempt) {
    auto free = free_port();
    if (!free) return free.error();
    o.listen = {"127.0.0.1", *free};
    auto opened = cluster::open_tls_link(o, *remote);
    if (opened) {
      carrier = std::move(*opened);
      port = options.is_dialed ? *free : std::uint16_t{0};
      return {};
    }
    if (opened.error().code != errc::unavailable || attempt == 20) return opened.error(); // else somebody was faster
  }
}

orchestrator::orchestrator(std::unique_ptr<parts> p) : parts_{std::move(p)} {}

result<std::unique_ptr<orchestrator>> orchestrator::open(orchestrator_options options) {
  auto p = std::make_unique<parts>();
  auto& x = *p;
  x.options = std::move(options);
  if (auto opened = x.open_store(); !opened) return opened.error();
  if (auto known = x.know_what(); !known) return known.error();
  const auto boot = cluster::draw_boot();
  x.start_system(boot);
  std::unique_ptr<orchestrator> made{new orchestrator(std::move(p))}; // from here on its end puts away what was made
  x.spawn_root();
  const auto known_before = x.options.known.size();
  if (auto begun = x.begin(); !begun) return begun.error();
  // A start that recovers is waited for: counts are right from here on.
  const auto is_known = [&] { return x.counts.trials > 0 && x.counts.finished() >= known_before; };
  for (int i = 0; i < 30'000 && !is_known(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  if (x.counts.trials == 0) return fail(errc::unavailable, "the sweep's actor does not come up");
  if (auto linked = x.open_link(boot); !linked) return linked.error();
  return made;
}

orchestrator::~orchestrator() {
  auto& x = *parts_;
  x.is_stopping = true;
  x.carrier.reset();
  if (x.store) (void)x.store->flush();
  if (x.root) caf::anon_send_exit(x.root, caf::exit_reason::user_shutdown);
  x.root = nullptr;
  if (x.remote) x.remote->clear();
  if (x.names) x.names->clear();
  if (x.watch.joinable()) x.watch.join();
  x.system.reset(); // waits for the actors
  if (x.store) (void)x.store->flush();
}

const sweep_counts& orchestrator::counts() const noexcept { return parts_->counts; }
std::vector<cluster::peer_view> orchestrator::workers() const { return parts_->carrier->peers(); }
std::uint16_t orchestrator::port() const noexcept { return parts_->port; }
bool orchestrator::has_space() const noexcept { return parts_->store->has_space(); }
const journal::journal& orchestrator::store() const noexcept { return *parts_->store; }
const sweep::description& orchestrator::what() const noexcept { return parts_->what; }

} // namespace troupe::sweep_node
