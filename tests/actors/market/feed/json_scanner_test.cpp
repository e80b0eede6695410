#include "actors/market/feed/json_scanner.hpp"
#include "tests/actors/market/feed/json_oracle.hpp"
#include "tests/support/test.hpp"

#include <random>
#include <string>

#include <nlohmann/json.hpp>

using namespace troupe;

TEST_SUITE_BEGIN("market/feed/json_scanner");

namespace {

bool accepts(std::string_view text) {
  feed::json_scanner scan{text};
  return scan.skip() && scan.finish();
}

} // namespace

TEST_CASE("the grammar is JSON's and nothing more") {
  for (const char* text : {"{}", " [ ] ", "0", "-0", "1.5e-7", "10E+2", R"("\u00e9\n")", "true", "null", R"({"a":[1,{"b":""}]})"}) {
    CAPTURE(text);
    CHECK(accepts(text));
  }
  for (const char* text : {"", "{", "}", "{]", "[1,]", "{,}", R"({"a"})", R"({"a":})", R"({a:1})", "01", "-", "1.", ".5", "1e", "+1",
                           "NaN", "Infinity", "tru", "nulls", "'a'", R"("a)", R"("\x")", R"("\u12g4")", "\"\n\"", "{} {}", "[1 2]",
                           R"({"a":1 "b":2})", "1,", "\"\\"}) {
    CAPTURE(text);
    CHECK_FALSE(accepts(text));
  }
}

TEST_CASE("32 levels of nesting are read, 33 are refused") {
  const auto nested = [](int n) { return std::string(static_cast<std::size_t>(n), '[') + std::string(static_cast<std::size_t>(n), ']'); };
  CHECK(accepts(nested(32)));
  CHECK_FALSE(accepts(nested(33)));
  CHECK_FALSE(accepts(std::string(1 << 20, '[')));
}

TEST_CASE("accepts exactly what nlohmann/json accepts, for mutated messages") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const std::string seeds[] = {
    R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1,"p":"61800.30","m":false,"x":[1.5e3,-0,null,true]}})",
    R"({"a":[{"b":"\"\\\u00e9"},[],{}],"c":0.10E-05})"};
  const std::string alphabet = "{}[]:,\"\\0123456789.eE+-truefalsn \t\x01";
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    auto text = seeds[random() % 2];
    for (auto n = 1 + random() % 3; n > 0 && !text.empty(); --n) {
      const auto at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
      case 0: text[at] = c; break;
      case 1: text.erase(at, 1); break;
      default: text.insert(at, 1, c);
      }
    }
    CAPTURE(text);
    const bool ours = accepts(text);
    if (!test::has_huge_exponent(text)) REQUIRE(ours == nlohmann::json::accept(text));
    accepted += ours;
  }
  CHECK(accepted > 1000);
}

TEST_SUITE_END();
