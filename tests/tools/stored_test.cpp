// The checker's descriptions of stored turns are the cores' own. Decided when this file is compiled; it is the one place
// that sees both.

#include "actors/platform/operations/core.hpp"
#include "actors/platform/placement/core.hpp"
#include "actors/trading/oms/core.hpp"
#include "actors/trading/risk/core.hpp"
#include "actors/trading/strategy/core.hpp"
#include "actors/trading/venue/core.hpp"
#include "tests/support/test.hpp"
#include "tools/check/stored.hpp"

using namespace troupe;

namespace {

template <class Stored, class Core>
constexpr bool same = std::is_same_v<typename Stored::state, typename Core::state> &&
                      std::is_same_v<typename Stored::event, typename Core::event> &&
                      std::is_same_v<typename Stored::inputs, typename Core::inputs> &&
                      std::is_same_v<typename Stored::effect, typename Core::effect> &&
                      std::is_same_v<typename Stored::protocol, typename Core::protocol> &&
                      Stored::stored_version == Core::stored_version;

static_assert(same<check::oms_stored, oms::core>);
static_assert(same<check::risk_stored, risk::core>);
static_assert(same<check::venue_stored, venue::simulator>);
static_assert(same<check::strategy_stored, strategy::host>);

/// Of these the checker reads turns alone, which read nothing.
template <class Stored, class Core>
constexpr bool same_turns = std::is_same_v<typename Stored::event, typename Core::event> && std::is_same_v<typename Stored::protocol, typename Core::protocol> &&
                            std::is_empty_v<typename Core::inputs> && Stored::stored_version == Core::stored_version;

static_assert(same_turns<check::operations_stored, operations::core>);
static_assert(same_turns<check::placement_stored, placement::core>);

} // namespace

TEST_SUITE_BEGIN("tools/check");

TEST_CASE("stored: the checker reads the schemas the actors write") {
  CHECK(actor::turn_schema<check::oms_stored>() == actor::turn_schema<oms::core>());
  CHECK(actor::turn_schema<check::risk_stored>() == actor::turn_schema<risk::core>());
  CHECK(actor::turn_schema<check::venue_stored>() == actor::turn_schema<venue::simulator>());
  CHECK(actor::turn_schema<check::strategy_stored>() == actor::turn_schema<strategy::host>());
  CHECK(actor::turn_schema<check::operations_stored>() == actor::turn_schema<operations::core>());
  CHECK(actor::turn_schema<check::placement_stored>() == actor::turn_schema<placement::core>());
  CHECK(actor::state_schema<check::oms_stored>() == actor::state_schema<oms::core>());
  CHECK(actor::state_schema<check::risk_stored>() == actor::state_schema<risk::core>());
  CHECK(actor::state_schema<check::venue_stored>() == actor::state_schema<venue::simulator>());
}

TEST_CASE("stored: the checker's second names of stored types stay out of the schema hash") {
  for (const auto& t : wire::registered_types()) CHECK_MESSAGE(t.name.find("check.") == std::string::npos, t.name);
}
