#pragma once
// Who is not heard any more, because a higher epoch of it was: another has its place, or its journal was restored and knows fewer starts than there were.
// Effects come again and again; it is said once for each epoch.

#include "runtime/actor/environment.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace troupe::actor {

class deposed_writers {
public:
  void tell(const environment& node, const actor_name& self, const actor_name& from, std::uint64_t epoch, std::uint64_t heard) {
    if (std::exchange(told_[from], epoch) == epoch) return;
    node.log(self, {}, "error", "epoch " + std::to_string(epoch) + " of " + from.value.str() + " is not heard, for epoch " + std::to_string(heard) +
                                  " was; if its journal was restored, start its node once with --accept-older-journal");
  }

private:
  std::map<actor_name, std::uint64_t> told_; // the epoch that was said last
};

} // namespace troupe::actor
