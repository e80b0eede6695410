#include "runtime/core/pattern.hpp"

#include "runtime/core/assert.hpp"

#include <regex.h>

namespace troupe {

bool matches_pattern(std::string_view text, const std::string& pattern) {
  if (text.find('\0') != std::string_view::npos) return false;
  regex_t form{};
  TROUPE_ASSERT(::regcomp(&form, ("^(" + pattern + ")$").c_str(), REG_EXTENDED | REG_NOSUB) == 0, "a pattern is a regular expression");
  const bool matches = ::regexec(&form, std::string{text}.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&form);
  return matches;
}

} // namespace troupe
