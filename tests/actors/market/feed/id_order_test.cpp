#include "actors/market/feed/id_order.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using feed::id_order;

TEST_SUITE_BEGIN("market/feed/id_order");

namespace {

/// Ids as they come, each in a line of its own.
struct told_in_order {
  id_order order;
  std::uint64_t line = 0;
  std::optional<feed::told_id> wrong; // the first
  void operator()(std::uint64_t id) {
    const auto now = order.see({id, ++line});
    if (now && !wrong) wrong = now;
  }
  void run(std::uint64_t from, std::uint64_t to) {
    for (auto id = from; id <= to; ++id) (*this)(id);
  }
};

} // namespace

TEST_CASE("ids that ascend are believed, however far they jump") {
  told_in_order t;
  for (std::uint64_t id = 1; id < UINT64_MAX / 4; id *= 3) t(id);
  t.run(UINT64_MAX / 2, UINT64_MAX / 2 + 100);
  CHECK_FALSE(t.wrong);
}

TEST_CASE("of one that is too large, and of several, the greatest is named when 32 lines in a row lie below it that nobody saw") {
  told_in_order t;
  t.run(1, 100);
  for (std::uint64_t i = 0; i < 5; ++i) t(1'000'000 + i);
  t.run(101, 101 + id_order::in_doubt_max - 2);
  CHECK_FALSE(t.wrong);
  t(500);
  REQUIRE(t.wrong);
  CHECK(t.wrong->id == 1'000'004);
  CHECK(t.wrong->line == 105);
}

TEST_CASE("what was seen before, lines that were swapped, and ids that do not ascend put nothing in doubt") {
  told_in_order t;
  t.run(1, 1000);
  SUBCASE("told again from further back than is remembered") { t.run(500, 1000); }
  SUBCASE("each told twice") {
    for (std::uint64_t id = 1001; id < 1200; ++id) t(id), t(id);
  }
  SUBCASE("swapped") {
    for (std::uint64_t id = 1001; id < 1200; id += 2) t(id + 1), t(id);
  }
  SUBCASE("one of each") {
    t(2000);
    for (int i = 0; i < 100; ++i) t(1500), t(1400);
  }
  SUBCASE("at the very beginning") { t.run(0, 0); }
  CHECK_FALSE(t.wrong);
}

TEST_SUITE_END();
