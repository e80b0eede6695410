#pragma once
// The orchestrator of one sweep: remembers what the sweep is and which trials are finished, hands out the others. Pure; owned
// by the shell that hosts it, used on its thread only.

#include "actors/research/sweep/assignments.hpp"
#include "actors/research/sweep/interface.hpp"

namespace troupe::sweep {

/// Volatile: who has what.
struct core_view {
  assignments given;
  std::uint64_t repeated = 0;
};

class core {
public:
  using state = sweep_state;
  using view = core_view;
  using event = sweep_event;
  using inputs = sweep_inputs;
  using effect = std::variant<std::monostate>;
  using protocol = sweep::protocol;
  using output = actor::turn_output<event, inputs>;
  static constexpr const char* stored_as = "sweep";
  static constexpr std::uint32_t stored_version = 1;

  begin_reply decide(const state& now, view&, const begin& c, const actor::turn_context& at, output& out) const;
  work decide(const state& now, view& seen, const work_request& c, const actor::turn_context& at, output& out) const;
  void decide(const state&, view& seen, const worker_lost& c, const actor::turn_context&, output&) const { seen.given.lost(c.worker); }

  void evolve(state& now, const event& happened, actor::archive& rows) const;

  template <class Emit>
  void react(const state&, const event&, Emit&&) const {} // workers ask; nothing is sent to anybody unasked

  [[nodiscard]] plan answer(const state& now, const view&, const plan_query&) const;
  [[nodiscard]] progress answer(const state& now, const view& seen, const progress_query&) const;
};

} // namespace troupe::sweep
