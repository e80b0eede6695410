#include "runtime/config/property.hpp"

#include "runtime/core/pattern.hpp"

#include <algorithm>

namespace troupe::config {
namespace detail {

refusal check_pattern(const std::string& text, std::string_view pattern) {
  constexpr std::size_t length_max = 4096;
  if (text.size() > length_max) return "at most " + std::to_string(length_max) + " characters";
  if (matches_pattern(text, std::string{pattern})) return std::nullopt;
  return "text that matches " + std::string{pattern};
}

refusal check_choice(const std::string& text, const std::vector<std::string_view>& choices) {
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return std::nullopt;
  return text_rules(choices, {});
}

std::string bounds_text(const std::string& min, const std::string& max, bool of_length) {
  const std::string what = of_length ? " long" : "";
  if (min.empty() && max.empty()) return {};
  if (min.empty()) return "at most " + max + what;
  if (max.empty()) return "at least " + min + what;
  return "between " + min + " and " + max + what;
}

std::string text_rules(const std::vector<std::string_view>& choices, std::string_view pattern) {
  std::string rules;
  for (auto choice : choices) rules += (rules.empty() ? "one of " : ", ") + std::string{choice};
  if (!pattern.empty()) rules += (rules.empty() ? "matches " : "; matches ") + std::string{pattern};
  return rules;
}

} // namespace detail

template class property<bool>;
template class property<std::int64_t>;
template class property<double>;
template class property<std::string>;
template class property<std::vector<std::string>>;
template class property<std::chrono::milliseconds>;

} // namespace troupe::config
