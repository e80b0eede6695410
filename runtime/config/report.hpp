#pragma once
// Everything that is wrong with a configuration, collected before anything starts. Lives while one configuration is
// loaded; one thread.

#include "runtime/config/node.hpp"
#include "runtime/core/error.hpp"

#include <functional>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace troupe::config {

/// Where each given value came from: "desk.json:12" or "--set oms.open_orders_max=5".
class origins {
public:
  void note(const std::string& path, std::string origin) { at_[path] = std::move(origin); }
  /// Forgets what was noted at or below `path`, because an override replaced it.
  void forget_below(const std::string& path);
  /// The origin of `path` or of the nearest thing around it; empty when nothing was given.
  [[nodiscard]] std::string of(std::string path) const;

private:
  std::map<std::string, std::string> at_;
};

class report {
public:
  report(const section& root, const origins& where) : root_{root}, where_{where} {}

  /// For cross-field checks: the value of the first node, seen with the others, breaks a rule. `message` says what
  /// must hold ("must be shorter than risk.lease_ms"). Ignored when one of them is already reported, because then it
  /// holds its default and the finding would mislead.
  void violated(std::initializer_list<std::reference_wrapper<const node>> involved, std::string_view message);

  /// For the loader: a finding at a path.
  void add(const std::string& path, const std::string& message) { add(path, where_.of(path), message); }
  void add(const std::string& path, const std::string& origin, const std::string& message);

  [[nodiscard]] bool is_clean() const noexcept { return findings_.empty(); }
  /// All findings as one error (invalid_argument), each with its path, its origin and what to do.
  [[nodiscard]] error as_error() const;

private:
  const section& root_;
  const origins& where_;
  std::vector<field_error> findings_;
  std::set<std::string> reported_;
};

/// The path of `wanted` below `root` ("feeds[0].file"); empty when it is not there.
[[nodiscard]] std::string path_of(const section& root, const node& wanted);

} // namespace troupe::config
