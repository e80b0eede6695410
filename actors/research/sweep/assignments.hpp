#pragma once
// Who has which trial. Forgotten with the process: what nobody says it has is nobody's, and is given out again. A value
// of the orchestrator, bounded by workers_max times window_max; one thread.

#include "actors/research/sweep/messages.hpp"
#include "runtime/core/time.hpp"

#include <functional>
#include <map>
#include <set>
#include <unordered_map>

namespace troupe::sweep {

class assignments {
public:
  /// A worker that says nothing for so long has nothing: it asks every second or two whatever it does.
  static constexpr nanoseconds silence_max = std::chrono::seconds{15};

  /// `worker` has `holds` and nothing else; what it had before and does not name is free again, first in line. False: there
  /// are workers_max others.
  [[nodiscard]] bool heard(const node_name& worker, const std::vector<std::uint64_t>& holds, boot_ns now);
  [[nodiscard]] bool has(const node_name& worker, std::uint64_t index) const;
  /// It is given to nobody until `again`. False: somebody has it.
  [[nodiscard]] bool set_aside(std::uint64_t index);
  /// Nobody needs to run it any more.
  void finish(std::uint64_t index);
  /// It shall be run again, first of all: it may be what ends its runners, and then it should be known soon.
  void again(std::uint64_t index);
  /// What the worker had is free again.
  void lost(const node_name& worker);
  /// The same for all that were silent too long.
  void forget_silent(boot_ns now);
  /// Gives `worker` at most `wants` of the trials below `trials` that nobody has and `is_finished` denies: what came back first,
  /// then in the order of the grid; the fewer are left the less at once, so that all workers end together.
  [[nodiscard]] std::vector<std::uint64_t> give(const node_name& worker, std::uint32_t wants, std::uint64_t trials, std::uint64_t left,
                                                const std::function<bool(std::uint64_t)>& is_finished);

  void count(const node_name& worker, std::uint64_t finished) { workers_[worker].finished += finished; }
  [[nodiscard]] std::vector<worker_view> view() const;

private:
  struct known {
    std::set<std::uint64_t> holds;
    std::uint64_t finished = 0;
    boot_ns heard_at{};
  };
  void take_from_all(std::uint64_t index);

  std::map<node_name, known> workers_;
  std::unordered_map<std::uint64_t, node_name> held_; // by trial
  std::set<std::uint64_t> returned_;
  std::uint64_t next_ = 0; // everything from here on was never given out in this life
};

} // namespace troupe::sweep
