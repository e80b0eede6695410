// Lanes through a whole desk: what an operator says does not wait behind what was ordered.

#include "tests/support/test.hpp"
#include "tools/benchmarks/overtaking.hpp"

using namespace troupe;

TEST_SUITE_BEGIN("desk/lanes");

TEST_CASE("a cancel and a halt behind a flood of a million orders act before the flood is over") {
  constexpr std::uint64_t flood = 1'000'000;
  const auto seen = bench::overtake(flood);
  MESSAGE("handled of " << flood << ": " << seen.handled_at_cancel << " when the cancel was answered, " << seen.handled_at_halt
                        << " when the halt was in force");
  CHECK(seen.handled_at_cancel < flood);
  CHECK(seen.handled_at_halt < flood);
}
