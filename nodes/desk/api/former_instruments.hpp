#pragma once
// Instruments that were taken out of the configuration and are not nobody's for that: whoever stops one must find it. Call on the edge's thread; the
// continuation runs there too.

#include "nodes/desk/api/asks.hpp"

#include "actors/trading/risk/messages.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace troupe::desk {

struct former_instruments {
  std::vector<trading::instrument_id> found; // ascending
  bool is_complete = true;                   // false: somebody could not be asked, and there may be more
};

/// Those in which something is, or was, held or is open. `only`: no other is looked for.
void find_former(const api_ptr& a, const context& c, const std::optional<trading::instrument_id>& only, std::function<void(former_instruments)> then);

/// As unknown_scope, of what shall be stopped: a former instrument is known as well. Nothing where nobody can say: who wants it stopped does not wait.
void find_unknown(const api_ptr& a, const context& c, risk::halt_scope scope, const text<32>& key, std::function<void(std::optional<error>)> then);

} // namespace troupe::desk
