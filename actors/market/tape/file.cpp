#include "actors/market/tape/file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::tape {

file::~file() {
  if (fd_ >= 0) ::close(fd_);
}

error file::failure(const char* what) const {
  const int number = errno;
  const auto code = number == ENOSPC || number == EDQUOT ? errc::disk_full
                    : number == ENOENT                   ? errc::not_found
                                                         : errc::io_error;
  return fail(code, std::string{"cannot "} + what + " " + path_.string() + ": " + std::strerror(number));
}

result<file> file::open(const std::filesystem::path& path, int flags) {
  file f;
  f.path_ = path;
  f.fd_ = ::open(path.c_str(), flags | O_CLOEXEC, 0640);
  if (f.fd_ < 0) return f.failure("open");
  return f;
}

result<std::uint64_t> file::size() const {
  struct stat s {};
  if (::fstat(fd_, &s) != 0) return failure("examine");
  return static_cast<std::uint64_t>(s.st_size);
}

result<std::string> file::read(std::uint64_t offset, std::size_t count) const {
  std::string bytes(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const auto got = ::pread(fd_, bytes.data() + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

result<void> file::write(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failure("write");
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

result<void> file::truncate(std::uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return failure("truncate");
  return {};
}

result<void> file::sync() {
  if (::fdatasync(fd_) != 0) return failure("sync");
  return {};
}

result<void> sync_directory(const std::filesystem::path& directory) {
  auto opened = file::open(directory, O_RDONLY | O_DIRECTORY);
  if (!opened) return opened.error();
  return opened->sync();
}

} // namespace troupe::tape
