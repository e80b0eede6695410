#include "runtime/actor/caf_inspect.hpp"

#include "nodes/sweep/feed_server.hpp"

#include "actors/research/sweep/interface.hpp"
#include "runtime/actor/answering.hpp"
#include "runtime/actor/message_types.hpp"

#include <caf/all.hpp>

#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

TROUPE_PROTOCOL("feeds", troupe::sweep::feed_protocol)

namespace troupe::sweep_node {
namespace {

struct open_file {
  int descriptor = -1;
  explicit open_file(const std::filesystem::path& file) : descriptor{::open(file.c_str(), O_RDONLY | O_CLOEXEC)} {}
  ~open_file() {
    if (descriptor >= 0) ::close(descriptor);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
};

sweep::chunk read_chunk(const sweep::feed_file& feed, int descriptor, const sweep::chunk_request& asked) {
  sweep::chunk c;
  c.offset = asked.offset;
  if (asked.feed != feed.hash) c.refused = "the feed of this sweep is " + feed.hash.value.str();
  else if (asked.offset >= feed.size) c.refused = "the feed ends at " + std::to_string(feed.size);
  if (!c.refused.empty()) return c;
  c.bytes.resize(std::min<std::uint64_t>(sweep::chunk_bytes, feed.size - asked.offset));
  for (std::size_t got = 0; got < c.bytes.size();) {
    const auto n = ::pread(descriptor, c.bytes.data() + got, c.bytes.size() - got, static_cast<off_t>(asked.offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return {asked.offset, {}, n < 0 ? std::string{"the feed cannot be read: "} + std::strerror(errno) : "the feed has become shorter"};
    got += static_cast<std::size_t>(n);
  }
  return c;
}

caf::behavior serve(caf::event_based_actor* self, actor::environment* env, std::optional<sweep::feed_file> feed, std::shared_ptr<open_file> file) {
  auto pulse = env->pulses->of(feeds_name);
  return caf::message_handler{
    [=](const context& c, const sweep::chunk_request& asked) {
      actor::handling scope{*pulse, *self};
      actor::patience_scope patient{*pulse, slow_work_max};
      auto answer = feed ? read_chunk(*feed, file->descriptor, asked) : sweep::chunk{asked.offset, {}, "this sweep has no feed"};
      actor::reply(*self, c, std::move(answer));
    },
  }.or_else(actor::system_handlers(*self, *env, feeds_name));
}

} // namespace

result<caf::strong_actor_ptr> start_feed_server(caf::actor_system& system, actor::environment& env, const std::optional<sweep::feed_file>& feed,
                                                const std::filesystem::path& file) {
  std::shared_ptr<open_file> opened;
  if (feed) {
    opened = std::make_shared<open_file>(file);
    if (opened->descriptor < 0) return fail(errc::not_found, "cannot open the feed " + file.string() + ": " + std::strerror(errno));
  }
  return caf::actor_cast<caf::strong_actor_ptr>(system.spawn(serve, &env, feed, opened));
}

} // namespace troupe::sweep_node
