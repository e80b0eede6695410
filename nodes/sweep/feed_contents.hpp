#pragma once
// Feed files that a sweep's configuration or parameters name. They lie where their name says on every host, and what is in them decides what the trials
// give: so a description says it of each, as the override "content of FILE=SHA-256", which is no property of the desk (decision 0039). One thread.

#include "actors/research/sweep/messages.hpp"
#include "nodes/sweep/file_hashes.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sweep_node {

/// By the name as it is configured.
using feed_contents = std::map<std::string, sweep::content_hash>;
/// Files with the stamps that they had when their content was looked at.
using file_stamps = std::map<std::filesystem::path, std::string>;

/// Each is looked at beside every trial, and all their names go in one message.
inline constexpr std::size_t named_feeds_max = 256;
inline constexpr std::size_t named_feeds_bytes_max = 64 << 10;

/// The override says what a file holds and is nothing that the desk is told.
[[nodiscard]] bool is_content(std::string_view override_text);
[[nodiscard]] feed_contents contents_of(const sweep::description& what);

/// Looks at every feed file that a trial of `what` may read, but for the one of --feed, and says in `what` what is in it. Errors: not_found (which one is not here),
/// too_large (too many of them), invalid_argument (no regular file), conflict (it is being written to), io_error.
[[nodiscard]] result<void> record_contents(sweep::description& what, file_hashes& hashes);

/// Every file whose content is on record is here, with that content. Without it a trial would fail for good, or give a row of another market.
/// Errors: as of record_contents; corrupt (which one is another).
[[nodiscard]] result<file_stamps> check_feed_files(const sweep::description& what, file_hashes& hashes);

} // namespace troupe::sweep_node
