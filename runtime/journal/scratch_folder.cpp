#include "runtime/journal/scratch_folder.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

constexpr const char* name_prefix = "troupe-look-";
constexpr int tries_max = 16; // each but the last was taken for a killed process' before it was locked

int open_folder(const fs::path& folder) { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }

bool is_our_users(const fs::path& folder) {
  struct stat s {};
  return ::lstat(folder.c_str(), &s) == 0 && S_ISDIR(s.st_mode) && s.st_uid == ::geteuid();
}

void remove_abandoned(const fs::path& where) {
  std::error_code failed, ignored;
  for (fs::directory_iterator at{where, failed}, end; !failed && at != end; at.increment(failed)) {
    if (!at->path().filename().string().starts_with(name_prefix) || !is_our_users(at->path())) continue;
    const int descriptor = open_folder(at->path());
    if (descriptor < 0) continue;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) fs::remove_all(at->path(), ignored);
    ::close(descriptor);
  }
}

/// False when somebody has it for removal. A file system that knows no locks lets nobody remove it either.
bool keep_locked(int descriptor, const fs::path& folder) {
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) return errno != EWOULDBLOCK;
  struct stat held {}, named {};
  return ::fstat(descriptor, &held) == 0 && ::lstat(folder.c_str(), &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

} // namespace

scratch_folder::scratch_folder() {
  std::error_code none;
  const auto where = fs::temp_directory_path(none);
  if (none) return;
  remove_abandoned(where);
  for (int i = 0; i < tries_max && path_.empty(); ++i) {
    auto pattern = (where / (std::string{name_prefix} + "XXXXXX")).string();
    if (!::mkdtemp(pattern.data())) return;
    descriptor_ = open_folder(pattern);
    if (descriptor_ >= 0 && keep_locked(descriptor_, pattern)) path_ = pattern;
    else if (descriptor_ >= 0) ::close(descriptor_);
  }
}

scratch_folder::~scratch_folder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  ::close(descriptor_);
}

} // namespace troupe::journal
