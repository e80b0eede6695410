#pragma once
// Who asks at the edge, known by a key, and what that allows. Plain values.

#include "runtime/core/ids.hpp"

#include <boost/describe.hpp>

#include <cstdint>

namespace troupe::edge {

/// Each may do what those before it may. `read`: GET and WebSockets. `trade`: every route but those that are declared `authorised`. `operate`: these too.
enum class access : std::uint8_t { read, trade, operate };
BOOST_DESCRIBE_ENUM(access, read, trade, operate)

/// Whose key came with a request.
struct caller {
  principal_id who;
  access may = access::read;
  friend bool operator==(const caller&, const caller&) = default;
};

} // namespace troupe::edge
