#pragma once
// What a frame holds: one actor's message to another on the other side. No handles: names and numbers.

#include "runtime/core/ids.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <string>

namespace troupe::cluster {

struct envelope {
  actor_name to;               // of a call; empty: an answer
  std::uint64_t address = 0;   // call: where answers go at the sender's node, 0: nobody waits; answer: that address
  std::uint64_t request = 0;   // call: the number its answer brings back; answer: the number it brings
  std::uint64_t hybrid_time = 0; // of the sender's node when it was sent; 0: it has no such clock
  std::uint32_t more = 0;      // frames that follow in the same lane with the rest of the content; they have neither name nor address
  std::string content;         // the message as CAF serialises it, its structs in our own bytes
  [[nodiscard]] bool is_rest() const noexcept { return to.value.empty() && address == 0; }
};
BOOST_DESCRIBE_STRUCT(envelope, (), (to, address, request, hybrid_time, more, content))

[[nodiscard]] std::string frame_of(const envelope& e);

/// What is longer goes in pieces of this size through the data lane (bulk_queue.hpp), between which other frames pass.
inline constexpr std::size_t piece_bytes = std::size_t{256} << 10;
/// What is longer than this does not leave.
inline constexpr std::size_t content_bytes_max = std::size_t{16} << 20;

} // namespace troupe::cluster
