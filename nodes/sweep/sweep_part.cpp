#include "nodes/sweep/sweep_part.hpp"

#include "actors/research/sweep/core.hpp"
#include "nodes/sweep/feed_server.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/shell.hpp"
#include "runtime/wire/wire.ipp"

using namespace troupe;

TROUPE_CORE_WIRE(sweep::core)
TROUPE_PROTOCOL("sweep", sweep::protocol, sweep::chunk_request, sweep::chunk) // the feed server's go the same way

namespace troupe::sweep_node {
namespace {

/// Turns between snapshots: a turn may hold a thousand results, and a start folds those behind the newest.
constexpr std::uint64_t snapshot_interval = 1000;

void show(const sweep::sweep_state& s, sweep_counts& to) {
  to.trials = s.trials;
  to.done = s.done;
  to.refused = s.refused;
  to.failed = s.failed;
}

struct sweep_wiring {
  sweep_counts* counts;

  template <class Shell>
  void started(Shell& self) {
    show(self.state(), *counts);
  }
  template <class Shell>
  void before(Shell&, const sweep::work_request& q) {
    counts->note_problem(q.worker, q.problem);
  }
  /// Only now it counts.
  template <class Shell>
  void released(Shell& self, std::uint64_t, const sweep::sweep_event& e) {
    if (std::holds_alternative<sweep::begun>(e)) counts->trials = self.state().trials;
    const auto* f = std::get_if<sweep::trials_finished>(&e);
    if (!f) return;
    for (const auto& r : f->results)
      ++(r.status == sweep::trial_status::done ? counts->done : r.status == sweep::trial_status::refused ? counts->refused : counts->failed);
  }
};

} // namespace

void sweep_counts::note_problem(const node_name& worker, const std::string& why) {
  std::lock_guard guard{mutex_};
  if (why.empty()) problems_.erase(worker);
  else if (problems_.contains(worker) || problems_.size() < sweep::workers_max) problems_[worker] = why.substr(0, sweep::reason_bytes_max);
}

std::map<node_name, std::string> sweep_counts::problems() const {
  std::lock_guard guard{mutex_};
  return problems_;
}

result<caf::strong_actor_ptr> start_sweep(caf::actor_system& system, actor::environment& env, std::shared_ptr<journal::journal> store,
                                          sweep_counts& counts) {
  auto from = actor::recover(*store, sweep::core{}, sweep_name);
  if (!from) return from.error();
  actor::shell_options options;
  options.node = &env;
  options.journal = std::move(store);
  options.snapshot_interval = snapshot_interval;
  using shell = actor::shell<sweep::core, sweep_wiring>;
  return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<shell>(sweep::core{}, std::move(*from), std::move(options), sweep_wiring{&counts}));
}

result<sweep::sweep_state> read_sweep(const journal::journal& store) {
  auto r = actor::read_state<sweep::core>(store, sweep::core{}, sweep_name, UINT64_MAX, false);
  if (!r) return r.error();
  return std::move(r->state.core);
}

} // namespace troupe::sweep_node
