#include "runtime/actor/caf_inspect.hpp"

#include "nodes/sweep/worker.hpp"

#include "nodes/sweep/sweep_link.hpp"
#include "runtime/actor/thread_pool.hpp"
#include "runtime/cluster/boot.hpp"
#include "runtime/cluster/remote_actors.hpp"
#include "runtime/supervise/supervisor.hpp"
#include "runtime/supervise/watchdog.hpp"
#include "runtime/telemetry/log.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <thread>

namespace troupe::sweep_node {
namespace {

/// Far more than a desk's: its runners may leave it little of the machine, and whoever is found hung loses what they were at. What waits for a disk has its
/// own limit.
constexpr nanoseconds worker_hangs_after = std::chrono::seconds{10};
constexpr nanoseconds worker_stuck_after = std::chrono::seconds{60};

} // namespace

struct worker_node::parts {
  worker_options options;
  node_name orchestrator;
  actor::wall_clock clock;
  actor::pulse_board pulses;
  supervise::tree tree;
  caf::actor_system_config system_config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<actor::directory> names;
  actor::environment env;
  std::unique_ptr<cluster::remote_actors> remote;
  std::unique_ptr<cluster::link> carrier;
  caf::strong_actor_ptr sweep, feeds; // stand-ins; made before anybody could ask for them behind their end
  caf::strong_actor_ptr root;
  std::unique_ptr<supervise::watchdog> watchdog;
  std::thread watch;
  std::atomic<bool> is_up{false};
  std::atomic<bool> is_stopping{false};

  /// The worker hears of the link behind its own start, so that neither can be missed.
  void tell(bool up) {
    is_up = up;
    tell_link(names->ref(worker_name), up);
  }
  void spawn_root() {
    supervise::supervisor_spec s;
    s.name = actor_name{"root"};
    s.intensity = {10, std::chrono::seconds{60}};
    s.node = &env;
    s.tree = &tree;
    s.hang_after = worker_hangs_after;
    supervise::child_spec child;
    child.name = worker_name;
    child.start = [this](caf::actor_system& sys) {
      return start_worker(sys, env, options, sweep, feeds);
    };
    child.bound = [this] {
      if (is_up) tell_link(names->ref(worker_name), true);
    };
    s.children.push_back(std::move(child));
    tree.put({s.name, {}, true, supervise::child_status::running, 0, {}, clock.now()});
    root = supervise::spawn_supervisor(*system, std::move(s));
    // The link would go on alone, and the orchestrator wait for a worker that is not there.
    watch = supervise::watch_root(*system, root, [this](const std::string& why) {
      if (!is_stopping) options.broken(why);
    });
  }
};

worker_node::worker_node(std::unique_ptr<parts> p) : parts_{std::move(p)} {}

result<std::unique_ptr<worker_node>> worker_node::open(const worker_configuration& config, worker_options options) {
  auto p = std::make_unique<parts>();
  auto& x = *p;
  x.options = std::move(options);
  x.orchestrator = config.orchestrator.name.value();
  const auto boot = cluster::draw_boot();
  const auto certificates = config.certificates.value().empty() ? x.options.name.value.str() : config.certificates.value();
  auto link = link_options(x.options.name, boot, certificates);
  const bool dials = !config.orchestrator.address.value().empty();
  link.listen = {config.listen.address.value(), static_cast<std::uint16_t>(config.listen.port.value())};
  link.rule.members.insert(x.orchestrator);
  link.peers[x.orchestrator] = {config.orchestrator.address.value(), static_cast<std::uint16_t>(config.orchestrator.port.value())};
  link.dials = dials ? cluster::dialing::always : cluster::dialing::never;
  link.log = [](const char* severity, const std::string& line) { log::write(severity, "link", {}, line); };
  actor::use_thread_pool(x.system_config, 2);
  add_messages(x.system_config);
  x.system = std::make_unique<caf::actor_system>(x.system_config);
  x.names = std::make_unique<actor::directory>(*x.system);
  x.env.clock = &x.clock;
  x.env.names = x.names.get();
  x.env.pulses = &x.pulses;
  x.env.log = [](const actor_name& who, const cause_id& cause, std::string_view severity, std::string_view message) {
    log::write(severity, who, cause, message);
  };
  x.remote = std::make_unique<cluster::remote_actors>(*x.system, *x.names, boot);
  x.remote->on_up = [&x](const cluster::greeting&) { x.tell(true); };
  x.remote->on_down = [&x](const node_name&, const std::string&) { x.tell(false); };
  x.sweep = x.remote->proxy(x.orchestrator, sweep_name);
  x.feeds = x.remote->proxy(x.orchestrator, feeds_name);
  std::unique_ptr<worker_node> made{new worker_node(std::move(p))}; // from here on its end puts away what was made
  x.watchdog = std::make_unique<supervise::watchdog>(x.pulses, worker_stuck_after, [&x](const std::string& why) { x.options.broken("watchdog: " + why); });
  x.spawn_root();
  auto carrier = cluster::open_tls_link(std::move(link), *x.remote);
  if (!carrier) return carrier.error();
  x.carrier = std::move(*carrier);
  return made;
}

worker_node::~worker_node() {
  auto& x = *parts_;
  x.is_stopping = true;
  if (x.root) caf::anon_send_exit(x.root, caf::exit_reason::user_shutdown);
  x.root = nullptr;
  x.carrier.reset(); // tells the remote actors that everybody is down
  x.remote->clear();
  x.sweep = x.feeds = nullptr;
  x.names->clear();
  if (x.watch.joinable()) x.watch.join();
  x.system.reset(); // waits for the actors
}

} // namespace troupe::sweep_node
