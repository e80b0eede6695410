// What can be read off the text of the tree: length, openings, leftovers, names of one machine.

#include "tests/house/source_tree.hpp"

#include <regex>

using namespace troupe;

TEST_SUITE_BEGIN("house/text");

TEST_CASE("no file of code is longer than 700 lines") {
  constexpr std::size_t lines_max = 700;
  for (const auto& [path, file] : test::source_tree())
    if (const auto lines = file.lines().size(); file.is_code() && lines > lines_max)
      FAIL_CHECK(path << " has " << lines << " lines");
}

TEST_CASE("every header opens with #pragma once and says what it is for") {
  for (const auto& [path, file] : test::source_tree()) {
    if (!path.ends_with(".hpp")) continue;
    const auto lines = file.lines();
    if (lines.size() < 2 || lines[0] != "#pragma once" || !lines[1].starts_with("// ")) FAIL_CHECK(path);
  }
}

TEST_CASE("nothing is left to do without an issue that says so") {
  const std::regex leftover{"\\b(TO" "DO|FIX" "ME|X" "XX)\\b(?!.{0,8}#[0-9])"};
  for (const auto& [path, file] : test::source_tree()) {
    std::size_t number = 0;
    for (const auto& line : file.lines()) {
      ++number;
      if (std::regex_search(line, leftover)) FAIL_CHECK(path << ":" << number << ": " << line);
    }
  }
}

TEST_CASE("no file names the folders of one machine") {
  const std::string folders[]{"/" "work/", "/" "root/", "/" "home/"};
  for (const auto& [path, file] : test::source_tree())
    for (const auto& folder : folders)
      if (file.text.find(folder) != std::string::npos) FAIL_CHECK(path << " holds " << folder);
}

TEST_CASE("no actor computes in binary floating point, but a strategy in its own numbers") {
  const std::regex floating{R"(\b(double|float)\b)"};
  std::size_t looked_at = 0;
  for (const auto& [path, file] : test::source_tree()) {
    if (!file.is_code() || !path.starts_with("actors/") || path.starts_with("actors/trading/strategy/")) continue;
    ++looked_at;
    for (const auto& line : file.lines())
      if (std::regex_search(line.substr(0, line.find("//")), floating)) FAIL_CHECK(path << ": " << line);
  }
  CHECK(looked_at > 50);
}

TEST_CASE("a thread outside the scheduler is taken in one place") {
  const std::string word = "caf::" "detached";
  std::size_t found = 0;
  for (const auto& [path, file] : test::source_tree()) {
    if (!file.is_code() || path.starts_with("tests/") || file.text.find(word) == std::string::npos) continue;
    ++found;
    CHECK(path == "runtime/actor/spawn_blocking.hpp");
  }
  CHECK(found == 1);
}

TEST_CASE("no program takes its user's locale, so that none can change what is read, written or hashed") {
  const std::regex taken{"\\b(set" "locale|im" "bue|locale::" "global)\\b"};
  for (const auto& [path, file] : test::source_tree())
    if (file.is_code() && std::regex_search(file.text, taken)) FAIL_CHECK(path);
}

TEST_CASE("every link between the documents leads to a file") {
  const std::regex link{R"(\]\(([^)#\s]+)(#[^)]*)?\))"};
  std::size_t followed = 0;
  for (const auto& [path, file] : test::source_tree()) {
    if (!path.ends_with(".md")) continue;
    for (std::sregex_iterator at{file.text.begin(), file.text.end(), link}, end; at != end; ++at) {
      const auto target = (*at)[1].str();
      if (target.find("://") != std::string::npos || target.starts_with("mailto:")) continue;
      ++followed;
      if (!std::filesystem::exists(test::source_dir() / file.folder() / target)) FAIL_CHECK(path << " links to " << target);
    }
  }
  CHECK(followed > 5);
}
