#include "runtime/actor/caf_inspect.hpp"
#include "runtime/actor/stable_ref.hpp"

#include "runtime/actor/messages.hpp"

#include <caf/all.hpp>

#include <mutex>

namespace troupe::actor {
namespace {

/// Tells the sender of a numbered message that nobody will answer it.
void report_unanswered(const caf::mailbox_element& what) {
  if (!what.sender) return;
  const auto& content = what.content();
  if (content.empty() || !content.match_element<context>(0)) return;
  const auto number = content.get_as<context>(0).request;
  if (number == 0) return;
  what.sender->enqueue(nullptr, caf::make_message_id(caf::message_priority::high), caf::make_message(unanswered{number}),
                       nullptr);
}

} // namespace

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
  report_unanswered(*what);
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
