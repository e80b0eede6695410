#pragma once
// The family of snapshots at a start. They are short cuts: turns say the same, so a damaged table of them is no reason to stay away. It is one to make the family
// anew, though: a compaction that comes upon the damage ends the process, at every start again. Private to this folder. Runs on the opener's thread.

#include "runtime/journal/rocks_store.hpp"

namespace troupe::journal {

/// Sequences of the snapshots of each stream that has any, ascending.
using snapshot_lists = std::map<stream_name, std::vector<std::uint64_t>>;

/// Reads all of them once. Errors: corrupt (a part of the family cannot be read), io_error.
[[nodiscard]] result<snapshot_lists> list_snapshots(rocks_store& store);

struct renewed_snapshots {
  snapshot_lists kept;
  std::vector<stream_name> damaged; // streams that are folded from an older one, or from their first turn; ordered by name
};

/// Puts a new family in the place of a damaged one, with the newest snapshot of each stream that can be read. What a kill leaves is a store without some or all of them, or
/// without the family, which the next opening makes. Errors: corrupt, naming the stream, when one of whose snapshots none can be read does not begin with its first turn (nothing
/// was changed); io_error.
[[nodiscard]] result<renewed_snapshots> renew_snapshots(rocks_store& store, std::uint64_t write_buffer_bytes);

} // namespace troupe::journal
