#include "nodes/desk/last_words.hpp"

#include "tests/support/test.hpp"

#include <fstream>

using namespace troupe;

TEST_SUITE_BEGIN("desk/last_words");

TEST_CASE("last words stay until they are on record; what nobody wrote whole is none") {
  test::temporary_directory dir;
  CHECK_FALSE(desk::read_last_words(dir.path()).has_value());
  desk::leave_last_words(dir.path(), time_from_ns(1'700'000'000'000'000'007), "watchdog: oms/3 has not returned" + std::string(100'000, '.'));
  desk::leave_last_words(dir.path(), time_from_ns(1), "what came of it"); // of one process the first stand
  for (int i = 0; i < 2; ++i) {
    const auto last = desk::read_last_words(dir.path());
    REQUIRE(last.has_value());
    CHECK(last->at == time_from_ns(1'700'000'000'000'000'007));
    CHECK(last->why.starts_with("watchdog: oms/3 has not returned"));
    CHECK(last->why.size() < 4096);
  }
  desk::remove_last_words(dir.path());
  CHECK_FALSE(desk::read_last_words(dir.path()).has_value());
  for (const std::string foreign : {"", "17", "watchdog", "99999999999999999999 too late\n", "\n"}) {
    CAPTURE(foreign);
    std::ofstream{dir.path() / "last_words"} << foreign;
    CHECK_FALSE(desk::read_last_words(dir.path()).has_value());
  }
}

TEST_SUITE_END();
