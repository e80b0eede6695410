#pragma once
// One node of the desk: journals, actor system, link to the other nodes, supervision tree, in the order they must come and go. The
// same wiring runs live and deterministic; one option chooses.

#include "nodes/desk/config.hpp"
#include "nodes/desk/feed_actor.hpp"
#include "nodes/desk/mesh.hpp"
#include "nodes/desk/parts.hpp"
#include "nodes/desk/placement_part.hpp"
#include "nodes/desk/supervision_reports.hpp"
#include "nodes/desk/verdict_tellers.hpp"
#include "runtime/supervise/supervisor.hpp"
#include "runtime/supervise/watchdog.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace rocksdb {
class FileSystem;
}

namespace troupe::desk {

/// Stores that outlive the node: what a simulated process had when it died.
struct kept_stores {
  std::shared_ptr<journal::journal> journal, venues, books;
};

struct desk_options {
  const configuration* config = nullptr;
  std::filesystem::path data_dir;  // empty: everything in memory (deterministic runs)
  kept_stores stores;              // that memory, when it is there already
  bool deterministic = false;
  /// Every stream counts its own hybrid time, so that its hash does not tell which node it was on. Always so in a deterministic run
  /// without others.
  bool streams_count_alone = false;
  bool faults_allowed = false;
  std::function<void(std::string_view point)> crash_point; // a declared one was passed; may end the process. None: nothing happens
  bool accept_missing_frontier = false;
  bool accept_older_journal = false;      // a slot that a venue fences raises its epoch above what the venue has seen
  std::shared_ptr<rocksdb::FileSystem> file_system; // of the stores that are synced; null: the machine's
  std::string host_boot = this_host_boot();         // another one: instants in the journal belong to a clock that is gone
  std::uint64_t boot = 0; // of the process, as it greets others; 0: drawn
  /// To the other nodes. None: what the configuration says; in a deterministic run there are no others then.
  mesh::carrier carrier;
  /// Looked at by whoever waits for a start, which then ends at once as unavailable.
  std::function<bool()> is_asked_to_stop = [] { return false; };
  /// Called when an operator wants the node to end, from any thread.
  std::function<void()> leave = [] {};
  /// Called once, from any thread, when the process must end non-zero.
  std::function<void(const std::string& why)> on_fatal = [](const std::string&) {};
};

/// A feed as the rest of the desk may see it.
struct feed_state {
  text<15> name;
  feed_status status = feed_status::connecting;
  std::optional<std::string> failure; // set when it has failed
  std::shared_ptr<const feed_progress> progress;
};

class desk {
public:
  /// Opens the journals. Errors: what the journal says (corrupt, io_error), with what to do.
  [[nodiscard]] static result<std::unique_ptr<desk>> open(desk_options options);
  ~desk();
  desk(const desk&) = delete;
  desk& operator=(const desk&) = delete;

  /// Recovers and starts everything that runs here; live, returns when every slot holds a lease, or, with other nodes, when the
  /// actors are there: risk may be one of those that are not. Errors: unavailable (which actor and why), as open_tls_link.
  [[nodiscard]] result<void> start();
  /// Keeps `children` under a supervisor called `name`, the last one under the root, and returns when they run. Live only, after start.
  /// They end with the desk. Errors: unavailable (which one and why); then none of them is left.
  [[nodiscard]] result<void> keep(const char* name, std::function<std::vector<supervise::child_spec>()> children);
  /// Undoes keep: returns when they have ended, or when one of them does not end within node.stop_within_ms.
  void let_go(const char* name);
  /// From here on the process has node.stop_within_ms to end; then on_fatal is called.
  void expect_end();
  /// Reverse order; waits until what was decided is durable and every actor has ended.
  void stop();

