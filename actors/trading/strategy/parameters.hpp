#pragma once
// Reads a strategy's parameters from the configuration's text and collects every violation, so that they are reported
// together. Used at start, on the caller's thread.

#include "runtime/core/decimal.hpp"
#include "runtime/core/error.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::strategy {

class parameters {
public:
  explicit parameters(const std::map<std::string, std::string>& given) : given_{given} {}

  /// A whole number in [min, max]; `fallback` when not given.
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max, std::int64_t fallback);
  /// A required quantity: above zero and a multiple of `lot`.
  [[nodiscard]] quantity size(std::string_view name, quantity lot);
  /// One of `choices`, as its index; the first when not given.
  [[nodiscard]] std::size_t choice(std::string_view name, std::span<const std::string_view> choices);

  void violate(std::string_view name, std::string message);
  /// All violations, names nobody asked for included.
  [[nodiscard]] std::vector<field_error> violations() const;

private:
  [[nodiscard]] const std::string* find(std::string_view name);

  const std::map<std::string, std::string>& given_;
  std::set<std::string, std::less<>> known_;
  std::vector<field_error> violations_;
};

} // namespace troupe::strategy
