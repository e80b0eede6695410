#pragma once
// Numbers with what they count, as people say them.

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// "1 trial", "0 trials", "2 trials": of nouns that take an s.
[[nodiscard]] inline std::string counted(std::uint64_t n, std::string_view noun) {
  std::string s = std::to_string(n);
  (s += ' ') += noun;
  if (n != 1) s += 's';
  return s;
}

} // namespace troupe
