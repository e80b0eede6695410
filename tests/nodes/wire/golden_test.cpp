// What the desk's actors store, as a released version wrote it: whole turns and whole states.
#include "actors/platform/operations/core.hpp"
#include "actors/platform/placement/core.hpp"
#include "actors/platform/supervision/core.hpp"
#include "actors/research/sweep/core.hpp"
#include "actors/trading/oms/core.hpp"
#include "actors/trading/portfolio/core.hpp"
#include "actors/trading/risk/core.hpp"
#include "actors/trading/strategy/core.hpp"
#include "actors/trading/venue/core.hpp"
#include "nodes/desk/tape_seal.hpp"
#include "runtime/actor/turn.hpp"
#include "tests/support/golden.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("desk/golden");

namespace {

/// "oms/turn.v1.txt" and "oms/state.v1.txt". A state is a shortcut: of an older layout it is folded anew from the turns, so only today's is
/// read.
template <class Core>
void check_core(std::uint32_t state_version = 1) {
  const auto file = [](const char* what, std::uint32_t version) {
    return std::string{Core::stored_as} + '/' + what + ".v" + std::to_string(version) + ".txt";
  };
  check_stored<actor::turn<Core>>(file("turn", Core::stored_version));
  check_stored<actor::shell_state<Core>>(file("state", state_version));
}

} // namespace

TEST_CASE("stored turns and states of every core: the released bytes are read as they were meant and written again") {
  check_core<oms::core>(5);
  check_core<risk::core>(2);
  check_core<venue::simulator>();
  check_core<strategy::host>(3);
  check_core<operations::core>();
  check_core<placement::core>();
  check_core<sweep::core>();
  check_core<supervision::core>();
}

TEST_CASE("stored events of risk, checkpoints of the portfolio, seals of a tape, results of a sweep: the same") {
  check_stored<risk::event>("risk/event.v1.txt");
  check_stored<portfolio::state>("portfolio/state.v1.txt");
  check_stored<portfolio::fill>("portfolio/fill.v1.txt");
  check_stored<desk::tape_sealed>("feed/tape_sealed.v1.txt");
  check_stored<sweep::trial_result>("sweep/trial_result.v1.txt");
}

TEST_CASE("the names of stored layouts, as they lie in record headers") {
  CHECK(actor::turn_schema<oms::core>() == fnv1a("oms.turn/1"));
  CHECK(actor::turn_schema<risk::core>() == fnv1a("risk.turn/1"));
  CHECK(actor::turn_schema<venue::simulator>() == fnv1a("venue.turn/1"));
  CHECK(actor::turn_schema<strategy::host>() == fnv1a("strategy.turn/1"));
  CHECK(actor::turn_schema<placement::core>() == fnv1a("placement.turn/1"));
  CHECK(actor::turn_schema<operations::core>() == fnv1a("operations.turn/1"));
  CHECK(actor::turn_schema<supervision::core>() == fnv1a("supervision.turn/1"));
  CHECK(actor::turn_schema<sweep::core>() == fnv1a("sweep.turn/1"));
}
