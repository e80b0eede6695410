#pragma once
// What our command lines refuse alike, before they are parsed.

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::tools {

/// An argument without content, which is a variable that was not set: leaving it out means something else than "". The sentence says
/// which; nothing when there is none.
[[nodiscard]] inline std::optional<std::string> empty_argument(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool is_assigned = word.starts_with("--") && word.find('=') + 1 == word.size();
    if (!word.empty() && !is_assigned) continue;
    const std::string_view before = is_assigned ? word.substr(0, word.size() - 1) : std::string_view{argv[i - 1]};
    const bool is_value = i > 1 && before.starts_with('-');
    return is_assigned || is_value ? std::string{before} + " is empty: give it a value, or leave it out"
                                   : "argument " + std::to_string(i) + " is empty";
  }
  return std::nullopt;
}

/// Accepts digits only, and no number below `from`, which is 0 or 1. CLI11 takes "-1" for the largest number otherwise.
[[nodiscard]] inline CLI::Validator whole_number(int from = 0) {
  return {[from](std::string& text) {
            const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos && text.size() <= 19;
            const bool is_large = from == 0 || text.find_first_not_of('0') != std::string::npos;
            return is_number && is_large ? std::string{} : "\"" + text + "\" is not a whole number from " + std::to_string(from) + " on";
          },
          "UINT", "whole number"};
}

/// Accepts decimal numbers above 0, or from 0 on with `zero_too`, and up to `most`. CLI11's own checks take "nan", and name their bounds with 308 digits.
[[nodiscard]] inline CLI::Validator number_up_to(std::int64_t most, bool zero_too = false) {
  return {[most, zero_too](std::string& text) {
            double number = 0;
            const auto* end = text.data() + text.size();
            const auto [at, ec] = std::from_chars(text.data(), end, number);
            const bool is_number = ec == std::errc{} && at == end && (zero_too ? number >= 0 : number > 0) && number <= static_cast<double>(most); // false of "nan"
            return is_number ? std::string{} : "\"" + text + "\" is not a number " + (zero_too ? "from 0 " : "above 0 and ") + "up to " + std::to_string(most);
          },
          "NUMBER", "number"};
}

} // namespace troupe::tools
