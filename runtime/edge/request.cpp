#include "runtime/edge/request.hpp"

#include <algorithm>

namespace troupe::edge {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

const std::string* find(const named_values& values, std::string_view name) noexcept {
  auto it = std::find_if(values.begin(), values.end(), [&](const auto& pair) { return pair.first == name; });
  return it == values.end() ? nullptr : &it->second;
}

} // namespace

std::string_view to_string(method m) noexcept {
  constexpr std::string_view names[method_count] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  return names[static_cast<std::size_t>(m)];
}

std::string_view request_context::path_value(std::string_view name) const noexcept {
  const auto* value = find(path, name);
  return value ? std::string_view{*value} : std::string_view{};
}

std::optional<std::string_view> request_context::query_value(std::string_view name) const noexcept {
  const auto* value = find(query, name);
  return value ? std::optional<std::string_view>{*value} : std::nullopt;
}

std::optional<std::string> percent_decode(std::string_view s, bool plus_is_space) {
  std::string out;
  out.reserve(s.size());
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (s[i] == '%') {
      if (i + 2 >= s.size()) return std::nullopt;
      const int high = hex_digit(s[i + 1]), low = hex_digit(s[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += s[i];
    }
  }
  return out;
}

result<named_values> parse_query(std::string_view s) {
  constexpr std::size_t pairs_max = 64;
  named_values out;
  while (!s.empty()) {
    const auto end = std::min(s.find('&'), s.size());
    const auto pair = s.substr(0, end);
    s.remove_prefix(std::min(end + 1, s.size()));
    if (pair.empty()) continue;
    if (out.size() == pairs_max) return fail(errc::too_large, "the query has more than 64 parameters");
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return fail(errc::malformed, "the query holds a % that no two hexadecimal digits follow");
    out.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

} // namespace troupe::edge
