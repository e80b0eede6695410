#pragma once
// The way from supervisors to the record of what they did. Reports wait here until `supervision` has them on record, also while it is away;
// no supervisor waits for that, and however often a child restarts, that is one report. Live nodes only.

#include "actors/platform/supervision/messages.hpp"
#include "runtime/actor/environment.hpp"
#include "runtime/supervise/supervisor.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace troupe::desk {

class supervision_reports : public std::enable_shared_from_this<supervision_reports> {
public:
  struct waiting_report {
    cause_id cause;
    supervision::report report;
  };
  /// What comes on top is in the log only. A node has fewer children, and each hangs or is given up once.
  static constexpr std::size_t waiting_max = 500;

  /// From here on reports are taken, and told to `to`, one behind the other, by an actor that ends with `close`. `node` outlives it. `on_record`
  /// hears of each that is durable, on a thread of the actors.
  void open(caf::actor_system& system, actor::environment& node, const actor_name& to, std::function<void(const supervision::report&)> on_record = {});
  /// The node stops, which is no news: what waits is forgotten and nothing is taken any more.
  void close();
  /// From any thread; returns at once. A restart of a child whose newest report that waits is one too takes that one's place, and
  /// stands for both.
  void put(const supervise::child_report& r);
  /// The oldest one that waits.
  [[nodiscard]] std::optional<waiting_report> take();
  [[nodiscard]] std::size_t waiting() const;

private:
  mutable std::mutex mutex_;
  std::deque<waiting_report> waiting_; // the oldest first
  caf::strong_actor_ptr teller_;       // none: closed
};

} // namespace troupe::desk
