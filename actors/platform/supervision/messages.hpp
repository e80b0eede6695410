#pragma once
// What the supervisors of a node did beyond starting and stopping it: which child was restarted, halted, found hanging or kept no
// longer, and why.

#include "runtime/core/ids.hpp"
#include "runtime/core/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::supervision {

/// How the child was left, in the words of the supervision tree.
enum class status : std::uint8_t {
  restarting, // it ended, or an operator wanted it anew, and is started again
  halted,     // it ended too often: it stays down, and its scope is halted
  hung,       // a handler of it does not return, and its name leads to nobody
  stopped     // it is kept no longer: it ended too often and its supervisor ends as well, or it failed and was to run only once
};
BOOST_DESCRIBE_ENUM(status, restarting, halted, hung, stopped)

/// How much of a reason is kept, in bytes.
inline constexpr std::size_t reason_max = 240;

/// Ask: OTP's supervisor report, about one child.
struct report {
  actor_name child;
  actor_name supervisor;
  supervision::status status = supervision::status::restarting;
  std::uint32_t restarts = 0; // it stands for: 1 when the child restarts, more when reports about it became one on their way, 0 for none
  std::string reason;         // UTF-8, at most reason_max bytes
  time_ns at{};               // when the supervisor did it
  friend bool operator==(const report&, const report&) = default;
};
BOOST_DESCRIBE_STRUCT(report, (), (child, supervisor, status, restarts, reason, at))
struct recorded_reply {
  std::uint64_t number = 0; // of the newest report on record, from 1
};
BOOST_DESCRIBE_STRUCT(recorded_reply, (), (number))

/// Event. A stored format.
struct recorded {
  std::uint64_t number = 0;
  report what;
  friend bool operator==(const recorded&, const recorded&) = default;
};
BOOST_DESCRIBE_STRUCT(recorded, (), (number, what))

/// The beginning of a reason, of at most reason_max bytes; no character of UTF-8 is cut in two.
[[nodiscard]] std::string shortened(std::string_view reason);

} // namespace troupe::supervision
