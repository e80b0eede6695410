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
  std::string content;         // the message as CAF serialises it, its structs in our own bytes
};
BOOST_DESCRIBE_STRUCT(envelope, (), (to, address, request, content))

} // namespace troupe::cluster
