#include "runtime/core/decimal.hpp"

#include <algorithm>
#include <cmath>

namespace troupe {
namespace {

constexpr int fraction_digits = 8;
constexpr int digits_max = 38; // what a signed 128-bit integer holds without a check per digit

} // namespace

std::optional<int128> parse_scaled(std::string_view s) noexcept {
  std::size_t i = 0;
  const bool negative = !s.empty() && s[0] == '-';
  if (negative) ++i;

  int128 mantissa = 0;
  int digits = 0;        // significant ones, leading zeros not counted
  int exponent = 0;      // value = mantissa * 10^exponent
  bool any_digit = false;
  bool in_fraction = false;
  for (; i < s.size(); ++i) {
    const char c = s[i];
    if (c == '.') {
      if (in_fraction || !any_digit) return std::nullopt;
      in_fraction = true;
      any_digit = false; // a digit must follow the point
      continue;
    }
    if (c < '0' || c > '9') break;
    any_digit = true;
    if (mantissa != 0 || c != '0') {
      if (++digits > digits_max) return std::nullopt;
    }
    mantissa = mantissa * 10 + (c - '0');
    if (in_fraction) --exponent;
  }
  if (!any_digit) return std::nullopt;

  if (i < s.size()) {
    if (s[i] != 'e' && s[i] != 'E') return std::nullopt;
    ++i;
    bool exponent_negative = false;
    if (i < s.size() && (s[i] == '+' || s[i] == '-')) exponent_negative = s[i++] == '-';
    if (i == s.size()) return std::nullopt;
    int written = 0;
    for (; i < s.size(); ++i) {
      if (s[i] < '0' || s[i] > '9') return std::nullopt;
      written = std::min(written * 10 + (s[i] - '0'), 100000);
    }
    exponent += exponent_negative ? -written : written;
  }

  if (mantissa == 0) return int128{0};
  int shift = exponent + fraction_digits;
  for (; shift < 0; ++shift) {
    if (mantissa % 10 != 0) return std::nullopt; // finer than 1e-8
    mantissa /= 10;
  }
  for (; shift > 0; --shift)
    if (__builtin_mul_overflow(mantissa, int128{10}, &mantissa)) return std::nullopt;
  return negative ? -mantissa : mantissa;
}

namespace {

/// Writes backwards from `p` and returns where the text begins.
template <class Unsigned>
char* put_scaled(char* p, Unsigned rest) noexcept {
  bool significant = false; // trailing zeros of the fraction are left out
  for (int i = 0; i < fraction_digits; ++i) {
    const char digit = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
    significant = significant || digit != '0';
    if (significant) *--p = digit;
  }
  if (significant) *--p = '.';
  do {
    *--p = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  return p;
}

} // namespace

std::string format_scaled(int128 units) {
  const bool negative = units < 0;
  const auto rest = negative ? -static_cast<unsigned __int128>(units) : static_cast<unsigned __int128>(units);
  char buffer[48];
  char* const end = buffer + sizeof buffer;
  const bool is_small = rest <= UINT64_MAX; // nearly always, and a division of 128 bits is a function call
  char* p = is_small ? put_scaled(end, static_cast<std::uint64_t>(rest)) : put_scaled(end, rest);
  if (negative) *--p = '-';
  return {p, end};
}

int128 divide(int128 numerator, int128 denominator, rounding mode) noexcept {
  TROUPE_ASSERT(denominator > 0, "a divisor is positive");
  int128 quotient = numerator / denominator;
  int128 remainder = numerator % denominator;
  if (remainder < 0) { // floor division: 0 <= remainder < denominator
    --quotient;
    remainder += denominator;
  }
  switch (mode) {
  case rounding::down: return quotient;
  case rounding::up: return remainder == 0 ? quotient : quotient + 1;
  case rounding::half_even: break;
  }
  const int128 other = denominator - remainder;
  if (remainder > other || (remainder == other && quotient % 2 != 0)) ++quotient;
  return quotient;
}

money notional(price p, quantity q, currency ccy) noexcept {
  return {divide(int128{p.units} * q.units, scale, rounding::half_even), ccy};
}

std::optional<std::int64_t> round_to_tick_units(double value, std::int64_t tick, rounding mode) noexcept {
  if (!std::isfinite(value) || tick <= 0) return std::nullopt;
  const double ticks = value / (static_cast<double>(tick) / 1e8);
  if (std::abs(ticks) > 9.0e18) return std::nullopt;
  double chosen = 0;
  switch (mode) {
  case rounding::down: chosen = std::floor(ticks); break;
  case rounding::up: chosen = std::ceil(ticks); break;
  case rounding::half_even: chosen = std::nearbyint(ticks); break;
  }
  const int128 units = int128{static_cast<std::int64_t>(chosen)} * tick;
  if (units > INT64_MAX || units < -int128{INT64_MAX}) return std::nullopt;
  return static_cast<std::int64_t>(units);
}

} // namespace troupe
