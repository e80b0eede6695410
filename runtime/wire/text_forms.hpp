#pragma once
// Text forms that several types share: instants, floating point, integers.

#include "runtime/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::wire {

/// RFC 3339 in UTC with nanoseconds: "2024-08-08T23:54:13.937085768Z".
[[nodiscard]] std::string format_time(time_ns t);
/// Reads RFC 3339 in UTC (suffix Z, up to nine decimals) or an integer of nanoseconds since 1970.
[[nodiscard]] std::optional<time_ns> parse_time(std::string_view s) noexcept;

/// Shortest text that reads back as the same double; JSON has no infinity, so a non-finite value is "null".
void append_double(std::string& out, double x);

/// Enumerators are upper case in JSON, as order protocols write them, and read in any case. A trailing underscore only
/// keeps a C++ keyword apart (`new_`) and is not shown.
[[nodiscard]] std::string upper(std::string_view s);

} // namespace troupe::wire
