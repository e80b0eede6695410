#pragma once
// What a data folder keeps where: `journal` the turns of the node's actors, `venues` those of its simulated venues, `portfolio` what is folded from the
// first. A folder from which some of it is gone, or where one lies in another's place, is not one to begin anew in. Stateless.

#include "runtime/core/result.hpp"
#include "runtime/journal/journal.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace troupe::desk {

/// A folder in which a node has run still has its journals; where nothing was before there need be none. Errors: conflict, and what an operator can do.
[[nodiscard]] result<void> must_have_journals(const std::filesystem::path& data_dir);

/// That the store in `folder`, whose name says which it is, has turns of a stream that is kept in another one. Nothing: it has not, or the name says nothing.
[[nodiscard]] std::optional<error> misplaced(const std::filesystem::path& folder, const std::vector<journal::stream_head>& heads);

} // namespace troupe::desk
