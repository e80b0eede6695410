#include "nodes/desk/durable_file.hpp"

#include "runtime/journal/posix_file.hpp"

#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::desk {

result<void> write_durably(const std::filesystem::path& file, std::string_view bytes, mode_t mode) {
  auto beside = file;
  beside += ".new";
  ::unlink(beside.c_str()); // another's rights on it would stay
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return journal::system_failure("create", beside);
  const bool written = ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fsync(fd) == 0;
  const auto failure = written ? error{} : journal::system_failure("write", beside);
  ::close(fd);
  if (!written) return failure;
  if (::rename(beside.c_str(), file.c_str()) != 0) return journal::system_failure("rename", file);
  return journal::sync_directory(file.parent_path());
}

} // namespace troupe::desk
