#pragma once
// Text taken apart. Stateless.

#include <string_view>
#include <vector>

namespace troupe {

/// What stands between the separators, one part more than there are of them; views of `s`.
[[nodiscard]] inline std::vector<std::string_view> split(std::string_view s, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = s.find(separator);
    parts.push_back(s.substr(0, at));
    if (at == std::string_view::npos) return parts;
    s.remove_prefix(at + 1);
  }
}

} // namespace troupe
