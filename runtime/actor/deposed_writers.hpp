#pragma once
// Who is not heard any more, because a higher epoch of it was: another has its place, or its journal was restored and knows fewer starts than there were.
// What a slot sent before it moved may come behind what it says since, over another link; whose journal was restored sends the same again and again.

#include "runtime/actor/environment.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace troupe::actor {

class deposed_writers {
public:
  /// Logs, once, that effects of `from` are dropped for their epoch, when that has lasted.
  void tell(const environment& node, const actor_name& self, const actor_name& from, std::uint64_t epoch, std::uint64_t heard) {
    const auto now = node.clock->boot();
    auto& d = dropped_[from];
    if (d.epoch != epoch) d = {epoch, now, false};
    if (d.is_told || now - d.since < lasts) return;
    d.is_told = true;
    node.log(self, {}, "error", "epoch " + std::to_string(epoch) + " of " + from.value.str() + " is not heard, for epoch " + std::to_string(heard) +
                                  " was; if its journal was restored, start its node once with --accept-older-journal");
  }

private:
  static constexpr nanoseconds lasts = std::chrono::seconds{5};
  struct dropped {
    std::uint64_t epoch = 0;
    boot_ns since{};
    bool is_told = false;
  };
  std::map<actor_name, dropped> dropped_;
};

} // namespace troupe::actor
