#include "runtime/journal/database_lock.hpp"

#include "runtime/journal/layout.hpp"
#include "runtime/journal/posix_file.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

bool has(const rocksdb::Status& status, std::string_view words) { return status.IsIOError() && status.ToString().find(words) != std::string::npos; }

std::string words_for(int code) { return std::generic_category().message(code); }

error in_use(const fs::path& folder) { return fail(errc::unavailable, "a node has " + folder.string() + " open; ask it for the backup, or stop it"); }

} // namespace

// RocksDB tells what happened by its sentence alone: the code of all three is "IO error".
bool says_in_use(const rocksdb::Status& status) { return has(status, "lock hold by current process") || (has(status, "While lock file") && has(status, words_for(EAGAIN))); }
bool says_not_writable(const rocksdb::Status& status) { return has(status, "while open a file for lock") && (has(status, words_for(EROFS)) || has(status, words_for(EACCES))); }

std::string system_words(const rocksdb::Status& status) {
  const auto text = status.ToString();
  const auto colon = text.rfind(": ");
  return colon == std::string::npos ? text : text.substr(colon + 2);
}

result<database_lock> database_lock::take(const fs::path& folder) {
  const auto file = folder / layout::database_folder / "LOCK";
  rocksdb::FileLock* lock = nullptr;
  const auto status = rocksdb::Env::Default()->LockFile(file.string(), &lock);
  if (status.ok()) return database_lock{lock};
  if (says_in_use(status)) return in_use(folder);
  if (says_not_writable(status)) return take_for_reading(folder, status);
  return layout::to_error(status, "locking " + folder.string());
}

result<database_lock> database_lock::take_for_reading(const fs::path& folder, const rocksdb::Status& refused) {
  const auto file = folder / layout::database_folder / "LOCK";
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    // A backup on read-only media has no such file, and nobody can open that one for writing.
    if (errno == ENOENT && has(refused, words_for(EROFS))) return database_lock{-1};
    return system_failure("open", file);
  }
  struct flock lock {};
  lock.l_type = F_RDLCK; // a node's is one for writing, which excludes it
  lock.l_whence = SEEK_SET;
  if (::fcntl(descriptor, F_SETLK, &lock) == 0) return database_lock{descriptor};
  auto why = errno == EAGAIN || errno == EACCES ? in_use(folder) : system_failure("lock", file);
  ::close(descriptor);
  return why;
}

database_lock::database_lock(database_lock&& other) noexcept : lock_{std::exchange(other.lock_, nullptr)}, descriptor_{std::exchange(other.descriptor_, -1)} {}

database_lock::~database_lock() {
  if (lock_) rocksdb::Env::Default()->UnlockFile(lock_).PermitUncheckedError();
  if (descriptor_ >= 0) ::close(descriptor_);
}

} // namespace troupe::journal
