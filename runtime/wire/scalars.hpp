#pragma once
// Types that are one token in JSON. Included by wire.ipp only.

#include "runtime/wire/describe.hpp"
#include "runtime/wire/text_forms.hpp"
#include "runtime/wire/type_description.hpp"

#include <charconv>
#include <limits>

namespace troupe::wire {

template <class T>
concept has_text = requires(const T& x) { to_text(x); };

/// Read from a number as it is written, quoted or not: the type says itself what it makes of it.
template <class T>
concept reads_numbers = requires(T& x) { from_number(std::string_view{}, x); };

/// One token in JSON, whatever it consists of in bytes.
template <class T>
inline constexpr bool is_scalar =
  std::is_arithmetic_v<T> || std::is_same_v<T, std::string> || std::is_same_v<T, time_ns> || std::is_same_v<T, nanoseconds> ||
  std::is_same_v<T, boot_ns> || std::is_same_v<T, sha256_digest> || std::is_same_v<T, std::monostate> || std::is_same_v<T, unread> ||
  std::is_same_v<T, money> || is_text<T> || is_scaled<T> || (has_text<T> && !std::is_enum_v<T>);

template <class T>
std::string scalar_text(const T& x) {
  if constexpr (std::is_same_v<T, bool>) return x ? "true" : "false";
  else if constexpr (std::is_integral_v<T>) return std::to_string(x);
  else if constexpr (std::is_floating_point_v<T>) {
    std::string out;
    append_double(out, x);
    return out;
  } else if constexpr (std::is_same_v<T, std::string>) return x;
  else if constexpr (std::is_same_v<T, time_ns>) return format_time(x);
  else if constexpr (std::is_same_v<T, nanoseconds>) return std::to_string(x.count());
  else if constexpr (std::is_same_v<T, boot_ns>) return std::to_string(x.time_since_epoch().count());
  else if constexpr (std::is_same_v<T, sha256_digest>) return to_hex(x);
  else if constexpr (std::is_same_v<T, std::monostate> || std::is_same_v<T, unread>) return "null";
  else if constexpr (has_text<T>) return to_text(x);
  else return x.str(); // text, decimals, the amount of money
}

template <class T>
void write_scalar(const T& x, std::string& out) {
  constexpr bool bare = std::is_arithmetic_v<T> || std::is_same_v<T, nanoseconds> || std::is_same_v<T, boot_ns> ||
                        std::is_same_v<T, std::monostate> || std::is_same_v<T, unread>;
  if constexpr (std::is_same_v<T, money>) {
    out += "{\"amount\":\"" + x.str() + "\",\"currency\":";
    append_json_string(out, x.ccy.view());
    out += '}';
  } else if constexpr (bare) out += scalar_text(x);
  else if constexpr (is_text<T>) append_json_string(out, x.view());
  else if constexpr (std::is_same_v<T, std::string>) append_json_string(out, x);
  else append_json_string(out, scalar_text(x));
}

inline constexpr const char* decimal_form = "must be a decimal with at most 8 decimal places between -92233720368 and 92233720368";

template <class T>
void read_integer(json_reader& r, const json_value& v, T& out, const std::string& path) {
  T n{};
  const auto* end = v.text.data() + v.text.size();
  const auto [stop, failed] = std::from_chars(v.text.data(), end, n);
  const bool scalar = v.kind == json_kind::string || v.kind == json_kind::number;
  const bool is_below = std::is_unsigned_v<T> && v.text.size() > 1 && v.text.front() == '-' && v.text.find_first_not_of("0123456789", 1) == std::string::npos;
  if (scalar && is_below) r.violate(path, "must be at least 0");
  else if (!scalar || v.text.empty() || stop != end || failed == std::errc::invalid_argument) r.violate(path, "must be an integer");
  else if (failed != std::errc{})
    r.violate(path, "must be between " + std::to_string(std::numeric_limits<T>::min()) + " and " +
                      std::to_string(std::numeric_limits<T>::max()));
  else out = n;
}

inline void read_money(json_reader& r, const json_value& v, money& out, const std::string& path) {
  const auto* amount = v.find("amount");
  const auto* ccy = v.find("currency");
  const auto units = amount && (amount->kind == json_kind::string || amount->kind == json_kind::number)
                       ? parse_scaled(amount->text) : std::nullopt;
  const auto name = ccy && ccy->kind == json_kind::string ? currency::make(ccy->text) : std::nullopt;
  if (v.kind != json_kind::object || v.members.size() != 2 || !units || !name)
    return r.violate(path, "must be {\"amount\": decimal, \"currency\": text}");
  out = {*units, *name};
}

template <class T>
void read_scalar(json_reader& r, const json_value& v, T& out, const std::string& path) {
  const bool scalar = v.kind == json_kind::string || v.kind == json_kind::number;
  if constexpr (std::is_same_v<T, std::monostate>) {
    if (v.kind != json_kind::null) r.violate(path, "must be null");
  } else if constexpr (std::is_same_v<T, unread>) {
    // Whatever it is will do.
  } else if constexpr (std::is_same_v<T, bool>) {
    if (v.kind == json_kind::boolean) out = v.boolean;
    else if (v.kind == json_kind::string && (v.text == "true" || v.text == "false")) out = v.text == "true";
    else r.violate(path, "must be true or false");
  } else if constexpr (std::is_integral_v<T>) read_integer(r, v, out, path);
  else if constexpr (std::is_floating_point_v<T>) {
    double n = 0;
    const auto* end = v.text.data() + v.text.size();
    const auto [stop, failed] = std::from_chars(v.text.data(), end, n);
    if (v.kind != json_kind::number || stop != end || failed != std::errc{}) r.violate(path, "must be a finite number");
    else out = static_cast<T>(n);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (v.kind == json_kind::string) out = v.text;
    else r.violate(path, "must be a string");
  } else if constexpr (is_text<T>) {
    if (v.kind != json_kind::string) return r.violate(path, "must be a string");
    if (auto made = T::make(v.text)) out = *made;
    else r.violate(path, "must be at most " + std::to_string(T::size_max) + " printable ASCII characters");
  } else if constexpr (is_scaled<T>) {
    const auto parsed = scalar ? T::parse(v.text) : std::nullopt;
    if (parsed) out = *parsed;
    else r.violate(path, decimal_form);
  } else if constexpr (std::is_same_v<T, money>) read_money(r, v, out, path);
  else if constexpr (std::is_same_v<T, time_ns>) {
    const auto parsed = scalar ? parse_time(v.text) : std::nullopt;
    if (parsed) out = *parsed;
    else r.violate(path, "must be RFC 3339 in UTC (2024-08-08T23:54:13Z) or nanoseconds since 1970");
  } else if constexpr (std::is_same_v<T, nanoseconds> || std::is_same_v<T, boot_ns>) {
    std::int64_t n = 0;
    read_integer(r, v, n, path);
    out = T{nanoseconds{n}};
  } else if constexpr (reads_numbers<T>) {
    if (!scalar) r.violate(path, "must be a number");
    else if (!from_number(v.text, out)) r.violate(path, decimal_form);
  } else if constexpr (requires { from_text(std::string_view{}, out); }) {
    if (v.kind == json_kind::string && from_text(v.text, out)) return;
    if constexpr (requires { text_bounds(std::type_identity<T>{}); })
      r.violate(path, std::string{"must have the form "} + text_pattern(std::type_identity<T>{}) + ", " + text_bounds(std::type_identity<T>{}));
    else if constexpr (requires { text_pattern(std::type_identity<T>{}); }) r.violate(path, std::string{"must have the form "} + text_pattern(std::type_identity<T>{}));
    else r.violate(path, "is not an id of this kind");
  } else r.violate(path, "cannot be read from JSON");
}

template <class T>
void scalar_schema(std::string& out) {
  if constexpr (std::is_same_v<T, bool>) out += R"({"type":"boolean"})";
  else if constexpr (std::is_integral_v<T>) {
    out += R"({"type":"integer","minimum":)" + std::to_string(std::numeric_limits<T>::min()) + R"(,"maximum":)" +
           std::to_string(std::numeric_limits<T>::max()) + '}';
  } else if constexpr (std::is_floating_point_v<T>) out += R"({"type":"number"})";
  else if constexpr (is_text<T>)
    out += R"({"type":"string","maxLength":)" + std::to_string(T::size_max) + R"(,"pattern":"^[ -~]*$"})";
  else if constexpr (is_scaled<T> || reads_numbers<T>) out += R"({"type":["string","number"],"format":"decimal"})";
  else if constexpr (std::is_same_v<T, money>)
    out += R"({"type":"object","properties":{"amount":{"type":["string","number"],"format":"decimal"},)"
           R"("currency":{"type":"string","maxLength":8}},"required":["amount","currency"],"additionalProperties":false})";
  else if constexpr (std::is_same_v<T, time_ns>) out += R"({"type":["string","integer"],"format":"date-time"})";
  else if constexpr (std::is_same_v<T, boot_ns>) out += R"({"type":"integer","description":"nanoseconds since boot"})";
  else if constexpr (std::is_same_v<T, nanoseconds>) out += R"({"type":"integer","description":"nanoseconds"})";
  else if constexpr (std::is_same_v<T, sha256_digest>) out += R"({"type":"string","pattern":"^[0-9a-f]{64}$"})";
  else if constexpr (std::is_same_v<T, std::monostate>) out += R"({"type":"null"})";
  else if constexpr (std::is_same_v<T, unread>) out += R"({"description":"anything; it is not read"})";
  else if constexpr (requires { text_pattern(std::type_identity<T>{}); })
    out += std::string{R"({"type":"string","pattern":")"} + text_pattern(std::type_identity<T>{}) + "\"}";
  else out += R"({"type":"string"})";
}

} // namespace troupe::wire
