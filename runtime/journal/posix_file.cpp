#include "runtime/journal/posix_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
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

result<void> sync_directory(const std::filesystem::path& folder) {
  return sync_path(folder, O_RDONLY | O_DIRECTORY);
}

result<void> sync_file(const std::filesystem::path& file) { return sync_path(file, O_RDONLY); }

} // namespace troupe::journal
