// What is counted is said as people say it.

#include "runtime/core/counted.hpp"
#include "tests/support/test.hpp"

#include <utility>

using namespace troupe;

TEST_SUITE_BEGIN("core/counted");

TEST_CASE("one is singular, none and more are plural") {
  const std::pair<std::uint64_t, const char*> said[] = {{0, "0 trials"}, {1, "1 trial"}, {2, "2 trials"}, {11, "11 trials"}, {21, "21 trials"}, {UINT64_MAX, "18446744073709551615 trials"}};
  for (const auto& [n, text] : said) CHECK(counted(n, "trial") == text);
}
