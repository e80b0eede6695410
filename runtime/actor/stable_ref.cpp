#include "runtime/actor/caf_inspect.hpp"
#include "runtime/actor/stable_ref.hpp"

#include "runtime/actor/unanswered.hpp"

#include <mutex>

namespace troupe::actor {

stable_ref::stable_ref(caf::actor_config& config) : caf::monitorable_actor(config) { register_at_system(); }

void stable_ref::retarget(caf::strong_actor_ptr target) {
  std::unique_lock guard{mutex_};
  target_.swap(target); // the old one is released outside the lock
  guard.unlock();
}

caf::strong_actor_ptr stable_ref::target() const {
  std::shared_lock guard{mutex_};
  return target_;
}

void stable_ref::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) {
  TROUPE_ASSERT(what != nullptr, "a mailbox element is never null");
  if (what->content().match_elements<caf::exit_msg>()) return retire(what->content().get_as<caf::exit_msg>(0).reason, unit);
  if (auto to = target()) return to->enqueue(std::move(what), unit);
  bounced_.fetch_add(1, std::memory_order_relaxed);
  say_unanswered(*what);
}

void stable_ref::retire(caf::error why, caf::execution_unit* unit) {
  retarget(nullptr);
  if (cleanup(std::move(why), unit)) unregister_from_system();
}

void stable_ref::on_destroy() {
  if (getf(is_cleaned_up_flag)) return;
  cleanup(caf::exit_reason::unreachable, nullptr);
  caf::monitorable_actor::on_destroy();
  unregister_from_system();
}

} // namespace troupe::actor
