#pragma once
// Numbers as Trade2026's clients write them: they compute in binary floating point and send what comes out, 0.30000000000000004 for 0.3.
// Why that is taken: docs/decisions/0040. Pure; any thread.

#include "runtime/core/decimal.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::trade2026 {

/// `text` in units of 1e-8: exactly, or, if it is finer, the next one when it lies as close as a computation in binary floating point would have come. Nothing for other text.
[[nodiscard]] std::optional<std::int64_t> computed_units(std::string_view text);

struct computed_price {
  troupe::price value;
  friend auto operator<=>(const computed_price&, const computed_price&) = default;
};
BOOST_DESCRIBE_STRUCT(computed_price, (), (value))
struct computed_quantity {
  troupe::quantity value;
  friend auto operator<=>(const computed_quantity&, const computed_quantity&) = default;
};
BOOST_DESCRIBE_STRUCT(computed_quantity, (), (value))

[[nodiscard]] inline std::string to_text(const computed_price& p) { return p.value.str(); }
[[nodiscard]] inline std::string to_text(const computed_quantity& q) { return q.value.str(); }
template <class T>
[[nodiscard]] bool computed_from(std::string_view s, T& out) {
  const auto units = computed_units(s);
  if (units) out.value.units = *units;
  return units.has_value();
}
[[nodiscard]] inline bool from_number(std::string_view s, computed_price& out) { return computed_from(s, out); }
[[nodiscard]] inline bool from_number(std::string_view s, computed_quantity& out) { return computed_from(s, out); }

/// A number as it is written, for whoever has a better answer to one that cannot be used than that it is malformed.
struct written_number {
  std::string text;
  friend bool operator==(const written_number&, const written_number&) = default;
};
BOOST_DESCRIBE_STRUCT(written_number, (), (text))
[[nodiscard]] inline std::string to_text(const written_number& n) { return n.text; }
[[nodiscard]] inline bool from_number(std::string_view s, written_number& out) {
  out.text = s;
  return true;
}

} // namespace troupe::trade2026
