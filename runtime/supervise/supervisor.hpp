#pragma once
// Keeps children alive. Starts them in order, stops them in reverse, each when the one behind it has ended; restarts by
// strategy with back-off; when a child cannot be kept alive, escalates or halts its scope; finds handlers that never
// return by pings and takes their handle away. The root runs on a thread of its own; restarting a child recovers its
// state first, on this supervisor's thread.

#include "runtime/actor/environment.hpp"
#include "runtime/core/result.hpp"
#include "runtime/supervise/policy.hpp"
#include "runtime/supervise/tree.hpp"

#include <caf/event_based_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace troupe::supervise {

struct child_spec {
  actor_name name;
  /// Recovers and spawns. Called on the supervisor's thread at every (re)start; may block for the length of a recovery.
  std::function<result<caf::strong_actor_ptr>(caf::actor_system&)> start;
  supervise::restart restart = supervise::restart::permanent;
  supervise::verdict verdict = supervise::verdict::escalate;
  /// Makes the halt of the child's scope durable (a command to risk). Called when the verdict is halt, and for a hang.
  std::function<void(const cause_id& cause, const std::string& reason)> halt = [](const cause_id&, const std::string&) {};
  /// Called at every (re)start once the name leads to the child: from here on nothing sent to it is lost.
  std::function<void()> bound = [] {};
  bool is_supervisor = false;
};

/// OTP's supervisor report: what was done about a child beyond starting it and stopping it with its supervisor.
struct child_report {
  actor_name child;
  actor_name supervisor;
  child_status status = child_status::restarting; // or halted, hung; stopped: it is kept no longer
  std::string reason;
  cause_id cause; // as in the log and in the halt of its scope
  time_ns at{};
};

struct supervisor_spec {
  actor_name name;
  actor_name parent; // for the tree
  supervise::strategy strategy = supervise::strategy::one_for_one;
  supervise::intensity intensity;
  supervise::back_off back_off;
  nanoseconds ping_interval = std::chrono::milliseconds{250};
  nanoseconds hang_after = std::chrono::seconds{1};
  /// How long a child that was asked to end is waited for (OTP's default); supervisors have as long as their children need.
  nanoseconds shutdown = std::chrono::seconds{5};
  /// How long one start may block before the watchdog takes it for stuck.
  nanoseconds recover_within = std::chrono::seconds{60};
  std::vector<child_spec> children;
  actor::environment* node = nullptr;
  supervise::tree* tree = nullptr;
  /// Called on the supervisor's thread, behind the change of the tree. Must not block.
  std::function<void(const child_report&)> report = [](const child_report&) {};
  /// Asked before each start: the process ends, and nobody is started only to be stopped. One start is not cut short by it. Any thread may change what it says.
  std::function<bool()> is_stopping = [] { return false; };
  std::uint64_t jitter_seed = 1;
};

class supervisor final : public caf::event_based_actor {
public:
  supervisor(caf::actor_config& config, supervisor_spec spec);
  caf::behavior make_behavior() override;
  const char* name() const override { return text_name_.c_str(); }
  void on_exit() override;

private:
  struct child {
    caf::strong_actor_ptr handle;
    restart_window window;
    child_status status = child_status::starting;
    std::uint32_t attempts_in_row = 0;
    std::uint32_t ticket = 0; // of the newest timer about it; older ones are void
    boot_ns ponged_at{};
    boot_ns hung_since{}; // since then it counts as hung
    boot_ns started_at{};
    bool leaving = false; // we asked it to end; its end is not news
    bool is_cut_short = false; // it was to finish what it had to do, took too long, and has to end as it is
    std::function<void(bool is_clean)> when_gone; // it was asked to end for good
  };

  void start(std::size_t i);
  void start_after(std::size_t i, nanoseconds delay);
  void ask_to_end(std::size_t i);
  void stop_next();
  void overdue(std::size_t i);
  void leave(caf::error why);
  void ended(std::size_t i, const std::string& reason, bool normal);
  void restart_group(std::size_t i, const cause_id& cause);
  void restart_by_command(const actor_name& who);
  void add(child_spec spec);
  [[nodiscard]] bool may_end(std::size_t i) const;
  void end_by_command(std::size_t i);
  void mark_away(std::size_t i, bool is_clean);
  void give_up(std::size_t i, const cause_id& cause, const std::string& reason);
  void look();
  [[nodiscard]] bool has_come_back(const child& c) const;
  void halt_scope(std::size_t i, const cause_id& cause, const std::string& why);
  [[nodiscard]] cause_id cause_now() const;
  void mark(std::size_t i, child_status status, std::string reason = {});
  void mark_and_report(std::size_t i, child_status status, const cause_id& cause, const std::string& reason);

  supervisor_spec spec_;
  std::string text_name_;
  std::shared_ptr<actor::pulse> pulse_;
  std::vector<child> children_;
  std::set<std::size_t> going_;       // children to stop, the last first; those that are restarting start when all are gone
  nanoseconds delay_{};               // before they do
  std::optional<caf::error> leaving_; // we end with this when every child has ended
  std::uint64_t random_;
  std::uint64_t pings_ = 0;
  boot_ns looked_at_{};
};

/// Spawns a supervisor: on a thread of its own when live, scheduled when deterministic.
[[nodiscard]] caf::strong_actor_ptr spawn_supervisor(caf::actor_system& system, supervisor_spec spec);

/// A thread that waits for the end of a root and calls `ended` with a sentence. Whatever the root could not keep alive another start of the
/// process recovers. The caller knows whether it asked for that end, and joins the thread before the system ends.
[[nodiscard]] std::thread watch_root(caf::actor_system& system, caf::strong_actor_ptr root, std::function<void(const std::string& why)> ended);

/// Asks a supervisor to start a child again that is halted, stopped or hung, with a clean record. A hung one is asked to
/// end first; if its handler never returns, nothing happens until the watchdog ends the process.
void restart_child(const caf::strong_actor_ptr& supervisor, const actor_name& child);

/// OTP's start_child: keeps `child` from now on, as the last one. One of that name that was ended begins anew by the new description; one
/// that is there stays as it is.
void start_child(const caf::strong_actor_ptr& supervisor, child_spec child);

/// OTP's terminate_child and delete_child: takes the child's name away, lets it finish what lies in its mailbox (it is sent `retire`)
/// and forgets it. One that waits for its next start does not start. A child that is a supervisor ends its own children first; they are forgotten with it. `gone` is called once, on the
/// supervisor's thread, when it has ended; `is_clean`: by itself, with everything it had decided durable. Not clean: it was not there, did
/// not end in time, or ended otherwise.
/// `begins` is called before, on the same thread, when the child is asked: whatever starts behind that does so behind the end.
void end_child(const caf::strong_actor_ptr& supervisor, const actor_name& child, std::function<void(bool is_clean)> gone,
               std::function<void()> begins = [] {});

} // namespace troupe::supervise
