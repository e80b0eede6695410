#include "runtime/core/pattern.hpp"
#include "tests/support/test.hpp"

using troupe::matches_pattern;

TEST_SUITE_BEGIN("core/pattern");

TEST_CASE("a pattern is met by the whole of a text or not at all") {
  CHECK(matches_pattern("ab-dirty", "[a-z]+(-dirty)?"));
  CHECK(matches_pattern("", "a*"));
  for (const char* wrong : {"", "AB", "ab-", "ab-dirty ", " ab", "ab\n", "ab\nab"}) CHECK_FALSE_MESSAGE(matches_pattern(wrong, "[a-z]+(-dirty)?"), wrong);
  CHECK(matches_pattern("b", "a|b")); // not: starts with a, or ends with b
  CHECK_FALSE(matches_pattern("ax", "a|b"));
}

TEST_CASE("a text goes on behind a zero byte, so it matches no pattern") {
  CHECK_FALSE(matches_pattern(std::string_view{"ab\0cd", 5}, "[a-z]+"));
  CHECK_FALSE(matches_pattern(std::string_view{"ab\0cd", 5}, ".*"));
}

TEST_CASE("texts of any length are looked at without recursion") { CHECK(matches_pattern(std::string(1'000'000, 'a'), "a+")); }

TEST_SUITE_END();
