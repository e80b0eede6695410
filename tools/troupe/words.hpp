#pragma once
// A line typed into `troupe shell` as the words of a command. Pure functions.

#include "runtime/core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// Words as a POSIX shell splits them: blanks separate, '...' is taken as it is, in "..." and outside of quotes a backslash takes the next
/// character as it is, and a word that begins with # begins a remark. Nothing is expanded. Errors: invalid_argument (a quote that does not
/// end, a backslash with nothing behind it, a NUL).
[[nodiscard]] result<std::vector<std::string>> words_of(std::string_view line);

/// A line up to the cursor, as completion sees it.
struct begun_line {
  std::vector<std::string> before; // whole words
  std::string current;             // the one that is typed; may be empty
};
/// Errors: as words_of; then there is nothing to complete.
[[nodiscard]] result<begun_line> begun_line_of(std::string_view line);

/// What all of them begin with.
[[nodiscard]] std::string common_beginning(const std::vector<std::string>& words);

} // namespace troupe::cli
