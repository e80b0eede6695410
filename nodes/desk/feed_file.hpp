#pragma once
// A data file as the whole market of a node (`--feed FILE`): what must be configured so that it can be traded, when nobody
// configured it. Reads the beginning of the file.

#include "nodes/desk/config.hpp"

#include <string>
#include <vector>

namespace troupe::desk {

/// Overrides that add the instrument of the feed's file, and its venue, unless `c` lists them: tick and lot as coarse as the
/// beginning of the data allows (a lot of 0.001 at most), the quote currency by the symbol's end. The instrument is the
/// feed's, or the one that the file's name tells. Errors: as opening and reading it, with how to name an instrument.
[[nodiscard]] result<std::vector<std::string>> overrides_for(const configuration& c, const feed_section& feed);

} // namespace troupe::desk
