#include "actors/trading/strategy/parameters.hpp"

#include <charconv>

namespace troupe::strategy {

const std::string* parameters::find(std::string_view name) {
  known_.emplace(name);
  const auto found = given_.find(std::string{name});
  return found == given_.end() ? nullptr : &found->second;
}

std::int64_t parameters::integer(std::string_view name, std::int64_t min, std::int64_t max, std::int64_t fallback) {
  const auto* text = find(name);
  if (!text) return fallback;
  std::int64_t n = 0;
  const auto [end, wrong] = std::from_chars(text->data(), text->data() + text->size(), n);
  if (wrong == std::errc{} && end == text->data() + text->size() && n >= min && n <= max) return n;
  violate(name, "must be a whole number between " + std::to_string(min) + " and " + std::to_string(max));
  return fallback;
}

quantity parameters::size(std::string_view name, quantity lot) {
  const auto* text = find(name);
  const auto q = text ? quantity::parse(*text) : std::nullopt;
  if (q && q->is_positive() && lot.is_positive() && q->units % lot.units == 0) return *q;
  violate(name, text ? "must be greater than 0 and a multiple of the lot " + lot.str() : "is required");
  return lot;
}

std::size_t parameters::choice(std::string_view name, std::span<const std::string_view> choices) {
  const auto* text = find(name);
  if (!text) return 0;
  std::string list;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] == *text) return i;
    list += (i == 0 ? "" : ", ") + std::string{choices[i]};
  }
  violate(name, "must be one of " + list);
  return 0;
}

void parameters::violate(std::string_view name, std::string message) {
  violations_.push_back({"parameters." + std::string{name}, std::move(message)});
}

std::vector<field_error> parameters::violations() const {
  auto all = violations_;
  for (const auto& [name, value] : given_)
    if (!known_.contains(name)) all.push_back({"parameters." + name, "is not a parameter of this kind"});
  return all;
}

} // namespace troupe::strategy
