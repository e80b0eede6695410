#pragma once
// One page of what risk allows: accounts with limits of their own, then blocked instruments. Pure; any thread.

#include "actors/trading/risk/messages.hpp"
#include "nodes/desk/api/v1_messages.hpp"
#include "runtime/core/result.hpp"

namespace troupe::desk {

/// The page of `seen` behind the cursor. Errors: invalid_argument (a cursor that nobody was given).
[[nodiscard]] result<v1::limits_page> limits_page_of(const risk::risk_view& seen, const v1::page_params& p);

} // namespace troupe::desk
