#include "tools/troupe/words.hpp"

#include <algorithm>

namespace troupe::cli {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

/// Takes one word off the front of `rest`, which begins with no blank.
result<std::string> take_word(std::string_view& rest) {
  std::string word;
  char quote = 0; // the one that is open
  std::size_t i = 0;
  for (; i < rest.size() && (quote != 0 || blanks.find(rest[i]) == std::string_view::npos); ++i) {
    const char c = rest[i];
    if (c == 0) return fail(errc::invalid_argument, "the line holds a NUL");
    if (c == '\\' && quote != '\'') {
      if (++i == rest.size()) return fail(errc::invalid_argument, "nothing follows the backslash at the end of the line");
      word += rest[i];
    } else if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote == 0 ? c : '\0';
    } else {
      word += c;
    }
  }
  if (quote != 0) return fail(errc::invalid_argument, std::string{"a quote ("} + quote + ") does not end");
  rest.remove_prefix(i);
  return word;
}

} // namespace

result<std::vector<std::string>> words_of(std::string_view line) {
  std::vector<std::string> all;
  for (;;) {
    const auto begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos || line[begin] == '#') return all;
    line.remove_prefix(begin);
    auto word = take_word(line);
    if (!word) return word.error();
    all.push_back(std::move(*word));
  }
}

result<begun_line> begun_line_of(std::string_view line) {
  const auto blank = line.find_last_of(blanks);
  const auto begin = blank == std::string_view::npos ? 0 : blank + 1;
  auto before = words_of(line.substr(0, begin));
  if (!before) return before.error();
  return begun_line{std::move(*before), std::string{line.substr(begin)}};
}

std::string common_beginning(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  const auto [first, last] = std::ranges::minmax_element(words);
  return {first->begin(), std::ranges::mismatch(*first, *last).in1};
}

} // namespace troupe::cli
