#pragma once
// What a shell holds back until the turn that it speaks of is durable, and what an ask is while it is postponed.

#include "runtime/core/context.hpp"
#include "runtime/core/ids.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/message.hpp>

#include <chrono>
#include <cstdint>

namespace troupe::actor {

struct held_answer {
  std::uint64_t needs = 0; // durable sequence it waits for
  std::uint64_t number = 0;
  caf::strong_actor_ptr to;
  caf::message content;
  std::chrono::steady_clock::time_point asked_at{}; // of one in 64, to measure its latency
  lane in = lane::order;
};
/// An ask that could not be decided yet. Its wiring keeps it.
template <class C>
struct postponed {
  context asked;
  C command;
  caf::strong_actor_ptr from;
  boot_ns until{}; // it waits no longer than that; zero: the wiring has yet to say
};
struct held_ack {
  std::uint64_t needs = 0;
  actor_name to;
  std::uint64_t sequence = 0;
};

} // namespace troupe::actor
