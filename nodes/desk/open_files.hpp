#pragma once
// How many files and sockets a node may have open. Clients, links and stores share one limit of the process, and a store that cannot open a
// file ends the node: so what all of them may need together is allowed before the first is opened.

#include "nodes/desk/config.hpp"
#include "runtime/core/result.hpp"

#include <cstdint>

namespace troupe::desk {

/// The most that a node of this configuration has open at once.
[[nodiscard]] std::uint64_t open_files_needed(const configuration& c);

/// Raises the process's limit (RLIMIT_NOFILE) to at least `needed`. Errors: unavailable, when the limit above it does not allow that; then
/// nothing was changed.
[[nodiscard]] result<void> allow_open_files(std::uint64_t needed);

} // namespace troupe::desk
