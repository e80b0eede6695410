#include "nodes/desk/open_files.hpp"

#include "runtime/edge/server.hpp"
#include "runtime/journal/rocks_journal.hpp"

namespace troupe::desk {

namespace { namespace most {

constexpr std::uint64_t stores = 3;            // journal, venues, portfolio
constexpr std::uint64_t copies = 1;            // a slot's journal that is being looked at, or a backup
constexpr std::uint64_t strangers = 64;        // connections of the link that have not greeted
constexpr std::uint64_t each_feed = 8;         // its file and its tape
constexpr std::uint64_t each_member = 8;       // a link's connections, old and new
constexpr std::uint64_t own = 128;             // logs, timers, listeners, what libraries hold

} } // namespace most

std::uint64_t open_files_needed(const configuration& c) {
  return static_cast<std::uint64_t>(c.edge.connections_max.value()) + edge::connections_reserved + (most::stores + most::copies) * journal::open_files_max +
         c.feeds.size() * most::each_feed + c.cluster.members.size() * most::each_member + most::strangers + most::own;
}

} // namespace troupe::desk
