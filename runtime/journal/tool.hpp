#pragma once
// What an operator does with a journal's folder: verify, tail, export, backup, restore. Library functions
// behind `troupe journal ...`; they print nothing. verify, tail and export read any folder, also that of a
// running node, and never write into it: they see one moment of it (and are refused as unavailable when the node changes
// its files in each of many attempts), tail then follows. One call runs on one thread, the caller's.

#include "runtime/journal/frontier.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/journal/record_json.hpp"

#include <filesystem>
#include <iosfwd>
#include <span>

namespace troupe::journal {

struct stream_report {
  stream_head head;
  std::uint64_t records = 0;
  std::uint64_t snapshots = 0;
};

struct verify_report {
  std::optional<frontier_mark> frontier; // nothing when the file is missing, which is a finding
  frontier_mark last;                    // the last commit in the database
  bool torn = false;                     // the newest log ends in an unacknowledged write: normal after a crash
  std::vector<stream_report> streams;    // ordered by name
  sha256_digest hash;                    // journal_hash of the heads
  std::vector<error> findings;           // what is wrong; empty when the journal is whole

  [[nodiscard]] bool is_clean() const noexcept { return findings.empty(); }
};

/// Reads every record, snapshot and row of a side table: checksums, theirs and RocksDB's, chain, gaps, epochs, frontier. Damage
/// that can be walked around is a finding, all of them together. Errors: corrupt (ends before the frontier, or cannot be
/// opened), io_error. `progress` hears now and then how many records have been read in all.
[[nodiscard]] result<verify_report> verify(const std::filesystem::path& directory,
                                           const std::function<void(std::uint64_t records)>& progress = {});

/// Visits records of `stream` from `from` until `visit` returns false. At the end `wait_for_more` is asked,
/// which sleeps as it likes; true looks again, for what is durable by then. Without it the end is the end.
/// Of a stopped node a record that was written but never acknowledged may be shown. Errors: as `journal::read`.
[[nodiscard]] result<void> tail(const std::filesystem::path& directory, const stream_name& stream,
                                std::uint64_t from, const std::function<bool(const record_view&)>& visit,
                                const std::function<bool()>& wait_for_more = {});

struct export_options {
  std::optional<stream_name> stream; // nothing: all streams, one after the other
  std::uint64_t from = 1;
  std::uint64_t to = UINT64_MAX;     // inclusive
  render_payload render;
};

/// One `record_json` a line; returns how many. Errors: as `journal::read`; io_error when `out` fails.
[[nodiscard]] result<std::uint64_t> export_jsonl(const std::filesystem::path& directory,
                                                 const export_options& options, std::ostream& out);

/// Copies a running journal into the new folder `target` and verifies the copy. Errors: not_empty,
/// unsupported, corrupt, io_error.
[[nodiscard]] result<verify_report> backup(journal& running, const std::filesystem::path& target);
struct stopped_copy {
  std::filesystem::path stopped, target;
};
/// The same for stopped ones, one report each, in their order. No node has any of them open between the first copy and the last, so
/// that they are of one instant. Errors besides: unavailable when a node has one open. They name the folder. Nothing is
/// written into the stopped ones, which may lie on a read-only file system.
[[nodiscard]] result<std::vector<verify_report>> backup(std::span<const stopped_copy> copies);
/// The same for one.
[[nodiscard]] result<verify_report> backup(const std::filesystem::path& stopped,
                                           const std::filesystem::path& target);

/// Verifies `source` and copies it into `target`, which must be missing or empty. Errors: not_empty, corrupt,
/// io_error.
[[nodiscard]] result<verify_report> restore(const std::filesystem::path& source,
                                            const std::filesystem::path& target);

} // namespace troupe::journal
