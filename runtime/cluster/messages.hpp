#pragma once
// What nodes say to each other before and beside the actors' messages.

#include "runtime/cluster/link.hpp"
#include "runtime/wire/wire.hpp"

#include <boost/describe.hpp>

namespace troupe::cluster {

/// Every so often in every lane, and in greetings: alive, and what this node knows of both clocks (clock_gap.hpp).
struct beat {
  nanoseconds sent{};       // since the sender's boot
  nanoseconds ours_ahead{}; // the sender's clock less the receiver's, at most; clock_gap::unknown
};
BOOST_DESCRIBE_STRUCT(beat, (), (sent, ours_ahead))

/// The first frame of a connection, from the end that dialed.
struct hello {
  greeting who;
  troupe::lane lane = troupe::lane::control;
  std::uint64_t session = 0; // the lanes of one attempt belong together
  beat clocks;
};
BOOST_DESCRIBE_STRUCT(hello, (), (who, lane, session, clocks))

/// The answer to it, and to that the same from the end that dialed: only then is the lane open. `refused`: why not, in a sentence; empty:
/// welcome.
struct welcome {
  greeting who;
  std::string refused;
  beat clocks;
};
BOOST_DESCRIBE_STRUCT(welcome, (), (who, refused, clocks))

} // namespace troupe::cluster
