#include "runtime/actor/hybrid_clock.hpp"

#include "tests/support/test.hpp"

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

using namespace troupe;
using actor::hybrid_clock;

TEST_SUITE_BEGIN("actor/hybrid_clock");

TEST_CASE("it follows the wall clock, counts on when that stands or is set back, and never gives one time twice") {
  hybrid_clock c;
  CHECK(c.next(time_from_ns(1000)) == 1000);
  CHECK(c.next(time_from_ns(1000)) == 1001);
  CHECK(c.next(time_from_ns(400)) == 1002);
  CHECK(c.next(time_from_ns(2000)) == 2000);
  CHECK(c.next(time_from_ns(-5)) == 2001);
  CHECK(c.last() == 2001);
}

TEST_CASE("what is seen is behind what comes next, however far the wall clock is") {
  hybrid_clock here, there;
  const auto cause = there.next(time_from_ns(9000)); // a clock that is ahead
  here.saw(cause);
  CHECK(here.next(time_from_ns(1000)) > cause);
  here.saw(cause); // again, and late
  CHECK(here.next(time_from_ns(1000)) == cause + 2);
}

TEST_CASE("a time that no clock can say is not believed, and behind the last that is time still goes on") {
  hybrid_clock c;
  CHECK(c.next(time_from_ns(1000)) == 1000);
  for (const auto nonsense : {UINT64_MAX, UINT64_MAX - 1, std::uint64_t{1} << 63, hybrid_clock::furthest + 1}) {
    CAPTURE(nonsense);
    c.saw(nonsense);
    CHECK(c.last() < 2000);
  }
  CHECK(c.next(time_from_ns(1000)) == 1001);
  c.saw(hybrid_clock::furthest);
  CHECK(c.next(time_from_ns(1000)) == hybrid_clock::furthest + 1);
  CHECK(c.next(time_from_ns(1000)) == hybrid_clock::furthest + 2);
}

TEST_CASE("threads that share one never get the same time") {
  hybrid_clock c;
  constexpr std::size_t each = 20'000;
  std::vector<std::uint64_t> given[2];
  std::vector<std::thread> threads;
  for (auto& mine : given)
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < each; ++i) mine.push_back(c.next(time_from_ns(static_cast<std::int64_t>(i))));
    });
  for (auto& t : threads) t.join();
  for (const auto& mine : given) CHECK(std::ranges::is_sorted(mine));
  std::vector<std::uint64_t> all = given[0];
  all.insert(all.end(), given[1].begin(), given[1].end());
  std::ranges::sort(all);
  CHECK(std::ranges::adjacent_find(all) == all.end());
}

TEST_SUITE_END();
