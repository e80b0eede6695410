// Lanes through a whole desk: what an operator says does not wait behind what was ordered.

#include "nodes/desk/ask_window.hpp"
#include "tests/support/test.hpp"
#include "tools/benchmarks/overtaking.hpp"

#include <algorithm>
#include <functional>
#include <vector>

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

TEST_CASE("of asks that wait for their turn as many are under way as may be, in their order, and when the port closes no more") {
  desk::ask_window w{3};
  std::vector<int> begun;
  for (int i = 0; i < 8; ++i) w.begin([&begun, i] { begun.push_back(i); });
  CHECK(begun == std::vector{0, 1, 2});
  w.end();
  w.end();
  CHECK(begun == std::vector{0, 1, 2, 3, 4});
  w.close();
  w.end();
  w.begin([&] { begun.push_back(9); });
  CHECK(begun.size() == 5);
}

TEST_CASE("asks that are answered at once do not lie on each other's stack") {
  desk::ask_window w{1};
  constexpr int count = 200'000;
  int left = count, deep = 0, deepest = 0;
  std::function<void()> next = [&] {
    deepest = std::max(deepest, ++deep);
    if (--left > 0) w.begin(next);
    w.end();
    --deep;
  };
  w.begin(next);
  CHECK(left == 0);
  CHECK(deepest == 1);
}
