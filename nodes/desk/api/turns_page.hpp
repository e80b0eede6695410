#pragma once
// Turns of a stream as JSON: what /v1/actors/history answers, and `troupe inspect history` of a folder. Pure but for reading the journal.

#include "nodes/desk/parts.hpp"

#include <cstdint>
#include <string>

namespace troupe::desk {

/// {"actor":...,"turns":[...],"next":SEQUENCE}: at most `limit` turns from `from` on, fewer when they are long; `next` is there when more
/// follow. Without an inspector turns are null: a stream that no actor of ours wrote. Errors: as reading the journal, and what the inspector
/// cannot read.
[[nodiscard]] result<std::string> turns_page(const inspector* look, const journal::journal& j, const actor_name& stream, std::uint64_t from, std::uint64_t limit);

} // namespace troupe::desk
