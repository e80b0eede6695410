#include "runtime/actor/pulse.hpp"

#include <algorithm>

namespace troupe::actor {

std::shared_ptr<pulse> pulse_board::of(const actor_name& name) {
  std::lock_guard guard{mutex_};
  auto it = std::find_if(pulses_.begin(), pulses_.end(), [&](const auto& p) { return p->name == name; });
  if (it != pulses_.end()) return *it;
  return pulses_.emplace_back(std::make_shared<pulse>(name));
}

std::vector<std::shared_ptr<pulse>> pulse_board::all() const {
  std::lock_guard guard{mutex_};
  return pulses_;
}

} // namespace troupe::actor
