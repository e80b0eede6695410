#pragma once
// How often something is said.

#include <cstddef>
#include <string_view>

namespace troupe::test {

/// Times that `part`, which is not empty, stands in `text`, none of them inside another.
[[nodiscard]] inline std::size_t count_of(std::string_view part, std::string_view text) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

} // namespace troupe::test
