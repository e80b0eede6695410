#pragma once
// A slot under a flood of orders, and what must not wait for its end: a cancel and a halt. Used by the benchmark, which
// looks at the times, and by a test, which looks at the order only.

#include "runtime/core/time.hpp"

#include <cstdint>

namespace troupe::bench {

struct overtaking {
  std::uint64_t flood = 0;             // orders sent to one slot before the cancel
  std::uint64_t handled_at_cancel = 0; // messages the slot had handled when the cancel was answered,
  std::uint64_t handled_at_halt = 0;   // and when the halt was in force there
  nanoseconds cancel_took{};           // from sending to the answer
  nanoseconds halt_took{};             // from sending until the slot refuses the halted account's orders
};

/// Runs a desk in memory, floods one slot, cancels a resting order of it and halts its account. Throws std::runtime_error
/// when the desk does not do as it is told.
[[nodiscard]] overtaking overtake(std::uint64_t flood);

} // namespace troupe::bench
