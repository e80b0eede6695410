#pragma once
// troupe inspect on a data folder: what the journals alone say, of a node that need not run; who restarted and why as the stream
// `supervision` has it. How an actor is just now only a running node knows. Each that returns an exit code prints.

#include "runtime/core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace troupe::cli {

/// Streams and actors on record under the supervisors that keep them: turns, starts, when the newest turn was, restarts and the last reason.
int folder_tree(const std::string& data_dir, bool json);
/// The same, flat, with the chain's head.
int folder_list(const std::string& data_dir, bool json);
int folder_info(const std::string& data_dir, const std::string& actor, bool json);
/// The state after a turn; the newest without one.
int folder_state(const std::string& data_dir, const std::string& actor, std::optional<std::uint64_t> after, bool json);
/// A page of turns, as /v1/actors/history gives it. Errors: as opening the journal and as desk::turns_page.
[[nodiscard]] result<std::string> folder_history(const std::string& data_dir, const std::string& actor, std::uint64_t from, std::uint64_t limit);

} // namespace troupe::cli
