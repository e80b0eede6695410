#pragma once
// From a file and the command line to a checked configuration, or to the complete list of what is wrong with it. Runs
// in main() before any actor starts. The environment is never read.

#include "runtime/config/property.hpp"
#include "runtime/config/report.hpp"
#include "runtime/core/result.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::config {

struct source {
  std::string name; // of the file, as messages show it
  std::string text; // JSON with comments
  std::vector<std::string> overrides; // "path=value", later ones win
};

/// Reads `file`. Errors: not_found, io_error, too_large (more than 1 MiB).
[[nodiscard]] result<source> read_source(const std::filesystem::path& file, std::vector<std::string> overrides);

/// A rule over several properties; it reports all it finds.
template <class T>
using cross_check = std::function<void(const T&, report&)>;

namespace detail {
[[nodiscard]] result<void> load(section& root, const source& from, const std::function<void(report&)>& cross_checks);
}

/// Defaults, then the file, then overrides; checks types, bounds and unknown keys, then the cross checks. Errors:
/// malformed, too_deep or too_large when the text is not JSON; else invalid_argument with every violation: its path,
/// where it stands (file and line, or the override), the value, and what is expected.
template <class T>
[[nodiscard]] result<T> load(const source& from, const std::vector<cross_check<T>>& checks = {}) {
  T root;
  assert_all_members_are_visited(root, sizeof(T));
  auto done = detail::load(root, from, [&](report& findings) {
    for (const auto& check : checks) check(root, findings);
  });
  if (!done) return done.error();
  return root;
}

template <class T>
[[nodiscard]] result<T> load_file(const std::filesystem::path& file, std::vector<std::string> overrides,
                                  const std::vector<cross_check<T>>& checks = {}) {
  auto from = read_source(file, std::move(overrides));
  if (!from) return from.error();
  return load<T>(*from, checks);
}

} // namespace troupe::config
