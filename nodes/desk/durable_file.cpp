#include "nodes/desk/durable_file.hpp"

#include "runtime/journal/posix_file.hpp"

#include <cerrno>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::desk {

namespace {

/// A file that was not there, synced.
result<void> write_beside(const std::filesystem::path& beside, std::string_view bytes, mode_t mode) {
  ::unlink(beside.c_str()); // another's rights on it would stay
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return journal::system_failure("create", beside);
  const bool written = journal::write_all(fd, bytes) && ::fsync(fd) == 0;
  const auto failure = written ? error{} : journal::system_failure("write", beside);
  ::close(fd);
  if (written) return {};
  ::unlink(beside.c_str()); // what there is of it takes room that is short
  return failure;
}

} // namespace

result<void> write_durably(const std::filesystem::path& file, std::string_view bytes, mode_t mode) {
  auto beside = file;
  beside += ".new";
  if (auto written = write_beside(beside, bytes, mode); !written) return written;
  if (::rename(beside.c_str(), file.c_str()) != 0) return journal::system_failure("rename", file);
  return journal::sync_directory(file.parent_path());
}

result<void> create_durably(const std::filesystem::path& file, std::string_view bytes, mode_t mode) {
  auto beside = file;
  beside += '.' + std::to_string(::getpid()) + ".new"; // whoever does the same beside us has its own
  if (auto written = write_beside(beside, bytes, mode); !written) return written;
  const bool is_ours = ::link(beside.c_str(), file.c_str()) == 0; // unlike a rename it replaces nothing
  const bool was_there = !is_ours && errno == EEXIST;
  const auto failure = is_ours ? error{} : journal::system_failure("create", file);
  ::unlink(beside.c_str());
  if (was_there) return fail(errc::conflict, file.string() + " is there already");
  if (!is_ours) return failure;
  return journal::sync_directory(file.parent_path());
}

} // namespace troupe::desk
