#pragma once
// What nodes say to each other before and beside the actors' messages.

#include "runtime/cluster/link.hpp"
#include "runtime/wire/wire.hpp"

#include <boost/describe.hpp>

namespace troupe::cluster {

/// The first frame of a connection, from the end that dialed.
struct hello {
  greeting who;
  troupe::lane lane = troupe::lane::control;
  std::uint64_t session = 0; // the lanes of one attempt belong together
};
BOOST_DESCRIBE_STRUCT(hello, (), (who, lane, session))

/// The answer to it. `refused`: why not, in a sentence; empty: welcome.
struct welcome {
  greeting who;
  std::string refused;
};
BOOST_DESCRIBE_STRUCT(welcome, (), (who, refused))

} // namespace troupe::cluster
