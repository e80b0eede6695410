#include "nodes/desk/open_files.hpp"

#include "runtime/journal/rocks_journal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/resource.h>

namespace troupe::desk {

namespace {

constexpr std::uint64_t stores = 3;            // journal, venues, portfolio
constexpr std::uint64_t copies = 1;            // a slot's journal that is being looked at, or a backup
constexpr std::uint64_t refused_clients = 64;  // connections that are only told to go away
constexpr std::uint64_t strangers = 64;        // connections of the link that have not greeted
constexpr std::uint64_t each_feed = 8;         // its file and its tape
constexpr std::uint64_t each_member = 8;       // a link's connections, old and new
constexpr std::uint64_t own = 128;             // logs, timers, listeners, what libraries hold

} // namespace

std::uint64_t open_files_needed(const configuration& c) {
  return static_cast<std::uint64_t>(c.edge.connections_max.value()) + refused_clients + (stores + copies) * journal::open_files_max +
         c.feeds.size() * each_feed + c.cluster.members.size() * each_member + strangers + own;
}

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

} // namespace troupe::desk
