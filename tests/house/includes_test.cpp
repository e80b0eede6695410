// Dependencies point one way (design, section 2).

#include "tests/house/source_tree.hpp"

#include <functional>

using namespace troupe;
using test::source_file;

TEST_SUITE_BEGIN("house/includes");

namespace {

bool starts_with_any(std::string_view path, std::initializer_list<std::string_view> folders) {
  return std::ranges::any_of(folders, [&](auto folder) { return path.starts_with(folder); });
}

/// "actors/trading/oms/" of any path in it; empty outside an actor's folder.
std::string actor_of(std::string_view path) {
  if (!path.starts_with("actors/")) return {};
  const auto group = path.find('/', 7);
  const auto actor = group == path.npos ? path.npos : path.find('/', group + 1);
  return actor == path.npos ? std::string{} : std::string{path.substr(0, actor + 1)};
}

/// Calls `visit` for each include of one of our files by another.
void for_each_include(const std::function<void(const std::string& from, const std::string& to)>& visit) {
  const auto tree = test::source_tree();
  std::size_t seen = 0;
  for (const auto& [path, file] : tree)
    if (file.is_code())
      for (const auto& included : file.own_includes()) {
        visit(path, included);
        ++seen;
      }
  CHECK(seen > 500); // or the tree was not found
}

/// Every file of ours that `path` includes, itself or by way of others.
std::set<std::string> reached_from(const std::map<std::string, source_file>& tree, const std::string& path) {
  std::set<std::string> seen{path};
  std::vector<std::string> todo{path};
  while (!todo.empty()) {
    const auto at = tree.find(todo.back());
    todo.pop_back();
    if (at == tree.end()) continue;
    for (const auto& next : at->second.own_includes())
      if (seen.insert(next).second) todo.push_back(next);
  }
  return seen;
}

/// An actor's core, or a part of one: what other headers of its folder are for.
bool decides(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  static const std::set<std::string> told{"messages.hpp", "interface.hpp", "state.hpp", "ids.hpp", "batch.hpp", "done.hpp",
                                         "correction_rows.hpp", "start_settings.hpp"};
  return !told.contains(name) && !name.ends_with("_messages.hpp");
}

} // namespace

TEST_CASE("every include is written from the root and names a file that exists") {
  const auto tree = test::source_tree();
  for_each_include([&](const auto& from, const auto& to) {
    if (!tree.contains(to)) FAIL_CHECK(from << " includes \"" << to << "\"");
  });
}

TEST_CASE("runtime/core includes nothing but itself, runtime/ nothing of the desk") {
  for_each_include([](const auto& from, const auto& to) {
    if (from.starts_with("runtime/core/") && !to.starts_with("runtime/core/")) FAIL_CHECK(from << " includes " << to);
    if (from.starts_with("runtime/") && !to.starts_with("runtime/")) FAIL_CHECK(from << " includes " << to);
  });
}

TEST_CASE("actors/ includes actors/ and runtime/; nobody includes nodes/ but nodes, tests and tools") {
  for_each_include([](const auto& from, const auto& to) {
    if (from.starts_with("actors/") && !starts_with_any(to, {"actors/", "runtime/"}))
      FAIL_CHECK(from << " includes " << to);
    if (to.starts_with("nodes/") && !starts_with_any(from, {"nodes/", "tests/", "tools/"}))
      FAIL_CHECK(from << " includes " << to);
    if (to.starts_with("tests/") && !from.starts_with("tests/")) FAIL_CHECK(from << " includes " << to);
    if (to.starts_with("tools/") && !starts_with_any(from, {"tests/", "tools/"})) FAIL_CHECK(from << " includes " << to);
  });
}

TEST_CASE("the folders of runtime/ depend on each other without a cycle") {
  std::map<std::string, std::set<std::string>> needs;
  for_each_include([&](const auto& from, const auto& to) {
    const auto folder = [](const std::string& path) { return path.substr(0, path.find('/', 8)); };
    if (from.starts_with("runtime/") && folder(from) != folder(to)) needs[folder(from)].insert(folder(to));
  });
  std::map<std::string, std::set<std::string>> reaches = needs;
  for (std::size_t round = 0; round <= needs.size(); ++round)
    for (auto& [folder, reached] : reaches)
      for (const auto& step : std::set<std::string>{reached}) reached.insert(needs[step].begin(), needs[step].end());
  for (const auto& [folder, reached] : reaches)
    if (reached.contains(folder)) FAIL_CHECK(folder << " depends on itself by way of others");
}

TEST_CASE("the checker sees no code that decides: not even by way of other headers") {
  const auto tree = test::source_tree();
  std::size_t looked_at = 0;
  for (const auto& [path, file] : tree) {
    if (!path.starts_with("tools/check/") || !file.is_code()) continue;
    ++looked_at;
    for (const auto& reached : reached_from(tree, path))
      if (reached.starts_with("actors/") && decides(reached)) FAIL_CHECK(path << " gets " << reached);
  }
  CHECK(looked_at > 10);
}

TEST_CASE("an actor includes another one only through interface.hpp and messages.hpp") {
  static const std::set<std::string> shared{
    "actors/trading/ids.hpp",  // the desk's names; no actor
    "actors/market/batch.hpp", // market data in flight; no actor
  };
  static const std::set<std::pair<std::string, std::string>> exceptions{
    // The book is a part of the feed that was worth a folder: it is a value without messages, held by one feed.
    {"actors/market/feed/", "actors/market/book/book.hpp"},
    {"actors/market/feed/", "actors/market/book/depth.hpp"},
  };
  std::set<std::pair<std::string, std::string>> unused = exceptions;
  for_each_include([&](const auto& from, const auto& to) {
    const auto own = actor_of(from);
    if (own.empty() || !to.starts_with("actors/") || to.starts_with(own) || shared.contains(to)) return;
    if (to.ends_with("/interface.hpp") || to.ends_with("messages.hpp")) return;
    unused.erase({own, to});
    if (!exceptions.contains({own, to})) FAIL_CHECK(from << " includes " << to);
  });
  for (const auto& [own, to] : unused) FAIL_CHECK("nobody in " << own << " needs the exception for " << to);
}

TEST_CASE("what decides sees no CAF, clock, thread or file: not even by way of other headers") {
  static const std::set<std::string> pure{"core.hpp",    "core.cpp",    "evolve.cpp",    "messages.hpp",
                                          "messages.cpp", "state.hpp", "interface.hpp"};
  const auto tree = test::source_tree();
  const auto refused = [](const std::string& header) {
    return header.starts_with("<caf/") || header.starts_with("<spdlog/") || header.starts_with("<rocksdb/") ||
           header.starts_with("<boost/asio") || header == "<thread>" || header == "<fstream>" ||
           header == "<iostream>" || header == "<random>";
  };
  std::size_t looked_at = 0;
  for (const auto& [path, file] : tree) {
    if (!path.starts_with("actors/") || !pure.contains(file.name())) continue;
    ++looked_at;
    for (const auto& reached : reached_from(tree, path)) {
      const auto at = tree.find(reached);
      if (at == tree.end()) continue;
      for (const auto& header : at->second.includes())
        if (refused(header)) FAIL_CHECK(path << " gets " << header << " from " << reached);
    }
  }
  CHECK(looked_at > 10);
}
