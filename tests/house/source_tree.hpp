#pragma once
// The source tree as data, for tests that pin the rules of the house. Read anew by each caller; any thread.

#include "tests/support/test.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::test {

struct source_file {
  std::string path; // from the root, with '/'
  std::string text;

  [[nodiscard]] std::string folder() const { return path.substr(0, path.rfind('/') + 1); }
  [[nodiscard]] std::string name() const { return path.substr(path.rfind('/') + 1); }
  [[nodiscard]] bool is_code() const {
    return path.ends_with(".hpp") || path.ends_with(".cpp") || path.ends_with(".ipp");
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::istringstream in{text};
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
  /// What stands behind #include, with its quotes or brackets.
  [[nodiscard]] std::vector<std::string> includes() const {
    std::vector<std::string> all;
    for (const auto& line : lines())
      if (line.starts_with("#include ")) all.push_back(line.substr(9, line.find_last_of("\">") - 8));
    return all;
  }
  /// The same for files of ours: without quotes.
  [[nodiscard]] std::vector<std::string> own_includes() const {
    std::vector<std::string> all;
    for (const auto& included : includes())
      if (included.front() == '"') all.push_back(included.substr(1, included.size() - 2));
    return all;
  }
};

/// Every text file of the tree by path; build directories, hidden folders, golden bytes, fuzz corpora and what runs leave behind are left out.
inline std::map<std::string, source_file> source_tree() {
  namespace fs = std::filesystem;
  static const std::set<std::string> left_out{"tests/golden", "tests/fuzz/corpus", "data", "sweeps", "cluster"};
  std::map<std::string, source_file> tree;
  for (fs::recursive_directory_iterator at{source_dir()}, end; at != end; ++at) {
    const auto path = at->path().lexically_relative(source_dir()).generic_string();
    const auto name = at->path().filename().string();
    if (at->is_directory()) {
      const bool is_hidden = name.starts_with('.') && name != ".ci";
      if (is_hidden || left_out.contains(path) || (at.depth() == 0 && name.starts_with("build")))
        at.disable_recursion_pending();
    } else if (at->is_regular_file() && name != ".git") { // in a worktree it is a file that names the clone
      std::ifstream in{at->path(), std::ios::binary};
      source_file file{path, {std::istreambuf_iterator<char>{in}, {}}};
      if (file.text.find('\0') == std::string::npos) tree.emplace(path, std::move(file));
    }
  }
  return tree;
}

} // namespace troupe::test
