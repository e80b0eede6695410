#pragma once
// Text that somebody else wrote, for a record that keeps printable ASCII.

#include "runtime/core/text.hpp"

#include <algorithm>
#include <string>

namespace troupe {

/// The first N characters, with '?' for each byte that is no printable ASCII.
template <std::size_t N>
[[nodiscard]] text<N> printable(std::string given) {
  given.resize(std::min(given.size(), N));
  std::ranges::replace_if(given, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text<N>{std::string_view{given}};
}

} // namespace troupe
