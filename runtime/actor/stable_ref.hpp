#pragma once
// A handle that survives restarts. It forwards in the sender's thread (no hop) to whoever is behind it now; while nobody
// is, a message that expects an answer is answered `unanswered` at once and everything else is counted and dropped.

#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>
#include <caf/monitorable_actor.hpp>

#include <atomic>
#include <cstdint>
#include <shared_mutex>

namespace troupe::actor {

class stable_ref final : public caf::monitorable_actor {
public:
  explicit stable_ref(caf::actor_config& config);

  /// Puts `target` behind the reference; null takes it away.
  void retarget(caf::strong_actor_ptr target);
  [[nodiscard]] caf::strong_actor_ptr target() const;
  /// Messages that found nobody.
  [[nodiscard]] std::uint64_t bounced() const noexcept { return bounced_.load(std::memory_order_relaxed); }

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) override;
  void on_destroy() override;

private:
  void retire(caf::error why, caf::execution_unit* unit);

  mutable std::shared_mutex mutex_;
  caf::strong_actor_ptr target_;
  std::atomic<std::uint64_t> bounced_{0};
};

} // namespace troupe::actor
