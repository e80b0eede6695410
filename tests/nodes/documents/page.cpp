#include "tests/nodes/documents/page.hpp"

#include <regex>
#include <sstream>
#include <utility>

namespace troupe::test {
namespace {

bool is_command(const std::string& text) {
  static const std::regex ours{R"((tools/(run|test|build|bench|setup)|\.ci/run|build/bin/[a-z_-]+)( .*)?|(troupe|troupe-node|curl) .*)"};
  return std::regex_match(text, ours);
}

/// Splits "command   # remark" and reads an expected exit code out of the remark.
step step_of(std::string text, std::size_t line, bool in_block) {
  step s;
  s.line = line;
  s.in_block = in_block;
  if (const auto remark = text.find("  # "); remark != std::string::npos) {
    static const std::regex code{R"(exit code (\d+))"};
    std::smatch m;
    const auto words = text.substr(remark);
    if (std::regex_search(words, m, code)) s.exit_code = std::stoi(m[1]);
    text.erase(remark);
  }
  text.erase(text.find_last_not_of(' ') + 1);
  s.command = std::move(text);
  return s;
}

/// Numbers, ids and times as '#', blanks as one.
std::string form_of(std::string_view line) {
  static const std::regex hex{"\\b[0-9a-f]{12,}\\b"}, number{"-?[0-9]+([.,:T-][0-9]+)*Z?"}, blanks{"\\s+"};
  auto out = std::regex_replace(std::string{line}, hex, "#");
  out = std::regex_replace(out, number, "#");
  out = std::regex_replace(out, blanks, " ");
  const auto first = out.find_first_not_of(' ');
  return first == std::string::npos ? "" : out.substr(first, out.find_last_not_of(' ') - first + 1);
}

/// Whether `form` holds the parts of `shown` between its dots one after the other, and nothing else where there are no dots.
bool matches(const std::string& shown, const std::string& form) {
  static constexpr std::string_view dots = "...";
  std::size_t from = 0, at = 0;
  for (bool first = true;; first = false) {
    const auto end = shown.find(dots, from);
    const bool last = end == std::string::npos;
    const auto part = shown.substr(from, last ? end : end - from);
    if (first && last) return part == form;
    if (first ? !form.starts_with(part) : last && part.size() + at > form.size()) return false;
    if (last) return form.ends_with(part);
    const auto found = first ? 0 : form.find(part, at);
    if (found == std::string::npos) return false;
    at = found + part.size();
    from = end + dots.size();
  }
}

} // namespace

std::vector<step> steps_of(std::string_view page) {
  static const std::regex span{"`([^`]+)`"};
  std::vector<step> all;
  std::istringstream in{std::string{page}};
  enum class where { text, commands, output, other } at = where::text;
  bool directly_below = false; // nothing but blank lines since a block of commands
  std::string line, open;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.starts_with("```")) {
      if (at != where::text) {
        directly_below = at == where::commands;
        at = where::text;
      } else if (line == "```sh") {
        at = where::commands;
      } else {
        at = line == "```text" && directly_below && !all.empty() ? where::output : where::other;
      }
      continue;
    }
    switch (at) {
    case where::commands:
      if (line.ends_with('\\')) {
        open += line.substr(0, line.size() - 1);
        break;
      }
      line = std::exchange(open, {}) + line;
      if (!line.empty() && !line.starts_with('#')) all.push_back(step_of(line, number, true));
      break;
    case where::output: all.back().shown.push_back(line); break;
    case where::other: break;
    case where::text:
      if (!line.empty()) directly_below = false;
      for (std::sregex_iterator m{line.begin(), line.end(), span}, end; m != end; ++m)
        if (is_command((*m)[1].str())) all.push_back(step_of((*m)[1].str(), number, false));
      break;
    }
  }
  return all;
}

std::vector<std::string> words_of(std::string_view command) {
  std::vector<std::string> all;
  std::string word;
  char quote = 0;
  bool open = false;
  for (const char c : command) {
    if (quote != 0) {
      if (c == quote) quote = 0;
      else word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      open = true;
    } else if (c == ' ') {
      if (open) all.push_back(std::exchange(word, {}));
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (open) all.push_back(std::move(word));
  return all;
}

std::string missing_line(const std::vector<std::string>& shown, std::string_view output) {
  std::vector<std::string> forms;
  std::istringstream in{std::string{output}};
  for (std::string line; std::getline(in, line);) forms.push_back(form_of(line));
  std::size_t from = 0;
  for (const auto& line : shown) {
    const auto form = form_of(line);
    if (form.empty() || form == "...") continue;
    while (from < forms.size() && !matches(form, forms[from])) ++from;
    if (from == forms.size()) return line;
    ++from;
  }
  return {};
}

} // namespace troupe::test
