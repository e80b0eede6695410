#pragma once
// The durable journal: RocksDB behind two threads that take turns. Whatever is queued goes into one batch; while the disk
// has it, the next is written. A group that is durable is named in the frontier file, can be read, and is answered, in the
// order of writing. Opened by the node; used from any thread. With `sync =
// false` (deterministic runs) there is no thread: the caller writes, nothing is synced, everything else is
// the same.

#include "runtime/core/time.hpp"
#include "runtime/journal/journal.hpp"

#include <filesystem>
#include <span>

namespace rocksdb {
class FileSystem;
}

namespace troupe::journal {

class space_watch;

/// The most files that one journal keeps open, however much it holds: tables, logs, and its own.
inline constexpr std::uint64_t open_files_max = 640;

struct rocks_options {
  /// Holds db/, frontier and ballast; created when missing. One process at a time.
  std::filesystem::path directory;
  bool sync = true;
  /// Memory of one family, and log of all, before they are written out; bounds what a start replays and a running
  /// compaction.
  std::uint64_t write_buffer_bytes = std::uint64_t{48} << 20;
  /// Below this much free space `has_space` is false; below half of it the ballast is released. At least 4
  /// write buffers, because RocksDB must be able to flush out of it; 0 switches the watch off.
  std::uint64_t reserve_bytes = std::uint64_t{1} << 30;
  std::uint64_t ballast_bytes = std::uint64_t{256} << 20;
  /// How long requests that are not urgent wait for others to share their sync; 0: not at all.
  nanoseconds linger = std::chrono::milliseconds{1};
  /// How long a commit may stay named by the page cache only.
  nanoseconds frontier_interval = std::chrono::milliseconds{100};
  /// The queue's bounds; an append beyond them completes with overloaded, on the caller's thread.
  std::size_t queue_requests_max = 65536;
  std::size_t queue_bytes_max = std::size_t{256} << 20;
  /// Side tables that requests may name: lower-case words.
  std::vector<std::string> tables{"done"};
  /// Start although the frontier is missing beside a database that has commits: an operator's decision.
  bool accept_missing_frontier = false;

  /// Where RocksDB's files go; null is the machine's file system. `fault_file_system.hpp` makes one.
  std::shared_ptr<rocksdb::FileSystem> file_system;
  /// Called at each point of `crash_points()`, on a thread of the journal.
  std::function<void(std::string_view point)> crash_point;
  /// Called once, on a thread of the journal, when the journal has died. The node exits non-zero.
  std::function<void(const error&)> on_fatal;
  /// Notes for the operator (a torn tail was dropped, the ballast was released) and RocksDB's warnings. Any
  /// thread.
  std::function<void(std::string_view note)> log;
  /// Measures free space; empty is statvfs on `directory`.
  std::function<std::uint64_t()> free_bytes;
  /// The watch of a disk that other stores lie on too; null makes one of its own from the limits above.
  std::shared_ptr<space_watch> space;
};

/// Opens or creates. Errors: invalid_argument (all violations by field), corrupt (the database ends before
/// its frontier or cannot be read; nothing was changed), conflict (a copy into the directory was cut off), unavailable (somebody copies into it), io_error.
[[nodiscard]] result<std::unique_ptr<journal>> open_rocks_journal(rocks_options options);

struct copy_order {
  journal* running = nullptr;
  std::filesystem::path directory; // must not exist
};
/// Copies of running journals as they are at one instant: all writers wait while the files are linked and the logs
/// copied, so no journal of the set knows of something that another has not written yet. Onto another file system nothing can
/// be linked: then the links are made beside the journal, and copied from there when the writers go on. Give the same order
/// everywhere (two that run at once would wait for each other). Everything is on the disk at the end. While files are copied `is_given_up` is asked
/// now and then; true ends it. Errors as below; io_error when it was given up.
[[nodiscard]] result<void> checkpoint(std::span<const copy_order> orders, const std::function<bool()>& is_given_up = {});

/// A consistent copy of a running journal in `directory`, which must not exist: hard links where the file
/// system can, and a frontier of its own. Errors: unsupported (not a RocksDB journal), not_empty, io_error.
[[nodiscard]] result<void> checkpoint(journal& running, const std::filesystem::path& directory);

/// Names that `crash_point` is called with, in the order of one commit.
[[nodiscard]] std::span<const std::string_view> crash_points() noexcept;

} // namespace troupe::journal
