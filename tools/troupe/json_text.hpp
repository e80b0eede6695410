#pragma once
// JSON for people and for tables: decimals keep the text they came with. Pure functions.

#include "runtime/core/result.hpp"
#include "runtime/wire/json_value.hpp"

#include <string>
#include <string_view>

namespace troupe::cli {

/// What a node or an inspector wrote, which may be long. Errors: as wire::parse_json.
[[nodiscard]] result<wire::json_value> parse_long(std::string_view text);
/// Two spaces a level; short lists and objects on one line.
[[nodiscard]] std::string pretty(const wire::json_value& v);
/// One line.
[[nodiscard]] std::string compact(const wire::json_value& v);
/// A member as a table's cell: text and numbers bare, nothing when absent, money as "1.5 USDT", names as "a, b".
[[nodiscard]] std::string cell(const wire::json_value& row, std::string_view name);

} // namespace troupe::cli
