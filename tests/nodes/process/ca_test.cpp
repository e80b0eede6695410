// troupe ca: certificates of a cluster, on files alone.

#include "tests/nodes/process/load.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("process/ca");

TEST_CASE("an authority is made once, issues certificates and shows them; what is wrong has its exit code and changes nothing") {
  const temporary_directory dir;
  const auto ca = (dir.path() / "ca").string(), certificates = (dir.path() / "certificates").string();
  std::string out;
  const auto troupe = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "ca");
    return run_program("troupe", words, out);
  };
  const auto says = [&](const std::string& text) { return out.find(text) != std::string::npos; };
  CHECK(troupe({"issue", "desk-1", "--ca", ca}) == 2);
  REQUIRE_MESSAGE(troupe({"init", "--ca", ca, "--name", "desk"}) == 0, out);
  CHECK(troupe({"init", "--ca", ca}) == 1);
  REQUIRE_MESSAGE(troupe({"issue", "desk-1", "desk-2", "--ca", ca, "--out", certificates, "--days", "30"}) == 0, out);
  CHECK(troupe({"issue", "desk-1", "--ca", ca, "--out", certificates}) == 1);
  CHECK(troupe({"issue", "desk-3", "../desk-4", "--ca", ca, "--out", certificates}) == 2);
  CHECK_FALSE(std::filesystem::exists(dir.path() / "certificates" / "desk-3"));
  REQUIRE_MESSAGE(troupe({"show", certificates + "/desk-2/desk-2.crt"}) == 0, out);
  CHECK(says("node desk-2"));
  CHECK(says("issued by    desk"));
  REQUIRE_MESSAGE(troupe({"show", ca + "/ca.crt", "--json"}) == 0, out);
  CHECK(says("\"is_authority\":true"));
  const auto more = (dir.path() / "more").string();
  REQUIRE(troupe({"init", "--ca", more, "--json"}) == 0);
  CHECK(out == R"({"cluster":"troupe","certificate":")" + more + R"(/ca.crt","key":")" + more + "/ca.key\"}\n");
  REQUIRE(troupe({"issue", "a", "b", "--ca", more, "--out", more, "--json"}) == 0);
  CHECK_MESSAGE(out.starts_with(R"({"node":"a","certificate":")" + more + R"(/a/a.crt","key":")" + more + R"(/a/a.key","ca":")" + more + "/a/ca.crt\"}\n{\"node\":\"b\","), out);
  CHECK(troupe({"show", ca + "/none.crt"}) == 2);
  CHECK_MESSAGE(out.find("there is no file " + ca + "/none.crt") != std::string::npos, out);
}

TEST_SUITE_END();
