#pragma once
// A RocksDB file system that can be told to be slow, to fail a sync, to stop between write and sync, or to keep
// what was not synced from the disk, so that kill -9 takes it back as a power cut would. Part of the shipped
// binary, used only with --allow-faults. The faults are set from any thread and take effect at the next call.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace rocksdb {
class FileSystem;
}

namespace troupe::journal {

/// What to do to files from now on. Everything is 0: nothing.
struct file_faults {
  /// Every sync of the log takes this much longer.
  std::atomic<std::int64_t> sync_delay_ms{0};
  /// The sync of the log which fails: 1 is the next one. Counts down to 0.
  std::atomic<std::int64_t> fail_sync_in{0};
  /// The write to a table file which fails, for errors of RocksDB's own threads. Counts down to 0.
  std::atomic<std::int64_t> fail_table_write_in{0};
  /// Logs that are made from now on reach the disk with their sync and not before: what was appended since is
  /// held in memory, and a failed sync leaves it there.
  std::atomic<bool> hold_unsynced{false};
  /// Syncs of the log seen so far.
  std::atomic<std::uint64_t> syncs{0};
};

/// The machine's file system under `faults`. `crash_point` (may be empty) is called on the syncing thread
/// with "journal.wal_written" before and "journal.wal_synced" after each sync of the log.
[[nodiscard]] std::shared_ptr<rocksdb::FileSystem>
make_fault_file_system(std::shared_ptr<file_faults> faults, std::function<void(std::string_view)> crash_point = {});

} // namespace troupe::journal
