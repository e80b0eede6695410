#pragma once
// Parsed JSON that keeps a number's text, so that a decimal never passes through binary floating point.

#include "runtime/core/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::wire {

enum class json_kind : std::uint8_t { null, boolean, number, string, array, object };

struct json_value {
  json_kind kind = json_kind::null;
  bool boolean = false;
  std::string text; // of a string (decoded) or a number (as written)
  std::vector<json_value> items;
  std::vector<std::pair<std::string, json_value>> members{}; // in the order of the text

  /// The member called `name`, or null.
  [[nodiscard]] const json_value* find(std::string_view name) const noexcept;
};

struct json_limits {
  std::size_t depth_max = 32;
  std::size_t values_max = 100'000; // a small body can hold many values: "[0,0,0,...]"
};

/// Parses one JSON text (RFC 8259, UTF-8). Errors: malformed (with the position), too_deep, too_large; a repeated
/// member name is malformed, because readers disagree about which one counts.
[[nodiscard]] result<json_value> parse_json(std::string_view input, const json_limits& limits = {});

/// Appends `s` as a JSON string with quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view s);

} // namespace troupe::wire
