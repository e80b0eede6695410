#pragma once
// What a core wants to know of finished things before it decides. Owned by one shell; what it holds is of the newest turn or query.

#include "runtime/actor/core.hpp"

#include <optional>
#include <string>
#include <utility>

namespace troupe::actor {

class looked_up_rows {
public:
  /// Looks up what `command` wants, for as long as it is decided. `read`: the row of a lookup as of now, or nothing.
  template <class Core, class C, class Read>
  void put(const Core& core, const typename Core::state& state, const C& command, turn_context& at, const Read& read) {
    at.found = nullptr;
    at.rows = nullptr;
    if constexpr (requires { core.wanted(state, command); })
      if (const auto wanted = core.wanted(state, command)) {
        found_ = read(*wanted);
        if (found_ && wanted->points) found_ = read(lookup{wanted->table, *found_});
        if (found_) at.found = &*found_;
      }
    if constexpr (requires { core.wanted_rows(state, command, at); }) {
      rows_.clear();
      for (const auto& wanted : core.wanted_rows(state, command, at))
        if (auto row = read(wanted)) rows_.insert_or_assign(wanted.key, std::move(*row));
      at.rows = &rows_;
    }
  }

private:
  std::optional<std::string> found_;
  found_rows rows_;
};

} // namespace troupe::actor
