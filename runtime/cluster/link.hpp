#pragma once
// All traffic between nodes passes here (design 7): frames in three lanes to peers by name, and who is up. Nothing above
// knows what carries them; there are two carriers, TLS (`tls_link.hpp`) and memory with seeded faults (`memory_link.hpp`).
// A frame arrives at most once and in the order of its lane, while its session lasts; what is lost with a session is asked
// for again by whoever needs it.

#include "runtime/cluster/link_tls.hpp"
#include "runtime/core/context.hpp"
#include "runtime/core/ids.hpp"
#include "runtime/core/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cluster {

/// Who a node is, the same for one life of its process. What must agree between nodes that trade together is in it.
struct greeting {
  node_name name;
  std::uint64_t boot = 0;     // drawn at start: another life of the same node has another
  std::string build;
  std::string schema;         // hash of every stored and sent layout
  std::string configuration;  // hash of the cluster-wide part
  std::map<std::string, std::string> sections; // a short hash of each section of that, to name what differs
  friend bool operator==(const greeting&, const greeting&) = default;
};
BOOST_DESCRIBE_STRUCT(greeting, (), (name, boot, build, schema, configuration, sections))

/// Called one at a time, from a thread of the link. Short, and never back into a blocking call.
class link;
class link_events {
public:
  virtual ~link_events() = default;
  /// Once, before anything else: what answers go through.
  virtual void opened(link&) {}
  /// All lanes to the peer are open.
  virtual void up(const greeting& peer) = 0;
  /// Nothing reaches it any more; whatever was sent and not answered may or may not have arrived.
  virtual void down(const node_name& peer, const std::string& why) = 0;
  /// `ours_ahead`: for wire::foreign_clock.
  virtual void received(const node_name& from, lane l, std::string_view frame, nanoseconds ours_ahead) = 0;
  /// Less than before waits in the lane.
  virtual void written(const node_name&, lane) {}
};

enum class peer_state : std::uint8_t { connecting, refused, up, suspect };
BOOST_DESCRIBE_ENUM(peer_state, connecting, refused, up, suspect)

struct peer_view {
  node_name name;
  peer_state state = peer_state::connecting;
  std::uint64_t boot = 0;      // of the last session
  std::string problem;         // of the last attempt that failed, empty while up
  std::uint64_t sessions = 0;  // since this node started
  nanoseconds silent{};        // since it was heard last; zero unless up
  nanoseconds round_trip{};    // at most; zero unless up
};
BOOST_DESCRIBE_STRUCT(peer_view, (), (name, state, boot, problem, sessions, silent, round_trip))

class link {
public:
  virtual ~link() = default;
  /// Queues a frame and returns. False: the peer is not up or the lane's queue is full, and the frame will not arrive.
  [[nodiscard]] virtual bool send(const node_name& to, lane l, std::string_view frame) = 0;
  /// Bytes that were taken for the lane and are not on their way yet; 0 when the peer is not up. When there are some, `written` follows.
  [[nodiscard]] virtual std::size_t waiting(const node_name& to, lane l) const = 0;
  /// All other nodes of the cluster, ordered by name.
  [[nodiscard]] virtual std::vector<peer_view> peers() const = 0;
  /// From now on peers are shown this, and checked by it; what is open goes on as it is. Any thread. Nothing for a carrier without certificates.
  virtual void show(link_tls) {}
};

inline constexpr std::size_t lane_count = 3;
/// Larger frames are refused by both ends: what is larger travels in chunks.
inline constexpr std::size_t frame_bytes_max = 1 << 20;

} // namespace troupe::cluster
