#pragma once
// Bounds and defaults that live in a field's type, so that the JSON decoder, the OpenAPI schema and the reader of
// messages.hpp see the same rule. `check` returns nothing when the value may be used, else the sentence for the client.

#include "runtime/core/text.hpp"

#include <boost/describe.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A value above zero.
template <class T>
struct positive {
  T value{};
  [[nodiscard]] static std::optional<std::string> check(const T& v) {
    return v > T{} ? std::nullopt : std::optional<std::string>{"must be greater than 0"};
  }
  friend bool operator==(const positive&, const positive&) = default;
};

/// An integer in [Min, Max].
template <class T, auto Min, auto Max>
struct bounded {
  static_assert(Min <= Max);
  static constexpr T min = Min;
  static constexpr T max = Max;
  T value = Min;
  [[nodiscard]] static std::optional<std::string> check(const T& v) {
    if (v >= T{Min} && v <= T{Max}) return std::nullopt;
    return "must be between " + std::to_string(Min) + " and " + std::to_string(Max);
  }
  friend bool operator==(const bounded&, const bounded&) = default;
};

/// Text with something in it that can be seen: white space alone names nobody and says nothing.
template <class T>
struct required_text {
  T value{};
  [[nodiscard]] static std::optional<std::string> check(const T& v) {
    return is_blank(v) ? std::optional<std::string>{"must not be blank"} : std::nullopt;
  }
  friend bool operator==(const required_text&, const required_text&) = default;
};

/// At most `N` elements.
template <class T, std::size_t N>
struct list_max {
  std::vector<T> value;
  [[nodiscard]] static std::optional<std::string> check(const std::vector<T>& v) {
    return v.size() <= N ? std::nullopt
                         : std::optional<std::string>{"must have at most " + std::to_string(N) + " elements"};
  }
  friend bool operator==(const list_max&, const list_max&) = default;
};

/// A field the client may leave out; then it is `Default`.
template <class T, T Default>
struct with_default {
  static constexpr T fallback = Default;
  T value = Default;
  friend bool operator==(const with_default&, const with_default&) = default;
};

/// Shown in JSON as a bare number instead of a string. Both are read everywhere; the text stays exact. Of money it is the amount, which is not read.
template <class T>
struct as_number {
  T value{};
  friend bool operator==(const as_number&, const as_number&) = default;
};

/// A field that clients send and nothing here reads: any JSON value, shown as null. Declared, so that it does not count as unknown.
struct unread {
  friend bool operator==(const unread&, const unread&) = default;
};
BOOST_DESCRIBE_STRUCT(unread, (), ())

} // namespace troupe
