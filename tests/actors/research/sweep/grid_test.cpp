#include "actors/research/sweep/grid.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::sweep;

TEST_SUITE_BEGIN("sweep/grid");

namespace {

std::vector<std::string> values_of(const std::string& word) {
  const auto axes = parse_grid({word});
  REQUIRE_MESSAGE(axes.has_value(), to_string(axes.error()));
  return axes->at(0).values;
}

std::string refusal_of(const std::string& word) {
  const auto axes = parse_grid({word});
  REQUIRE_FALSE(axes.has_value());
  return to_string(axes.error());
}

} // namespace

TEST_CASE("a range has both its ends when the step meets them, exact in decimals") {
  CHECK(values_of("a=5:20:5") == std::vector<std::string>{"5", "10", "15", "20"});
  CHECK(values_of("a=5:19:5") == std::vector<std::string>{"5", "10", "15"});
  CHECK(values_of("a=0.1:0.5:0.1") == std::vector<std::string>{"0.1", "0.2", "0.3", "0.4", "0.5"}); // in binary it would miss one
  CHECK(values_of("a=-1:1:1") == std::vector<std::string>{"-1", "0", "1"});
  CHECK(values_of("a=7:7:1") == std::vector<std::string>{"7"});
  CHECK(values_of("a=-92233720368:92233720368:92233720368") == std::vector<std::string>{"-92233720368", "0", "92233720368"}); // twice the step is beyond 64 bits
}

TEST_CASE("a list is ordered by number or else by text; a single value and JSON are taken as they are") {
  CHECK(values_of("a=10,9,2.50") == std::vector<std::string>{"2.5", "9", "10"});
  CHECK(values_of("a=b,a,10") == std::vector<std::string>{"10", "a", "b"});
  CHECK(values_of("a=2.50") == std::vector<std::string>{"2.50"});
  CHECK(values_of(R"(a=["x","y"])") == std::vector<std::string>{R"(["x","y"])"});
  CHECK(values_of("a=") == std::vector<std::string>{""});
  CHECK(values_of("a=x:y:z") == std::vector<std::string>{"x:y:z"}); // no number in front, no range
}

TEST_CASE("what cannot be meant is refused with the word and the reason, all together") {
  CHECK(refusal_of("a").find("KEY=FROM:TO:STEP") != std::string::npos);
  CHECK(refusal_of("a=5:1:1").find("end before it begins") != std::string::npos);
  CHECK(refusal_of("a=1:5:0").find("greater than 0") != std::string::npos);
  CHECK(refusal_of("a=1:5:-1").find("greater than 0") != std::string::npos);
  CHECK(refusal_of("a=1:x:1").find("in decimals") != std::string::npos);
  CHECK(refusal_of("a=1,,2").find("an empty value") != std::string::npos);
  CHECK(refusal_of("a=1,1.0").find("twice") != std::string::npos);
  CHECK(refusal_of("a b=1").find("a key has") != std::string::npos);
  CHECK(refusal_of("=1").find("a key has") != std::string::npos);
  const auto both = parse_grid({"a=1:0:1", "b=2", "b=3", "c=4"});
  REQUIRE_FALSE(both.has_value());
  REQUIRE(both.error().fields.size() == 2);
  CHECK(both.error().fields[0].field == "--set a=1:0:1");
  CHECK(both.error().fields[1] == field_error{"--set b=3", "the key is set twice"});
}

TEST_CASE("more trials than the stated maximum are refused, also when the product would overflow") {
  CHECK(parse_grid({"a=1:1000:1", "b=1:1000:1"}).value().size() == 2); // a million is allowed
  const auto more = parse_grid({"a=1:1001:1", "b=1:1000:1"});
  REQUIRE_FALSE(more.has_value());
  CHECK(more.error().code == errc::too_large);
  CHECK(more.error().message.find("1000000") != std::string::npos);
  CHECK(parse_grid({"a=0:90000000000:0.00000001"}).error().message.find("cannot be used") != std::string::npos);
  std::vector<std::string> many;
  for (int i = 0; i < 40; ++i) many.push_back("k" + std::to_string(i) + "=1:1000:1");
  CHECK(parse_grid(many).error().code == errc::too_large);
  std::string long_list = "a=";
  for (int i = 0; i < 20'000; ++i) long_list += (i ? ",value-" : "value-") + std::to_string(i);
  CHECK(parse_grid({long_list}).error().code == errc::too_large); // a worker could not be told
}

TEST_CASE("the order of the words makes no difference, and every trial of the product is there once") {
  const auto one = parse_grid({"b=1,2,3", "a=x,y", "c=7"}).value();
  CHECK(one == parse_grid({"c=7", "a=y,x", "b=3,1,2"}).value());
  REQUIRE(size_of(one) == 6);
  std::vector<std::string> seen;
  for (std::uint64_t i = 0; i < 6; ++i) {
    std::string text;
    for (const auto& [key, value] : trial_at(one, i)) text += key + value + " ";
    seen.push_back(text);
  }
  CHECK(seen == std::vector<std::string>{"ax b1 c7 ", "ax b2 c7 ", "ax b3 c7 ", "ay b1 c7 ", "ay b2 c7 ", "ay b3 c7 "});
  for (std::uint64_t i = 0; i < 6; ++i) CHECK(index_of(one, trial_at(one, i)) == i);
  CHECK_FALSE(index_of(one, {{"a", "x"}, {"b", "4"}, {"c", "7"}}));
  CHECK_FALSE(index_of(one, {{"a", "x"}, {"b", "1"}}));
  CHECK_FALSE(index_of(one, {{"a", "x"}, {"b", "1"}, {"d", "7"}}));
  CHECK(size_of({}) == 1);
  CHECK(trial_at({}, 0).empty());
}

TEST_SUITE_END();
