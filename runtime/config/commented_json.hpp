#pragma once
// JSON with // and /* */ comments: comments become blanks of the same length, so that every byte keeps its line, and
// a second look at the text finds the line on which each value stands. Pure; any thread.

#include "runtime/core/result.hpp"
#include "runtime/wire/json_value.hpp"

#include <map>
#include <string>
#include <string_view>

namespace troupe::config {

struct commented_json {
  wire::json_value value;
  /// "feeds[0].file" -> 12. Lines count from 1.
  std::map<std::string, int> line_of;
};

/// Parses `input`. Errors, each with line and column: malformed (not JSON, an open comment, a repeated name), too_deep,
/// too_large (more than 1 MiB).
[[nodiscard]] result<commented_json> parse_commented_json(std::string_view input);

} // namespace troupe::config
