#pragma once
// An actor system in which nothing runs before a test lets it, on its thread, with a clock and names of its own.

#include "runtime/actor/clock.hpp"
#include "runtime/actor/directory.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace troupe::test {

struct still_system {
  struct settings : caf::actor_system_config {
    settings() { set("scheduler.policy", caf::atom("testing")); }
  };
  settings given;
  caf::actor_system system{given};
  actor::virtual_clock clock;
  actor::directory names{system};
};

} // namespace troupe::test
