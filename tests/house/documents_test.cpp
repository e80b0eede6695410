// What can be read off the documents: the licence, an actor's page, and whether the tests that the table of rules names exist.

#include "tests/house/source_tree.hpp"

#include <regex>

using namespace troupe;

TEST_SUITE_BEGIN("house/documents");

namespace {

/// Suite and name of every test case in the sources.
std::set<std::pair<std::string, std::string>> test_cases(const std::map<std::string, test::source_file>& tree) {
  static const std::regex opening{R"re(\nTEST_SUITE(_BEGIN|_END)?\((?:"([^"]*)")?|\nTEST_CASE(?:_FIXTURE)?\((?:\w+,\s*)?"([^"]*)")re"};
  std::set<std::pair<std::string, std::string>> all;
  for (const auto& [path, file] : tree) {
    if (!path.starts_with("tests/") || !path.ends_with(".cpp")) continue;
    std::string suite;
    for (std::sregex_iterator at{file.text.begin(), file.text.end(), opening}, end; at != end; ++at)
      if ((*at)[3].matched) all.emplace(suite, (*at)[3].str());
      else suite = (*at)[2].str();
  }
  return all;
}

} // namespace

TEST_CASE("the licence is there whole, and the README names it") {
  const auto tree = test::source_tree();
  const auto licence = tree.find("LICENSE");
  REQUIRE(licence != tree.end());
  for (const std::string part : {"Apache License", "Version 2.0, January 2004", "9. Accepting Warranty or Additional Liability",
                           "END OF TERMS AND CONDITIONS", "APPENDIX: How to apply the Apache License to your work."})
    CHECK_MESSAGE(licence->second.text.find(part) != std::string::npos, part);
  CHECK(tree.at("README.md").text.find("(LICENSE)") != std::string::npos);
}

TEST_CASE("every actor's folder has a page: duty, what it takes and emits, failure, configuration, metrics") {
  const auto tree = test::source_tree();
  std::set<std::string> actors;
  for (const auto& [path, file] : tree)
    if (path.starts_with("actors/") && std::ranges::count(path, '/') == 3) actors.insert(file.folder());
  CHECK(actors.size() >= 11);
  for (const auto& actor : actors) {
    const auto page = tree.find(actor + "README.md");
    if (page == tree.end()) {
      FAIL_CHECK(actor << " has no README.md");
      continue;
    }
    for (const std::string part : {"**Duty.**", "**Takes.**", "**Emits.**", "**On failure.**", "**Configuration.**", "**Metrics.**"})
      if (page->second.text.find(part) == std::string::npos) FAIL_CHECK(page->first << " lacks " << part);
    if (tree.at("actors/README.md").text.find("(" + page->first.substr(7) + ")") == std::string::npos)
      FAIL_CHECK("actors/README.md does not lead to " << page->first);
  }
}

TEST_CASE("every rule names a test, and every test that is named exists") {
  static const std::regex reference{R"re(`([^`]+)`: "([^"]+)")re"};
  const auto tree = test::source_tree();
  const auto cases = test_cases(tree);
  CHECK(cases.size() > 300); // or the sources were not understood
  std::size_t rules = 0;
  bool in_table = false;
  for (const auto& line : tree.at("docs/decisions/README.md").lines()) {
    if (line.starts_with("## ")) in_table = line == "## Rules";
    if (!in_table || !line.starts_with("| ") || line.starts_with("| Rule ")) continue;
    ++rules;
    std::size_t named = 0;
    for (std::sregex_iterator at{line.begin(), line.end(), reference}, end; at != end; ++at, ++named)
      if (!cases.contains({(*at)[1].str(), (*at)[2].str()}))
        FAIL_CHECK("there is no test case \"" << (*at)[2].str() << "\" in the suite " << (*at)[1].str());
    if (named == 0) FAIL_CHECK("no test: " << line);
  }
  CHECK(rules > 30);
}

TEST_CASE("the index of the decisions names every one of them") {
  const auto tree = test::source_tree();
  const auto& index = tree.at("docs/decisions/README.md").text;
  for (const auto& [path, file] : tree)
    if (path.starts_with("docs/decisions/") && file.name() != "README.md" && index.find("(" + file.name() + ")") == std::string::npos)
      FAIL_CHECK(path << " is not in the index");
}
