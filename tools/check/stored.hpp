#pragma once
// What the checker knows of the actors: the layout of their stored turns and states, named a second time so that no
// decision code of theirs is included. A test pins that each description is the core's own.

#include "actors/platform/operations/interface.hpp"
#include "actors/platform/placement/interface.hpp"
#include "actors/trading/oms/interface.hpp"
#include "actors/trading/oms/state.hpp"
#include "actors/trading/risk/interface.hpp"
#include "actors/trading/risk/state.hpp"
#include "actors/trading/strategy/interface.hpp"
#include "actors/trading/venue/interface.hpp"
#include "runtime/actor/turn.hpp"

#include <optional>
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

struct strategy_stored {
  using state = strategy::strategy_state;
  using event = strategy::strategy_event;
  using inputs = strategy::strategy_inputs;
  using effect = std::variant<oms::order_command>;
  using protocol = strategy::protocol;
  static constexpr const char* stored_as = "strategy";
  static constexpr std::uint32_t stored_version = 1;
};

/// Of actors of which only who asked them for what is looked at: their turns read nothing, and their states are not compared.
struct nothing_read {};
BOOST_DESCRIBE_STRUCT(nothing_read, (), ())

struct operations_stored {
  using event = std::variant<operations::recorded>;
  using inputs = nothing_read;
  using protocol = operations::protocol;
  static constexpr const char* stored_as = "operations";
  static constexpr std::uint32_t stored_version = 1;
};

struct placement_stored {
  using event = std::variant<placement::fetch_begun, placement::fetch_ended, placement::handed_over, placement::given, placement::taken_over,
                             placement::left>;
  using inputs = nothing_read;
  using protocol = placement::protocol;
  static constexpr const char* stored_as = "placement";
  static constexpr std::uint32_t stored_version = 1;
};

/// What stands first in a turn of any actor.
struct turn_front {
  std::optional<actor::inbox_mark> inbox;
};
BOOST_DESCRIBE_STRUCT(turn_front, (), (inbox))

using oms_turn = actor::turn<oms_stored>;
using risk_turn = actor::turn<risk_stored>;
using venue_turn = actor::turn<venue_stored>;
using strategy_turn = actor::turn<strategy_stored>;
using operations_turn = actor::turn<operations_stored>;
using placement_turn = actor::turn<placement_stored>;

} // namespace troupe::check
