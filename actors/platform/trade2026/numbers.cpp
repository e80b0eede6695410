#include "actors/platform/trade2026/numbers.hpp"

#include <charconv>

namespace troupe::trade2026 {
namespace {

constexpr std::size_t text_max = 64; // what prints a double needs 24 characters
constexpr int finer_digits = 16;     // looked at behind the eighth decimal: those of a millionth, too
constexpr int128 finer = 10'000'000'000'000'000;
/// A part in 10^13 is some hundred roundings of a double (2^-53 each); a tenth decimal is never taken for one.
constexpr int128 error_share = 10'000'000'000'000, error_max = finer / 100;

/// In units of 1e-24. Nothing for what is no number, or finer still.
std::optional<int128> parse_fine(std::string_view text) {
  if (text.size() > text_max) return std::nullopt;
  const auto mark = text.find_first_of("eE");
  int exponent = 0;
  if (mark != text.npos) {
    auto written = text.substr(mark + 1);
    if (written.starts_with('+') && !written.starts_with("+-")) written.remove_prefix(1);
    const auto* end = written.data() + written.size();
    const auto [stop, failed] = std::from_chars(written.data(), end, exponent);
    if (failed != std::errc{} || stop != end || exponent < -100 || exponent > 100) return std::nullopt;
  }
  return parse_scaled(std::string{text.substr(0, mark)} + "e" + std::to_string(exponent + finer_digits));
}

} // namespace

std::optional<std::int64_t> computed_units(std::string_view text) {
  if (const auto exact = price::parse(text)) return exact->units;
  const auto fine = parse_fine(text);
  if (!fine) return std::nullopt;
  const auto next = divide(*fine, finer, rounding::half_even);
  const auto size = *fine < 0 ? -*fine : *fine;
  const auto off = *fine < next * finer ? next * finer - *fine : *fine - next * finer;
  if (off > error_max || off * error_share > size) return std::nullopt;
  const auto taken = price::from_units(next);
  return taken ? std::optional{taken->units} : std::nullopt;
}

} // namespace troupe::trade2026
