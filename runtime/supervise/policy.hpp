#pragma once
// Restart policy in Erlang/OTP's words and defaults, as plain values: what to do when a child ends, and when it is too
// often. Pure; the supervisor asks it.

#include "runtime/core/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <deque>
#include <string>

namespace troupe::supervise {

/// Who is restarted with a child that ended.
enum class strategy : std::uint8_t { one_for_one, one_for_all, rest_for_one };
BOOST_DESCRIBE_ENUM(strategy, one_for_one, one_for_all, rest_for_one)

/// permanent: always restarted; transient: unless it ended normally; temporary: never.
enum class restart : std::uint8_t { permanent, transient, temporary };
BOOST_DESCRIBE_ENUM(restart, permanent, transient, temporary)

/// What happens when a child cannot be kept alive within the intensity: the supervisor ends and its parent decides
/// (OTP), or the child stays down and its scope is halted while everything else goes on.
enum class verdict : std::uint8_t { escalate, halt };
BOOST_DESCRIBE_ENUM(verdict, escalate, halt)

/// More than `restarts_max` restarts within `period` are too many. OTP's defaults.
struct intensity {
  std::uint32_t restarts_max = 1;
  nanoseconds period = std::chrono::seconds{5};
};

/// Delay before the n-th restart in a row: doubles from `first` to `longest`, times a jitter in [0.5, 1).
struct back_off {
  nanoseconds first = std::chrono::milliseconds{10};
  nanoseconds longest = std::chrono::seconds{2};
};

/// Remembers restarts inside the period.
class restart_window {
public:
  explicit restart_window(intensity limit) : limit_{limit} {}
  /// Counts a restart at `now`; false when that is one too many.
  [[nodiscard]] bool allow(boot_ns now);
  [[nodiscard]] std::size_t recent() const noexcept { return times_.size(); }

private:
  intensity limit_;
  std::deque<boot_ns> times_;
};

/// `attempt` counts from 1; `random` is any number, its low bits choose the jitter.
[[nodiscard]] nanoseconds delay_before(const back_off& policy, std::uint32_t attempt, std::uint64_t random) noexcept;

} // namespace troupe::supervise
