#include "runtime/config/commented_json.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::config {
namespace {

constexpr std::size_t bytes_max = 1 << 20;
constexpr wire::json_limits limits{.depth_max = 32, .values_max = 100'000};

std::string place(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  const auto before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto newline = before.rfind('\n');
  const auto column = newline == std::string_view::npos ? at + 1 : at - newline;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// Index one behind the string that opens at `at`; the end of the text when it never closes.
std::size_t end_of_string(std::string_view s, std::size_t at) {
  for (++at; at < s.size(); ++at) {
    if (s[at] == '\\') ++at;
    else if (s[at] == '"') return at + 1;
  }
  return s.size();
}

/// Overwrites [from, to) with blanks but keeps line ends.
void blank(std::string& s, std::size_t from, std::size_t to) {
  for (auto i = from; i < to; ++i)
    if (s[i] != '\n') s[i] = ' ';
}

result<std::string> without_comments(std::string_view input) {
  std::string s{input};
  for (std::size_t i = 0; i < s.size();) {
    const auto two = std::string_view{s}.substr(i, 2);
    if (s[i] == '"') {
      i = end_of_string(s, i);
    } else if (two == "//") {
      const auto end = std::min(s.find('\n', i), s.size());
      blank(s, i, end);
      i = end;
    } else if (two == "/*") {
      const auto close = s.find("*/", i + 2);
      if (close == std::string::npos) return fail(errc::malformed, place(s, i) + ": the comment is not closed by */");
      blank(s, i, close + 2);
      i = close + 2;
    } else {
      ++i;
    }
  }
  return s;
}

/// Walks the tokens, noting where each value begins. Stops at the first thing that is not JSON; the parser reports it.
class line_scanner {
public:
  explicit line_scanner(std::string_view text) : text_{text} { value({}, 0); }

  std::map<std::string, int> line_of;
  std::string repeated; // path of the first member given twice
  std::size_t repeated_at = 0;

private:
  void skip_blanks() {
    for (; at_ < text_.size() && std::string_view{" \t\r\n"}.find(text_[at_]) != std::string_view::npos; ++at_)
      if (text_[at_] == '\n') ++line_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool value(const std::string& path, std::size_t depth) {
    skip_blanks();
    line_of.emplace(path, line_);
    if (at_ >= text_.size() || depth > limits.depth_max) return false;
    if (text_[at_] == '{') return object(path, depth);
    if (text_[at_] == '[') return array(path, depth);
    if (text_[at_] == '"') {
      at_ = end_of_string(text_, at_);
      return true;
    }
    at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    return true;
  }
  bool object(const std::string& path, std::size_t depth) {
    ++at_;
    if (take('}')) return true;
    do {
      skip_blanks();
      if (at_ >= text_.size() || text_[at_] != '"') return false;
      const auto start = at_;
      at_ = end_of_string(text_, at_);
      const auto name = std::string{text_.substr(start + 1, std::max<std::size_t>(at_ - start, 2) - 2)};
      const auto inner = path.empty() ? name : path + "." + name;
      if (line_of.contains(inner) && repeated.empty()) {
        repeated = inner;
        repeated_at = start;
      }
      if (!take(':') || !value(inner, depth + 1)) return false;
    } while (take(','));
    return take('}');
  }
  bool array(const std::string& path, std::size_t depth) {
    ++at_;
    if (take(']')) return true;
    std::size_t i = 0;
    do {
      if (!value(path + "[" + std::to_string(i++) + "]", depth + 1)) return false;
    } while (take(','));
    return take(']');
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

/// The parser says "not JSON at byte N: why"; people count lines.
error with_place(error e, std::string_view text, const line_scanner& lines) {
  constexpr std::string_view lead = "not JSON at byte ";
  if (std::string_view{e.message}.starts_with(lead)) {
    std::size_t at = 0;
    const auto* begin = e.message.data() + lead.size();
    const auto [end, ec] = std::from_chars(begin, e.message.data() + e.message.size(), at);
    if (ec == std::errc{}) e.message = place(text, at ? at - 1 : 0) + ": not JSON" + std::string{end};
  } else if (!lines.repeated.empty()) {
    e.message = place(text, lines.repeated_at) + ": " + lines.repeated + " is given twice";
  }
  return e;
}

} // namespace

result<commented_json> parse_commented_json(std::string_view input) {
  if (input.size() > bytes_max) return fail(errc::too_large, "larger than 1 MiB");
  auto text = without_comments(input);
  if (!text) return text.error();
  line_scanner lines{*text};
  auto value = wire::parse_json(*text, limits);
  if (!value) return with_place(value.error(), *text, lines);
  return commented_json{std::move(*value), std::move(lines.line_of)};
}

} // namespace troupe::config
