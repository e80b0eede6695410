#pragma once
// Turns of a stream as JSON, in the shape that a running node gives them (/v1/actors/history). Pure but for reading the journal.

#include "runtime/journal/journal.hpp"

#include <cstdint>
#include <string>

namespace troupe::cli {

/// {"actor":...,"turns":[...],"next":SEQUENCE}: at most `limit` turns from `from` on, fewer when they are long; `next` is there when more
/// follow. Errors: as reading the journal, and what the stream's actor cannot read.
[[nodiscard]] result<std::string> page_of_turns(const journal::journal& j, const actor_name& stream, std::uint64_t from, std::uint64_t limit);

} // namespace troupe::cli
