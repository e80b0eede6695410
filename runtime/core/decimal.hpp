#pragma once
// Prices, quantities and money as scaled integers. Decimal text goes in and out exactly; binary floating point
// comes in only through `round_to_tick` (strategies and features may compute in double, nobody trades in it).

#include "runtime/core/assert.hpp"
#include "runtime/core/text.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

using int128 = __int128;

/// One unit of every scaled number: 1e-8.
inline constexpr std::int64_t scale = 100'000'000;

enum class rounding : std::uint8_t { half_even, down, up }; // down: towards minus infinity; up: towards plus infinity

/// Parses "[-]digits[.digits][e[+-]digits]" at 1e-8 without passing through binary floating point. Returns nothing
/// when the text is not a number, is not exact at 1e-8, or leaves the 128-bit range.
[[nodiscard]] std::optional<int128> parse_scaled(std::string_view text) noexcept;
/// Shortest exact text: "61800.3", "-0.00000001", "0".
[[nodiscard]] std::string format_scaled(int128 units);
/// `numerator / denominator` rounded; requires denominator > 0.
[[nodiscard]] int128 divide(int128 numerator, int128 denominator, rounding mode) noexcept;

/// A signed number of 1e-8 units in 64 bits: [-92233720368.54775807, 92233720368.54775807]. Two kinds never mix.
template <class Kind>
struct scaled {
  std::int64_t units = 0;

  [[nodiscard]] static constexpr std::optional<scaled> from_units(int128 u) noexcept {
    if (u > INT64_MAX || u < -int128{INT64_MAX}) return std::nullopt;
    return scaled{static_cast<std::int64_t>(u)};
  }
  /// Exact decimal text; nothing when malformed, finer than 1e-8, or outside the range above.
  [[nodiscard]] static std::optional<scaled> parse(std::string_view s) noexcept {
    auto u = parse_scaled(s);
    return u ? from_units(*u) : std::nullopt;
  }
  [[nodiscard]] static constexpr scaled whole(std::int64_t n) noexcept {
    TROUPE_ASSERT(n <= INT64_MAX / scale && n >= -(INT64_MAX / scale), "a whole number fits the scaled range");
    return {n * scale};
  }
  [[nodiscard]] std::string str() const { return format_scaled(units); }
  [[nodiscard]] constexpr double to_double() const noexcept { return static_cast<double>(units) / 1e8; }
  [[nodiscard]] constexpr bool is_zero() const noexcept { return units == 0; }
  [[nodiscard]] constexpr bool is_positive() const noexcept { return units > 0; }

  friend constexpr auto operator<=>(const scaled&, const scaled&) = default;
  /// Sums that may overflow on outside input go through `checked_add` or `capped_add`; these assert.
  friend constexpr scaled operator+(scaled a, scaled b) noexcept {
    auto r = from_units(int128{a.units} + b.units);
    TROUPE_ASSERT(r.has_value(), "a sum stays in the scaled range");
    return *r;
  }
  friend constexpr scaled operator-(scaled a, scaled b) noexcept {
    auto r = from_units(int128{a.units} - b.units);
    TROUPE_ASSERT(r.has_value(), "a difference stays in the scaled range");
    return *r;
  }
  constexpr scaled operator-() const noexcept { return {-units}; }
  constexpr scaled& operator+=(scaled b) noexcept { return *this = *this + b; }
  constexpr scaled& operator-=(scaled b) noexcept { return *this = *this - b; }
};

/// The sum, or nothing when it leaves the range.
template <class Kind>
[[nodiscard]] constexpr std::optional<scaled<Kind>> checked_add(scaled<Kind> a, scaled<Kind> b) noexcept {
  return scaled<Kind>::from_units(int128{a.units} + b.units);
}

/// The sum, or the end of the range that it would leave: for what people only look at, such as volumes.
template <class Kind>
[[nodiscard]] constexpr scaled<Kind> capped_add(scaled<Kind> a, scaled<Kind> b) noexcept {
  const auto sum = int128{a.units} + b.units;
  return scaled<Kind>::from_units(sum).value_or(scaled<Kind>{sum < 0 ? -INT64_MAX : INT64_MAX});
}

/// Quote currency per unit of base.
using price = scaled<struct price_kind>;
/// Units of the base; signed only for positions.
using quantity = scaled<struct quantity_kind>;

/// Three to eight letters, upper case: "USDT", "USD".
using currency = text<8>;

/// An amount at 1e-8 of `ccy` in 128 bits. Sums of different currencies are a bug (assert), not a conversion.
struct money {
  int128 units = 0;
  currency ccy;

  [[nodiscard]] std::string str() const { return format_scaled(units); }
  [[nodiscard]] double to_double() const noexcept { return static_cast<double>(units) / 1e8; }

  friend constexpr bool operator==(const money&, const money&) = default;
  friend money operator+(const money& a, const money& b) noexcept {
    TROUPE_ASSERT(a.ccy == b.ccy || a.ccy.empty() || b.ccy.empty(), "money adds within one currency");
    money sum{0, a.ccy.empty() ? b.ccy : a.ccy};
    TROUPE_ASSERT(!__builtin_add_overflow(a.units, b.units, &sum.units), "money stays in 128 bits");
    return sum;
  }
  money operator-() const noexcept { return {-units, ccy}; }
  friend money operator-(const money& a, const money& b) noexcept { return a + -b; }
  money& operator+=(const money& b) noexcept { return *this = *this + b; }
  money& operator-=(const money& b) noexcept { return *this = *this - b; }
};

/// price x quantity, exact at 1e-16, rounded half-even to 1e-8. Cannot overflow.
[[nodiscard]] money notional(price p, quantity q, currency ccy) noexcept;

/// The only way from binary floating point to a price or quantity: the multiple of `tick` chosen by `mode`.
/// Nothing when `value` is not finite, `tick` is not positive, or the result leaves the range.
[[nodiscard]] std::optional<std::int64_t> round_to_tick_units(double value, std::int64_t tick, rounding mode) noexcept;

template <class Kind>
[[nodiscard]] std::optional<scaled<Kind>> round_to_tick(double value, scaled<Kind> tick,
                                                        rounding mode = rounding::half_even) noexcept {
  auto u = round_to_tick_units(value, tick.units, mode);
  return u ? std::optional{scaled<Kind>{*u}} : std::nullopt;
}

} // namespace troupe
