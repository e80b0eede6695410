#include "runtime/journal/unfinished_file.hpp"

#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace troupe::journal {

namespace fs = std::filesystem;

result<unfinished_file> unfinished_file::begin(const fs::path& target) {
  std::error_code missing;
  if (fs::exists(target, missing)) return fail(errc::not_empty, target.string() + " exists; name another file, or remove it first");
  auto path = target;
  path += ".unfinished";
  auto lock = lock_beside(path, target, "file");
  if (!lock) return lock.error();
  fs::remove(path, missing);
  const int made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (made < 0) return system_failure("open", path);
  ::close(made);
  std::ofstream out{path, std::ios::binary};
  if (!out) return system_failure("open", path);
  return unfinished_file{std::move(*lock), target, std::move(path), std::move(out)};
}

unfinished_file::unfinished_file(lock_file lock, fs::path target, fs::path path, std::ofstream out)
    : lock_{std::move(lock)}, target_{std::move(target)}, path_{std::move(path)}, out_{std::move(out)} {}

unfinished_file::unfinished_file(unfinished_file&& other) noexcept
    : lock_{std::move(other.lock_)}, target_{std::move(other.target_)}, path_{std::exchange(other.path_, {})}, out_{std::move(other.out_)} {}

unfinished_file::~unfinished_file() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove(path_, ignored);
}

result<void> unfinished_file::finish() {
  out_.close();
  if (!out_) return fail(errc::io_error, "cannot write " + path_.string());
  if (auto synced = sync_file(path_); !synced) return synced;
  std::error_code failed;
  fs::rename(path_, target_, failed);
  if (failed) return fail(errc::io_error, "rename to " + target_.string() + ": " + failed.message());
  path_.clear();
  return sync_directory(fs::absolute(target_).parent_path());
}

} // namespace troupe::journal
