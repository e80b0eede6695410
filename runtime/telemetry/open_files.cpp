#include "runtime/telemetry/open_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/resource.h>

namespace troupe::telemetry {

result<void> allow_open_files(std::uint64_t needed) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return fail(errc::unavailable, std::string{"how many files may be open: "} + std::strerror(errno));
  if (limit.rlim_cur >= needed) return {};
  if (limit.rlim_max < needed)
    return fail(errc::unavailable, "this process may have " + std::to_string(limit.rlim_max) + " files and connections open, and may come to need " + std::to_string(needed) +
                                     ": raise the limit (`ulimit -Hn`, LimitNOFILE= of its unit), or lower edge.connections_max");
  limit.rlim_cur = needed;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return fail(errc::unavailable, "allowing " + std::to_string(needed) + " open files: " + std::strerror(errno));
  return {};
}

void allow_open_files_up_to(std::uint64_t most) noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= most) return;
  limit.rlim_cur = std::min<rlim_t>(most, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void hold_standard_files() noexcept {
  constexpr int useless[] = {O_WRONLY, O_RDONLY, O_RDONLY}; // for what each is for
  for (int place = 0; place < 3; ++place)
    if (::fcntl(place, F_GETFD) < 0) static_cast<void>(::open("/dev/null", useless[place])); // the lowest that is free: this one
}

} // namespace troupe::telemetry
