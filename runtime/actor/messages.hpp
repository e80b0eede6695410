#pragma once
// Messages every actor of ours understands, and the envelopes the shell sends. No CAF here.

#include "runtime/core/context.hpp"
#include "runtime/core/error.hpp"
#include "runtime/core/ids.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::actor {

/// Effects of one sender for one receiver, in the order of the sender's stream. The receiver takes them only when it
/// has folded everything up to `previous`, so a lost message is repeated and never skipped.
template <class E>
struct inbox {
  struct item {
    std::uint64_t sequence = 0; // of the sender's turn; several items may share one
    E effect;
    cause_id cause;
    boot_ns asked_boot{}; // when the sender decided it; zero: before its last start
    BOOST_DESCRIBE_CLASS(item, (), (sequence, effect, cause, asked_boot), (), ())
  };
  actor_name from;
  std::uint64_t epoch = 0;    // of the sender's stream: a lower one than seen is a deposed writer
  std::uint64_t previous = 0; // the sender's last turn with an effect for this receiver before the first item
  std::vector<item> items;
  std::uint64_t delivered = 0; // of the receiver's own stream: rides along instead of a message of its own; 0: nothing
  std::uint64_t began = 0;     // the sender's last turn when its epoch began: what was heard above it in a lower one is of a life that was lost
  std::uint64_t acknowledged = 0; // by the receiver: it cannot ask for that again
  BOOST_DESCRIBE_CLASS(inbox, (), (from, epoch, previous, items, delivered, began, acknowledged), (), ())
};

/// The receiver has folded, durably, everything up to `sequence` of the sender's stream.
struct delivered {
  actor_name receiver;
  std::uint64_t sequence = 0;
};
BOOST_DESCRIBE_STRUCT(delivered, (), (receiver, sequence))

/// Durable events of a stream, for projections: the fast path of reading the journal.
template <class Event>
struct published {
  struct turn {
    std::uint64_t sequence = 0;
    cause_id cause;
    std::vector<Event> events;
    BOOST_DESCRIBE_CLASS(turn, (), (sequence, cause, events), (), ())
  };
  actor_name stream;
  std::uint64_t previous = 0; // everything above is in `turns` or had no events
  std::uint64_t upto = 0;     // the stream is durable up to here
  std::vector<turn> turns;
  BOOST_DESCRIBE_CLASS(published, (), (stream, previous, upto, turns), (), ())
};

/// A subscriber has taken one batch of market data: the publisher may send another.
struct credit {
  actor_name from;
};
BOOST_DESCRIBE_STRUCT(credit, (), (from))

/// The outcome of request `number` is unknown (the actor died or restarts): ask again with the same id.
struct unanswered {
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(unanswered, (), (number))

struct ping {
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(ping, (), (number))
struct pong {
  actor_name from;
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(pong, (), (from, number))

enum class fault : std::uint8_t { throw_, die, hang, spin };
BOOST_DESCRIBE_ENUM(fault, throw_, die, hang, spin)
/// Obeyed only when the node runs with --allow-faults.
struct fault_command {
  fault what = fault::throw_;
};
BOOST_DESCRIBE_STRUCT(fault_command, (), (what))

/// Shows the actor's state as JSON. `ahead`: now, durable or not; otherwise when what is shown is durable.
struct inspect_request {
  bool ahead = false;
};
BOOST_DESCRIBE_STRUCT(inspect_request, (), (ahead))
struct inspected {
  actor_name name;
  std::uint64_t sequence = 0;
  std::uint64_t durable = 0;
  std::uint64_t epoch = 0;
  std::string state; // JSON
};
BOOST_DESCRIBE_STRUCT(inspected, (), (name, sequence, durable, epoch, state))

} // namespace troupe::actor
