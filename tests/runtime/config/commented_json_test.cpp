#include "runtime/config/commented_json.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using config::parse_commented_json;

TEST_SUITE_BEGIN("config/commented_json");

TEST_CASE("comments: both kinds are skipped, and what looks like one inside a string stays") {
  auto parsed = parse_commented_json("/* a \" quote */ {\n"
                                     "  // the edge\n"
                                     "  \"url\": \"http://x/*y*/\", // end\n"
                                     "  \"quoted\\\"//\": [1, /* two\n lines */ 2.50]\n"
                                     "} // last, without a line end");
  REQUIRE(parsed);
  CHECK(parsed->value.find("url")->text == "http://x/*y*/");
  CHECK(parsed->value.find("quoted\"//")->items[1].text == "2.50");
}

TEST_CASE("lines: every value knows the line on which it stands") {
  auto parsed = parse_commented_json("{\n\"a\": {\"b\": 1,\n\"c\": [/*\n*/ 5,\n{\"d\": \"x\\\"y\"}]},\n\"e\":\nnull}");
  REQUIRE(parsed);
  const std::map<std::string, int> expected = {{"", 1},      {"a", 2},      {"a.b", 2},      {"a.c", 3},
                                               {"a.c[0]", 4}, {"a.c[1]", 5}, {"a.c[1].d", 5}, {"e", 7}};
  CHECK(parsed->line_of == expected);
}

TEST_CASE("errors: each says line and column") {
  struct row {
    const char* text;
    errc code;
    const char* start;
  };
  const row rows[] = {
      {"{\n  \"a\": 1,\n  \"b\" 2\n}", errc::malformed, "line 3, column 7: not JSON"},
      {"{\n \"a\": 1, /* open\n }", errc::malformed, "line 2, column 10: the comment is not closed"},
      {"{\"a\": 1,\n \"b\": 2,\n   \"a\": 3}", errc::malformed, "line 3, column 4: a is given twice"},
      {"{\"a\": \"open\n", errc::malformed, "line 1, column"},
      {"", errc::malformed, "line 1, column 1"},
      {"// nothing", errc::malformed, "line 1, column 11"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.text);
    auto parsed = parse_commented_json(r.text);
    REQUIRE(parsed.has_error());
    CAPTURE(parsed.error().message);
    CHECK(parsed.error().code == r.code);
    CHECK(parsed.error().message.starts_with(r.start));
  }
  CHECK(parse_commented_json(std::string(33, '[')).error().code == errc::too_deep);
  CHECK(parse_commented_json(std::string((1 << 20) + 1, ' ')).error().code == errc::too_large);
}

TEST_CASE("any prefix of a text is refused without harm") {
  const std::string text = R"({"a": {"b": [1, "x\"y", {"c": null}]}, /* d */ "e": "f"})";
  REQUIRE(parse_commented_json(text));
  for (std::size_t n = 0; n < text.size(); ++n) {
    CAPTURE(n);
    CHECK(parse_commented_json(text.substr(0, n)).has_error());
  }
}
