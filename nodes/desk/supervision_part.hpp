#pragma once
// What a journal has on record of the node's supervisors. Reads only.

#include "actors/platform/supervision/core.hpp"
#include "runtime/core/result.hpp"
#include "runtime/journal/journal.hpp"

#include <map>

namespace troupe::desk {

/// By actor, everything that the stream `supervision` says at its end; empty without the stream. Errors: as reading a journal.
[[nodiscard]] result<std::map<actor_name, supervision::child>> supervised_on_record(const journal::journal& j);

} // namespace troupe::desk
