#pragma once
// What every message begins with: where it came from, who is answerable, until when an answer is useful.

#include "runtime/core/ids.hpp"
#include "runtime/core/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>

namespace troupe {

/// The first thing that led to this message: one HTTP request, one market data event, one timer. `source` names
/// who counted, `number` is its count; unique together within a data directory.
struct cause_id {
  text<23> source;
  std::uint64_t number = 0;
  friend auto operator<=>(const cause_id&, const cause_id&) = default;
};
BOOST_DESCRIBE_STRUCT(cause_id, (), (source, number))

/// Lanes of mailbox, link and edge: a lower lane is served first (halt and cancel before orders before data).
enum class lane : std::uint8_t { control, order, data };
BOOST_DESCRIBE_ENUM(lane, control, order, data)

struct context {
  cause_id cause;
  principal_id principal;
  /// After this instant nobody waits for the answer: the message is dropped and counted. 0 = no deadline. Of the clock nobody sets, so
  /// that a host whose wall clock is wrong, or is set, neither drops what is fresh nor keeps what is not.
  boot_ns deadline{};
  /// The sender's correlation number; comes back in the answer. 0 when no answer is expected.
  std::uint64_t request = 0;
  friend bool operator==(const context&, const context&) = default;
};
BOOST_DESCRIBE_STRUCT(context, (), (cause, principal, deadline, request))

} // namespace troupe
