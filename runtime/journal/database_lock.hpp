#pragma once
// The lock by which one process at a time has a database open, RocksDB's file LOCK: what a refusal of it means, and how a copier holds it. Private to this
// folder (it includes RocksDB). One thread.

#include "runtime/core/result.hpp"

#include <rocksdb/env.h>
#include <rocksdb/status.h>

#include <filesystem>

namespace troupe::journal {

/// True when the status of an opening says that somebody, this process too, has the database open.
[[nodiscard]] bool says_in_use(const rocksdb::Status& status);
/// True when it says that the lock's file could not be opened for writing: a read-only file system, or a folder of somebody else.
[[nodiscard]] bool says_not_writable(const rocksdb::Status& status);
/// The system's own words for it, the status' last part.
[[nodiscard]] std::string system_words(const rocksdb::Status& status);

/// While it lives no node has the database open.
class database_lock {
public:
  /// Of the journal in `folder`. Where nothing may be written it is a lock for reading, which keeps nodes away as well. Errors: unavailable (a node has it open),
  /// io_error.
  [[nodiscard]] static result<database_lock> take(const std::filesystem::path& folder);

  database_lock(database_lock&& other) noexcept;
  database_lock& operator=(database_lock&&) = delete;
  ~database_lock();

private:
  explicit database_lock(rocksdb::FileLock* lock) : lock_{lock} {}
  explicit database_lock(int descriptor) : descriptor_{descriptor} {}
  [[nodiscard]] static result<database_lock> take_for_reading(const std::filesystem::path& folder, const rocksdb::Status& refused);

  rocksdb::FileLock* lock_ = nullptr;
  int descriptor_ = -1; // of a lock for reading
};

} // namespace troupe::journal
