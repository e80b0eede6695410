#include "runtime/actor/caf_inspect.hpp"
#include "runtime/actor/directory.hpp"

#include <caf/all.hpp>

#include <mutex>

namespace troupe::actor {
namespace {

stable_ref& behind(const caf::strong_actor_ptr& handle) {
  return *static_cast<stable_ref*>(caf::actor_cast<caf::abstract_actor*>(handle));
}

} // namespace

caf::strong_actor_ptr directory::ref(const actor_name& name) {
  {
    std::shared_lock guard{mutex_};
    if (auto it = refs_.find(name); it != refs_.end()) return it->second;
  }
  std::unique_lock guard{mutex_};
  if (auto it = refs_.find(name); it != refs_.end()) return it->second;
  caf::actor_config config;
  auto made = caf::make_actor<stable_ref, caf::strong_actor_ptr>(system_.next_actor_id(), system_.node(), &system_, config);
  if (closed_) caf::anon_send_exit(made, caf::exit_reason::user_shutdown); // actors on their way out still ask
  else refs_[name] = made;
  return made;
}

void directory::bind(const actor_name& name, caf::strong_actor_ptr target) {
  behind(ref(name)).retarget(std::move(target));
}

std::vector<actor_name> directory::names() const {
  std::shared_lock guard{mutex_};
  std::vector<actor_name> names;
  for (const auto& [name, handle] : refs_)
    if (behind(handle).target()) names.push_back(name);
  return names;
}

void directory::clear() {
  std::unique_lock guard{mutex_};
  closed_ = true;
  for (auto& [name, handle] : refs_) caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  refs_.clear();
}

} // namespace troupe::actor
