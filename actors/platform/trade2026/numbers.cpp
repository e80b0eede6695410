#include "actors/platform/trade2026/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace troupe::trade2026 {
namespace {

/// Some hundred roundings of a double (2^-53 each), and never so much that a tenth decimal would be taken for an error.
constexpr double relative_error = 1e-13, absolute_error = 1e-10;

} // namespace

std::optional<std::int64_t> computed_units(std::string_view text) noexcept {
  if (const auto exact = price::parse(text)) return exact->units;
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc{} || stop != end) return std::nullopt;
  const auto next = round_to_tick_units(value, 1, rounding::half_even);
  if (!next) return std::nullopt;
  const auto off = std::abs(value - price{*next}.to_double());
  return off <= std::min(absolute_error, std::abs(value) * relative_error) ? next : std::nullopt;
}

} // namespace troupe::trade2026
