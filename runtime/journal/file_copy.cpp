#include "runtime/journal/file_copy.hpp"

#include "runtime/journal/posix_file.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t copied_at_once = std::size_t{1} << 20;

std::error_code last_reason() { return {errno, std::generic_category()}; }

std::error_code copy_all(int from, int to, const std::function<bool()>& is_given_up) {
  std::string bytes(copied_at_once, '\0');
  for (;;) {
    if (is_given_up && is_given_up()) return std::make_error_code(std::errc::operation_canceled);
    const auto got = ::read(from, bytes.data(), bytes.size());
    if (got == 0) return {};
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 || !write_all(to, {bytes.data(), static_cast<std::size_t>(got)})) return last_reason();
  }
}

} // namespace

// Not by std::filesystem::copy_file, which calls a disk that gets full in the middle an "Input/output error", and takes over that nobody may write.
std::error_code copy_bytes(const fs::path& from, const fs::path& to, const std::function<bool()>& is_given_up) {
  const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (in < 0) return last_reason();
  const int out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  auto failed = out < 0 ? last_reason() : copy_all(in, out, is_given_up);
  if (out >= 0 && ::close(out) != 0 && !failed) failed = last_reason();
  ::close(in);
  return failed;
}

result<void> copy_durably(const fs::path& from, const fs::path& to, const std::function<bool()>& is_given_up) {
  if (const auto failed = copy_bytes(from, to, is_given_up)) return copy_failed(from, to, failed);
  return sync_file(to);
}

result<void> copy_database(const fs::path& from, const fs::path& to, const std::function<bool()>& is_given_up) {
  std::error_code failed;
  fs::create_directories(to, failed);
  if (failed) return copy_failed(from, to, failed);
  for (fs::directory_iterator at{from, failed}, end; !failed && at != end; at.increment(failed)) {
    const auto name = at->path().filename();
    if (name == "LOCK" || !at->is_regular_file(failed)) continue;
    if (auto copied = copy_durably(at->path(), to / name, is_given_up); !copied) return copied;
  }
  if (failed) return copy_failed(from, to, failed);
  return sync_directory(to);
}

error copy_failed(const fs::path& from, const fs::path& to, const std::error_code& why) {
  return fail(errc::io_error, "copying " + from.string() + " to " + to.string() + ": " + why.message());
}

} // namespace troupe::journal
