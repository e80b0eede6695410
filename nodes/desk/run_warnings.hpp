#pragma once
// Why a desk on which nothing is wrong may trade nothing: what its strategies need, and its feeds cannot tell or never told. Pure; any thread.

#include "nodes/desk/config.hpp"
#include "nodes/desk/feed_progress.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::desk {

using told_market = std::map<market::instrument_id, told_of_instrument>;

/// A sentence for each: an instrument whose quotes had no size, a strategy whose instrument was never quoted, a strategy whose bars never came. `fallback` is the
/// instrument of a strategy that names none.
[[nodiscard]] std::vector<std::string> warnings_of(const configuration& c, const trading::instrument_id& fallback, const told_market& told);

/// What can be known before: a sentence for each strategy whose instrument no feed shows, or that waits for bars of another length than its feed has.
[[nodiscard]] std::vector<std::string> warnings_of(const configuration& c);

} // namespace troupe::desk
