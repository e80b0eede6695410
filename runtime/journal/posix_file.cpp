#include "runtime/journal/posix_file.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::journal {

namespace {

result<void> sync_path(const std::filesystem::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) return system_failure("open", path);
  const int status = ::fsync(descriptor);
  auto failure = status == 0 ? error{} : system_failure("fsync", path);
  ::close(descriptor);
  if (status != 0) return failure;
  return {};
}

} // namespace

error system_failure(const char* call, const std::filesystem::path& file) {
  const auto why = std::generic_category().message(errno);
  return fail(errc::io_error, std::string{call} + " " + file.string() + ": " + why);
}

bool write_all(int descriptor, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const auto put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

result<std::optional<std::string>> read_whole(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno == ENOENT ? result<std::optional<std::string>>{std::nullopt} : system_failure("open", file);
  std::string text;
  std::array<char, 16 << 10> part;
  for (;;) {
    const auto got = ::read(descriptor, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got > 0) {
      text.append(part.data(), static_cast<std::size_t>(got));
      continue;
    }
    auto failure = got == 0 ? error{} : system_failure("read", file);
    ::close(descriptor);
    if (got < 0) return failure;
    return std::optional{std::move(text)};
  }
}

result<void> sync_directory(const std::filesystem::path& folder) {
  return sync_path(folder, O_RDONLY | O_DIRECTORY);
}

result<void> make_folders(const std::filesystem::path& folder) {
  std::error_code failed, unknown;
  std::vector<std::filesystem::path> missing; // the innermost first
  for (auto at = std::filesystem::absolute(folder, unknown); at.has_relative_path() && !std::filesystem::exists(at, unknown); at = at.parent_path())
    missing.push_back(at);
  std::filesystem::create_directories(folder, failed);
  if (failed) return fail(errc::io_error, "mkdir " + folder.string() + ": " + failed.message());
  for (auto made = missing.rbegin(); made != missing.rend(); ++made)
    if (auto synced = sync_directory(made->parent_path()); !synced) return synced;
  return {};
}

result<void> sync_file(const std::filesystem::path& file) { return sync_path(file, O_RDONLY); }

result<lock_file> lock_file::take(const std::filesystem::path& file) {
  for (;;) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return system_failure("open", file);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      auto failure = errno == EWOULDBLOCK ? fail(errc::unavailable, "somebody holds " + file.string()) : system_failure("flock", file);
      ::close(descriptor);
      return failure;
    }
    struct stat held {}, named {};
    if (::fstat(descriptor, &held) == 0 && ::lstat(file.c_str(), &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev) return lock_file{file, descriptor};
    ::close(descriptor); // whoever held it has removed it between our two calls
  }
}

bool is_held(const std::filesystem::path& file) noexcept {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

result<lock_file> lock_beside(const std::filesystem::path& unfinished, const std::filesystem::path& target, const char* kind) {
  auto lock = lock_file::take(unfinished.string() + ".lock");
  const auto around = std::filesystem::absolute(target).parent_path();
  if (std::error_code unknown; !lock && !std::filesystem::is_directory(around, unknown))
    return fail(errc::io_error, "there is no folder " + around.string() + " for " + target.filename().string() + "; make it first, or name another place");
  if (lock || lock.error().code != errc::unavailable) return lock;
  return fail(errc::unavailable, "somebody else is writing " + target.string() + "; wait for them, or name another " + kind);
}

lock_file::lock_file(lock_file&& other) noexcept : file_{std::move(other.file_)}, descriptor_{std::exchange(other.descriptor_, -1)} {}

lock_file::~lock_file() {
  if (descriptor_ < 0) return;
  ::unlink(file_.c_str()); // while it is held, so that it is nobody else's
  ::close(descriptor_);
}

} // namespace troupe::journal
