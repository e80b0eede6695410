#pragma once
// Where nlohmann/json, the oracle of the scanner's tests, is narrower than the grammar.

#include <string_view>

namespace troupe::test {

/// nlohmann/json refuses numbers beyond the range of double; the grammar, and the scanner, do not.
inline bool has_huge_exponent(std::string_view text) {
  for (std::size_t i = 0; i + 3 < text.size(); ++i) {
    if (text[i] != 'e' && text[i] != 'E') continue;
    auto at = i + 1;
    if (text[at] == '+') ++at;
    std::size_t digits = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at, ++digits;
    if (digits >= 3) return true;
  }
  return false;
}

} // namespace troupe::test
