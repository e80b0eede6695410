#pragma once
// Keeps children alive. Starts them in order, stops them in reverse; restarts by strategy with back-off; when a child
// cannot be kept alive, escalates or halts its scope; finds handlers that never return by pings and takes their handle
// away. The root runs on a thread of its own; restarting a child recovers its state first, on this supervisor's thread.

#include "runtime/actor/environment.hpp"
#include "runtime/core/result.hpp"
#include "runtime/supervise/policy.hpp"
#include "runtime/supervise/tree.hpp"

#include <caf/event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::supervise {

struct child_spec {
  actor_name name;
  /// Recovers and spawns. Called on the supervisor's thread at every (re)start; may block for the length of a recovery.
  std::function<result<caf::strong_actor_ptr>(caf::actor_system&)> start;
  supervise::restart restart = supervise::restart::permanent;
  supervise::verdict verdict = supervise::verdict::escalate;
  /// Makes the halt of the child's scope durable (a command to risk). Called when the verdict is halt, and for a hang.
  std::function<void(const std::string& reason)> halt = [](const std::string&) {};
  bool is_supervisor = false;
};

struct supervisor_spec {
  actor_name name;
  actor_name parent; // for the tree
  supervise::strategy strategy = supervise::strategy::one_for_one;
  supervise::intensity intensity;
  supervise::back_off back_off;
  nanoseconds ping_interval = std::chrono::milliseconds{250};
  nanoseconds hang_after = std::chrono::seconds{1};
  std::vector<child_spec> children;
  actor::environment* node = nullptr;
  supervise::tree* tree = nullptr;
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
    boot_ns ponged_at{};
    boot_ns started_at{};
    bool leaving = false; // we are stopping it; its end is not news
  };

  void start(std::size_t i);
  void stop(std::size_t i, const char* reason);
  void ended(std::size_t i, const std::string& reason, bool normal);
  void restart_group(std::size_t i);
  void give_up(std::size_t i, const std::string& reason);
  void look();
  void mark(std::size_t i, child_status status, std::string reason = {});

  supervisor_spec spec_;
  std::string text_name_;
  std::vector<child> children_;
  std::uint64_t random_;
  std::uint64_t pings_ = 0;
  bool is_leaving_ = false;
};

/// Spawns a supervisor: on a thread of its own when live, scheduled when deterministic.
[[nodiscard]] caf::strong_actor_ptr spawn_supervisor(caf::actor_system& system, supervisor_spec spec);

} // namespace troupe::supervise
