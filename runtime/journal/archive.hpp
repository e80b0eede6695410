#pragma once
// A closed prefix of one stream, up to a snapshot, as one self-contained, checksummed file for a shelf
// outside the database. The journal itself keeps everything. Stateless; one call runs on the caller's thread.

#include "runtime/journal/journal.hpp"

#include <filesystem>

namespace troupe::journal {

struct archive_summary {
  stream_name stream;
  std::uint64_t records = 0; // sequences 1 .. records
  sha256_digest chain;       // of the last one
  snapshot state;            // taken at the last one
  friend bool operator==(const archive_summary& a, const archive_summary& b) {
    return a.stream == b.stream && a.records == b.records && a.chain == b.chain && a.state.state == b.state.state;
  }
};

/// Writes records 1 .. s of `stream` and the newest snapshot s at or below `up_to` into the new file
/// `target`. Reads any journal folder, also a running node's. Errors: not_found (no snapshot; names those
/// there are), not_empty (`target` exists), corrupt, io_error.
[[nodiscard]] result<archive_summary> write_archive(const std::filesystem::path& directory, const stream_name& stream,
                                                    std::uint64_t up_to, const std::filesystem::path& target);

/// Errors: malformed (the file is something else), io_error. Of an archive that is damaged read_archive tells.
[[nodiscard]] result<void> must_be_archive(const std::filesystem::path& file);

/// Checks the whole file and visits its records. What was visited counts only when the call succeeds. Errors:
/// corrupt, io_error.
[[nodiscard]] result<archive_summary> read_archive(const std::filesystem::path& file,
                                                   const std::function<void(const record_view&)>& visit);

} // namespace troupe::journal
