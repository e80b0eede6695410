#include "runtime/journal/file_copy.hpp"

#include "runtime/journal/posix_file.hpp"

namespace troupe::journal {

namespace fs = std::filesystem;

error copy_failed(const fs::path& from, const std::error_code& why) {
  return fail(errc::io_error, "copying " + from.string() + ": " + why.message());
}

result<void> copy_database(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::create_directories(to, failed);
  if (failed) return copy_failed(to, failed);
  for (fs::directory_iterator at{from, failed}, end; !failed && at != end; at.increment(failed)) {
    const auto name = at->path().filename();
    if (name == "LOCK" || !at->is_regular_file()) continue;
    fs::copy_file(at->path(), to / name, failed);
    if (failed) return copy_failed(at->path(), failed);
    if (auto synced = sync_file(to / name); !synced) return synced;
  }
  if (failed) return copy_failed(from, failed);
  return sync_directory(to);
}

} // namespace troupe::journal
