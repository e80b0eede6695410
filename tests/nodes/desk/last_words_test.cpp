#include "nodes/desk/last_words.hpp"

#include "tests/support/test.hpp"

#include <fstream>

using namespace troupe;

TEST_SUITE_BEGIN("desk/last_words");

TEST_CASE("last words are read once; what nobody wrote whole is none, and is gone as well") {
  test::temporary_directory dir;
  CHECK_FALSE(desk::take_last_words(dir.path()).has_value());
  desk::leave_last_words(dir.path(), time_from_ns(1), "an earlier end");
  desk::leave_last_words(dir.path(), time_from_ns(1'700'000'000'000'000'007), "watchdog: oms/3 has not returned");
  const auto last = desk::take_last_words(dir.path());
  REQUIRE(last.has_value());
  CHECK(last->at == time_from_ns(1'700'000'000'000'000'007));
  CHECK(last->why == "watchdog: oms/3 has not returned");
  CHECK_FALSE(desk::take_last_words(dir.path()).has_value());
  for (const std::string foreign : {"", "17", "watchdog", "99999999999999999999 too late\n", "\n"}) {
    CAPTURE(foreign);
    std::ofstream{dir.path() / "last_words"} << foreign;
    CHECK_FALSE(desk::take_last_words(dir.path()).has_value());
    CHECK_FALSE(std::filesystem::exists(dir.path() / "last_words"));
  }
  desk::leave_last_words(dir.path(), time_from_ns(1), std::string(100'000, 'x'));
  CHECK(desk::take_last_words(dir.path())->why.size() < 4096);
  desk::leave_last_words(dir.path() / "nowhere", time_from_ns(1), "nothing happens");
  CHECK_FALSE(std::filesystem::exists(dir.path() / "nowhere"));
}

TEST_SUITE_END();
