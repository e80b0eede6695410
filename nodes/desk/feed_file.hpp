#pragma once
// A data file as the whole market of a node (`--feed FILE`): what must be configured so that it can be traded, when nobody
// configured it. Reads the beginning of the file.

#include "nodes/desk/config.hpp"

#include <string>
#include <vector>

namespace troupe::desk {

/// Overrides that add the file's instrument, and its venue, unless `c` lists them: tick and lot as coarse as the beginning
/// of the data allows (a lot of 0.001 at most), the quote currency by the symbol's end. Errors: as opening and reading it.
[[nodiscard]] result<std::vector<std::string>> overrides_for(const configuration& c, const std::string& file);

} // namespace troupe::desk