  [[nodiscard]] caf::actor_system& system() noexcept { return *system_; }
  [[nodiscard]] shared_parts& parts() noexcept { return parts_; }
  [[nodiscard]] const mesh& nodes() const noexcept { return mesh_; }
  /// To other nodes, in connections to come. Any thread.
  void show(cluster::link_tls renewed) { mesh_.show(std::move(renewed)); }
  [[nodiscard]] const supervise::tree& tree() const noexcept { return tree_; }
  [[nodiscard]] const actor::pulse_board& pulses() const noexcept { return pulses_; }
  [[nodiscard]] actor::virtual_clock& driver_clock() noexcept { return virtual_clock_; }
  [[nodiscard]] const std::vector<std::pair<text<15>, std::shared_ptr<feed_progress>>>& feeds() const noexcept { return feeds_; }
  /// One for each feed; what its supervisor gave up has failed as well.
  [[nodiscard]] std::vector<feed_state> feed_states() const;
  [[nodiscard]] const std::vector<strategy::strategy_config>& strategies() const noexcept { return strategies_; }
  [[nodiscard]] const configuration& config() const noexcept { return *options_.config; }
  /// Nothing when the desk can do its work: every slot holds a lease, every actor runs, no feed has failed. Else what is
  /// missing. A feed that came to the end of its file has done what it was asked to.
  [[nodiscard]] std::optional<std::string> not_ready() const;
  /// Why nobody answers behind a name just now, when more is known than that its actor restarts.
  [[nodiscard]] std::optional<std::string> why_unanswered(const actor_name& name) const;
  /// Why nothing that is on record for a venue reaches it just now, as far as this node knows: it is not configured any more, its node is away, it was given up.
  [[nodiscard]] std::optional<std::string> out_of_reach(const trading::venue_id& venue) const;
  /// Names that should hear of durable OMS events beside the portfolio. Before start.
  void subscribe_to_orders(const actor_name& name) { order_subscribers_.push_back(name); }
  /// SHA-256 over all streams of all journals but derived ones.
  [[nodiscard]] result<sha256_digest> history_hash() const;

private:
  static constexpr const char* trading_supervisor = "trading";

  explicit desk(desk_options options);
  [[nodiscard]] result<void> open_journals();
  /// Nothing when orders can be taken.
  [[nodiscard]] std::optional<std::string> not_trading() const;
  /// Why slots that venues fence open nothing; nothing when there are none.
  [[nodiscard]] std::optional<std::string> fenced() const;
  /// Of everything, or of the children of one supervisor.
  [[nodiscard]] std::optional<std::string> not_running(const std::optional<actor_name>& below = std::nullopt) const;
  [[nodiscard]] result<void> put_settings();
  /// That everything runs where its record is, as far as this node's says.
  [[nodiscard]] result<void> look_at_records() const;
  [[nodiscard]] result<void> join_others();
  /// At each start: no actor that runs speaks for those strategies.
  void tell_of_left_positions() const;
  /// Everything, or one supervisor with its children. A feed that failed is told, and does not keep the rest from working.
  [[nodiscard]] result<void> wait_until_running(const std::optional<actor_name>& below = std::nullopt);
  [[nodiscard]] supervise::supervisor_spec supervisor(const char* name, const char* parent);
  /// A supervisor under the root; its children are described anew at each of its starts.
  [[nodiscard]] supervise::child_spec under_root(const char* name, std::function<std::vector<supervise::child_spec>()> children);
  [[nodiscard]] std::vector<supervise::child_spec> trading_children();
  /// `came`: from another node, so orders wait for it already; it is behind its name only when it can take them.
  [[nodiscard]] supervise::child_spec slot_child(std::uint32_t slot, bool came);
  [[nodiscard]] slot_doors doors();
  [[nodiscard]] std::vector<supervise::child_spec> market_children();
  [[nodiscard]] supervise::child_spec feed_child(const feed_section& f);
  [[nodiscard]] supervise::child_spec relay_child(const feed_section& f);
  /// Venues and strategies that run here.
  [[nodiscard]] std::vector<actor_name> market_subscribers() const;
  [[nodiscard]] verdict_tellers tellers();
  /// What it returns becomes true when risk has the halt on record.
  std::shared_ptr<std::atomic<bool>> halt(risk::halt_scope scope, std::string_view key, const cause_id& cause, const std::string& reason);
  void halt_slot(std::uint32_t slot, const cause_id& cause, const std::string& reason);

  desk_options options_;
  actor::wall_clock wall_clock_;
  actor::virtual_clock virtual_clock_;
  actor::hybrid_clock hybrid_clock_;
  actor::pulse_board pulses_;
  supervise::tree tree_;
  const std::shared_ptr<supervision_reports> reports_ = std::make_shared<supervision_reports>();
  caf::actor_system_config system_config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<actor::directory> names_;
  mesh mesh_;
  shared_parts parts_;
  std::vector<actor_name> order_subscribers_;
  std::vector<std::pair<text<15>, std::shared_ptr<feed_progress>>> feeds_;
  std::vector<strategy::strategy_config> strategies_;
  std::unique_ptr<supervise::watchdog> watchdog_;
  caf::strong_actor_ptr root_;
  std::thread watch_; // tells of the root's end
  std::atomic<bool> stopping_{false};
};

} // namespace troupe::desk
