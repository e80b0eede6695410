#pragma once
// What people do to a running node beside trading: each is on record with who did it before it happens.

#include "runtime/core/context.hpp"
#include "runtime/core/ids.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <variant>
#include <vector>

namespace troupe::operations {

enum class kind : std::uint8_t {
  restart,   // of an actor that its supervisor gave up
  log_level, // of a pattern of actors; detail is the level
  fault,     // injected into an actor; detail is the fault
  backup     // of the node's journals; the subject is the folder, of a long path its end
};
BOOST_DESCRIBE_ENUM(kind, restart, log_level, fault, backup)

/// Ask: puts it on record. Whoever asked does it when the answer, which is durable, has come.
struct operation {
  operations::kind kind = operations::kind::restart;
  text<48> subject; // an actor's name, or a pattern of names
  text<32> detail;
  friend bool operator==(const operation&, const operation&) = default;
};
BOOST_DESCRIBE_STRUCT(operation, (), (kind, subject, detail))
struct recorded_reply {
  std::uint64_t number = 0; // of the operation, from 1
};
BOOST_DESCRIBE_STRUCT(recorded_reply, (), (number))

/// Event. A stored format.
struct recorded {
  std::uint64_t number = 0;
  operation what;
  principal_id by;
  time_ns at{};
  friend bool operator==(const recorded&, const recorded&) = default;
};
BOOST_DESCRIBE_STRUCT(recorded, (), (number, what, by, at))

} // namespace troupe::operations
