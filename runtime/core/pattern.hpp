#pragma once
// Texts that must look like something. The C library's extended regular expressions: std::regex takes ten seconds to compile wherever it is
// used, and recurses once a character.

#include <string>
#include <string_view>

namespace troupe {

/// True when all of `text` matches `pattern`, a POSIX extended regular expression ("[a-z]+(-dirty)?"; there is no \d). A text with a zero
/// byte matches nothing. Requires: `pattern` is one; else the process ends.
[[nodiscard]] bool matches_pattern(std::string_view text, const std::string& pattern);

} // namespace troupe
