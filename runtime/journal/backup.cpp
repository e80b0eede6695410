#include "runtime/journal/file_copy.hpp"
#include "runtime/journal/layout.hpp"
#include "runtime/journal/posix_file.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "runtime/journal/tool.hpp"

#include <rocksdb/env.h>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

/// Holds RocksDB's own lock, so that no node has the database open while it is copied.
class database_lock {
public:
  explicit database_lock(const fs::path& database) {
    held_ = rocksdb::Env::Default()->LockFile((database / "LOCK").string(), &lock_).ok();
  }
  ~database_lock() {
    if (held_) rocksdb::Env::Default()->UnlockFile(lock_).PermitUncheckedError();
  }
  database_lock(const database_lock&) = delete;
  database_lock& operator=(const database_lock&) = delete;
  [[nodiscard]] bool is_held() const noexcept { return held_; }

private:
  rocksdb::FileLock* lock_ = nullptr;
  bool held_ = false;
};

/// Copies database and frontier and syncs every file. The frontier comes last: a copy that was cut off does
/// not open.
result<void> copy_journal(const fs::path& from, const fs::path& to) {
  if (auto copied = copy_database(from / layout::database_folder, to / layout::database_folder); !copied) return copied;
  std::error_code failed;
  fs::copy_file(from / layout::frontier_name, to / layout::frontier_name, failed);
  if (failed) return copy_failed(from / layout::frontier_name, failed);
  if (auto synced = sync_file(to / layout::frontier_name); !synced) return synced;
  return sync_directory(to);
}

result<void> require_empty(const fs::path& target) {
  std::error_code missing;
  if (!fs::exists(target, missing)) return {};
  if (!fs::is_directory(target, missing) || !fs::is_empty(target, missing))
    return fail(errc::not_empty, target.string() + " is not empty; nothing was copied");
  return {};
}

result<verify_report> verified(const fs::path& directory) {
  auto report = verify(directory);
  if (report && !report->is_clean()) return report->findings.front();
  return report;
}

result<verify_report> copy_verified(const fs::path& source, const fs::path& target) {
  if (auto empty = require_empty(target); !empty) return empty.error();
  if (auto whole = verified(source); !whole) return whole.error();
  if (auto copied = copy_journal(source, target); !copied) return copied.error();
  return verified(target);
}

} // namespace

result<verify_report> backup(journal& running, const fs::path& target) {
  if (auto made = checkpoint(running, target); !made) return made.error();
  return verified(target);
}

result<verify_report> backup(const fs::path& stopped, const fs::path& target) {
  const auto database = stopped / layout::database_folder;
  std::error_code missing;
  if (!fs::exists(database / "CURRENT", missing))
    return fail(errc::not_found, "there is no journal in " + stopped.string());
  if (auto empty = require_empty(target); !empty) return empty.error();
  if (auto whole = verified(stopped); !whole) return whole.error(); // before the lock: looking at it from inside drops it (POSIX)
  database_lock lock{database};
  if (!lock.is_held())
    return fail(errc::unavailable, "a node has " + stopped.string() + " open; ask it for the backup, or stop it");
  if (auto copied = copy_journal(stopped, target); !copied) return copied.error();
  return verified(target);
}

result<verify_report> restore(const fs::path& source, const fs::path& target) {
  return copy_verified(source, target);
}

} // namespace troupe::journal
