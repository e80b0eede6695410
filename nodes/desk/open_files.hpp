#pragma once
// How many files and sockets a node may have open. Clients, links and stores share one limit of the process, and a store that cannot open a
// file ends the node: so what all of them may need together is allowed before the first is opened.

#include "nodes/desk/config.hpp"

#include <cstdint>

namespace troupe::desk {

/// The most that a node of this configuration has open at once.
[[nodiscard]] std::uint64_t open_files_needed(const configuration& c);

} // namespace troupe::desk
