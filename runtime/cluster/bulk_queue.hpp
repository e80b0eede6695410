#pragma once
// What fits no frame, on its way to other nodes: in pieces, through the data lane whatever it is, a few at a time. So it holds up neither
// the other lanes nor market data, and fills no queue. Thread-safe.

#include "runtime/cluster/envelope.hpp"
#include "runtime/cluster/link.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

namespace troupe::cluster {

/// Pieces are handed to the lane while less than this waits there.
inline constexpr std::size_t bulk_waiting_max = 2 * piece_bytes;
/// More than this does not wait for one node.
inline constexpr std::size_t bulk_bytes_max = 4 * content_bytes_max;

class bulk_queue {
public:
  /// Takes the message behind others to that node. False: it is longer than content_bytes_max, or too much waits already.
  [[nodiscard]] bool put(const node_name& to, envelope e);
  /// True when `e` must not overtake what waits: it is between the same two actors. Not so for answers to questions, which are told apart
  /// by their numbers.
  [[nodiscard]] bool must_wait(const node_name& to, const envelope& e) const;
  /// Hands over pieces while the lane has room. Returns, without contents, what the link did not take: its rest is not sent, and whoever
  /// receives drops what it has when another message begins.
  [[nodiscard]] std::vector<envelope> push(link& carrier, const node_name& to);
  /// The session with the node is over.
  void forget(const node_name& node);

private:
  struct message {
    envelope what;
    std::size_t handed = 0; // bytes of the content
    [[nodiscard]] envelope next_piece();
    [[nodiscard]] bool is_done() const noexcept { return handed >= what.content.size(); }
  };
  struct line {
    std::deque<message> messages; // one after the other: pieces of two must not mix
    std::size_t bytes = 0;
  };

  mutable std::mutex mutex_;
  std::map<node_name, line> lines_;
  std::atomic<std::size_t> count_{0}; // of messages, so that asking costs no lock while there are none
};

} // namespace troupe::cluster
