#pragma once
// An actor system in which nothing runs before a test lets it, on its thread, with a clock, pulses and names of its own.

#include "runtime/actor/clock.hpp"
#include "runtime/actor/directory.hpp"
#include "runtime/actor/pulse.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace troupe::test {

struct still_system {
  struct settings : caf::actor_system_config {
    explicit settings(void (*add)(caf::actor_system_config&)) {
      set("scheduler.policy", caf::atom("testing"));
      add(*this);
    }
  };
  /// `add`: message types that the system has to know.
  explicit still_system(void (*add)(caf::actor_system_config&) = [](caf::actor_system_config&) {}) : given{add} {}

  settings given;
  caf::actor_system system{given};
  caf::scheduler::test_coordinator& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  actor::virtual_clock clock;
  actor::pulse_board pulses;
  actor::directory names{system};
};

} // namespace troupe::test
