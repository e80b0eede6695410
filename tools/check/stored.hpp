#pragma once
// What the checker knows of the actors: the layout of their stored turns and states, named a second time so that no
// decision code of theirs is included. A test pins that each description is the core's own.

#include "actors/trading/oms/interface.hpp"
#include "actors/trading/oms/state.hpp"
#include "actors/trading/risk/interface.hpp"
#include "actors/trading/risk/state.hpp"
#include "actors/trading/venue/interface.hpp"
#include "runtime/actor/turn.hpp"

#include <variant>

namespace troupe::check {

struct oms_stored {
  using state = oms::state;
  using event = oms::event;
  using inputs = oms::inputs;
  using effect = std::variant<venue::command, oms::order_update>;
  using protocol = oms::protocol;
  static constexpr const char* stored_as = "oms";
  static constexpr std::uint32_t stored_version = 1;
};

struct risk_stored {
  using state = risk::state;
  using event = risk::event;
  using inputs = risk::inputs;
  using effect = risk::effect;
  using protocol = risk::protocol;
  static constexpr const char* stored_as = "risk";
  static constexpr std::uint32_t stored_version = 1;
};

struct venue_stored {
  using state = venue::simulator_state;
  using event = venue::simulator_event;
  using inputs = venue::simulator_inputs;
  using effect = std::variant<venue::report>;
  using protocol = venue::protocol;
  static constexpr const char* stored_as = "venue";
  static constexpr std::uint32_t stored_version = 1;
};

using oms_turn = actor::turn<oms_stored>;
using risk_turn = actor::turn<risk_stored>;
using venue_turn = actor::turn<venue_stored>;

} // namespace troupe::check
