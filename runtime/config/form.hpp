#pragma once
// How one configured value is read from JSON, written back and named in the reference page. One specialisation per
// family of types; values without state, safe from any thread.

#include "runtime/core/decimal.hpp"
#include "runtime/core/ids.hpp"
#include "runtime/wire/describe.hpp"
#include "runtime/wire/json_value.hpp"

#include <charconv>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::config {

/// The sentence for the operator when a value cannot be used; nothing when it can.
using refusal = std::optional<std::string>;

/// `form<T>` has: `name` for people, `read`, `write` (appends JSON) and `literal` (what `--set a=text` means).
template <class T>
struct form;

namespace detail {
/// `text` parsed as JSON, or, where it is none, the text itself as a string.
[[nodiscard]] wire::json_value json_or_string(std::string_view text);
[[nodiscard]] wire::json_value string_value(std::string_view text);
/// How an offending value is quoted back: its JSON, cut after 60 characters.
[[nodiscard]] std::string shown(const wire::json_value& value);
[[nodiscard]] std::string must_be(const wire::json_value& value, std::string_view what);
void append_json(std::string& out, const wire::json_value& value);
/// Elements of "[...]" or of "a,b,c".
[[nodiscard]] wire::json_value list_literal(std::string_view text);
} // namespace detail

template <>
struct form<bool> {
  static std::string name() { return "true or false"; }
  static refusal read(const wire::json_value& v, bool& out) {
    if (v.kind != wire::json_kind::boolean) return detail::must_be(v, "true or false");
    out = v.boolean;
    return std::nullopt;
  }
  static void write(std::string& out, bool x) { out += x ? "true" : "false"; }
  static wire::json_value literal(std::string_view text) { return detail::json_or_string(text); }
};

template <std::integral T>
  requires(!std::same_as<T, bool>)
struct form<T> {
  static std::string name() { return "integer"; }
  static refusal read(const wire::json_value& v, T& out) {
    if (v.kind != wire::json_kind::number) return detail::must_be(v, "an integer");
    T read{};
    const auto* end = v.text.data() + v.text.size();
    auto [at, ec] = std::from_chars(v.text.data(), end, read);
    if (ec == std::errc::result_out_of_range)
      return detail::must_be(v, "an integer that fits " + std::to_string(sizeof(T) * 8) + " bits");
    if (ec != std::errc{} || at != end)
      return detail::must_be(v, std::is_signed_v<T> ? "an integer" : "an integer, 0 or above");
    out = read;
    return std::nullopt;
  }
  static void write(std::string& out, T x) { out += std::to_string(x); }
  static wire::json_value literal(std::string_view text) { return detail::json_or_string(text); }
};

/// For ratios and model parameters only: money, prices and quantities have exact types.
template <>
struct form<double> {
  static std::string name() { return "number"; }
  static refusal read(const wire::json_value& v, double& out);
  static void write(std::string& out, double x);
  static wire::json_value literal(std::string_view text) { return detail::json_or_string(text); }
};

/// Price and quantity: a JSON number or string, exact to 1e-8. Written as a string, as everywhere in Troupe.
template <class T>
  requires wire::is_scaled<T>
struct form<T> {
  static std::string name() { return "decimal"; }
  static refusal read(const wire::json_value& v, T& out) {
    const bool has_text = v.kind == wire::json_kind::number || v.kind == wire::json_kind::string;
    auto read = has_text ? T::parse(v.text) : std::nullopt;
    if (!read) return detail::must_be(v, "a decimal number, exact to 8 places, within 92 billion");
    out = *read;
    return std::nullopt;
  }
  static void write(std::string& out, T x) { out += '"' + x.str() + '"'; }
  static wire::json_value literal(std::string_view text) { return detail::json_or_string(text); }
};

/// A whole count of the duration's own unit; the property's name ends in that unit (`lease_ms`).
template <class Rep, class Period>
struct form<std::chrono::duration<Rep, Period>> {
  using duration = std::chrono::duration<Rep, Period>;
  static std::string name() { return "integer"; }
  static refusal read(const wire::json_value& v, duration& out) {
    Rep count{};
    if (auto refused = form<Rep>::read(v, count)) return refused;
    out = duration{count};
    return std::nullopt;
  }
  static void write(std::string& out, duration x) { out += std::to_string(x.count()); }
  static wire::json_value literal(std::string_view text) { return detail::json_or_string(text); }
};

template <>
struct form<std::string> {
  static std::string name() { return "text"; }
  static refusal read(const wire::json_value& v, std::string& out) {
    if (v.kind != wire::json_kind::string) return detail::must_be(v, "a text in quotes");
    out = v.text;
    return std::nullopt;
  }
  static void write(std::string& out, const std::string& x) { wire::append_json_string(out, x); }
  static wire::json_value literal(std::string_view text) { return detail::string_value(text); }
};

template <std::size_t N>
struct form<text<N>> {
  static std::string name() { return "text, at most " + std::to_string(N) + " characters"; }
  static refusal read(const wire::json_value& v, text<N>& out) {
    auto read = v.kind == wire::json_kind::string ? text<N>::make(v.text) : std::nullopt;
    if (!read) return detail::must_be(v, "a text of at most " + std::to_string(N) + " printable ASCII characters");
    out = *read;
    return std::nullopt;
  }
  static void write(std::string& out, const text<N>& x) { wire::append_json_string(out, x.view()); }
  static wire::json_value literal(std::string_view text) { return detail::string_value(text); }
};

/// The name of something: never empty.
template <class Tag, std::size_t N>
struct form<strong_id<Tag, text<N>>> {
  using Rep = text<N>;
  static std::string name() { return "text, 1 to " + std::to_string(N) + " characters"; }
  static refusal read(const wire::json_value& v, strong_id<Tag, Rep>& out) {
    if (v.kind == wire::json_kind::string && v.text.empty()) return detail::must_be(v, "a name of 1 to " + std::to_string(N) + " characters");
    return form<Rep>::read(v, out.value);
  }
  static void write(std::string& out, const strong_id<Tag, Rep>& x) { form<Rep>::write(out, x.value); }
  static wire::json_value literal(std::string_view text) { return form<Rep>::literal(text); }
};

/// Enumerators by the name they have in the code.
template <class T>
  requires wire::described_enum<T>
struct form<T> {
  static std::string name() {
    std::string all;
    each([&](const char* n, T) { all += (all.empty() ? "" : " | ") + std::string{n}; });
    return all;
  }
  static refusal read(const wire::json_value& v, T& out) {
    bool found = false;
    std::string all;
    each([&](const char* n, T x) {
      all += (all.empty() ? "" : ", ") + std::string{n};
      if (v.kind == wire::json_kind::string && v.text == n) {
        out = x;
        found = true;
      }
    });
    return found ? std::nullopt : refusal{detail::must_be(v, "one of " + all)};
  }
  static void write(std::string& out, T x) {
    each([&](const char* n, T y) {
      if (x == y) wire::append_json_string(out, n);
    });
  }
  static wire::json_value literal(std::string_view text) { return detail::string_value(text); }

private:
  template <class F>
  static void each(F&& f) {
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) { f(d.name, d.value); });
  }
};

template <class T>
struct form<std::vector<T>> {
  static std::string name() { return "list of " + form<T>::name(); }
  static refusal read(const wire::json_value& v, std::vector<T>& out) {
    if (v.kind != wire::json_kind::array) return detail::must_be(v, "a list in []");
    std::vector<T> read;
    std::string refused;
    for (std::size_t i = 0; i < v.items.size(); ++i) {
      T x{};
      if (auto why = form<T>::read(v.items[i], x))
        refused += (refused.empty() ? "" : "; ") + ("element " + std::to_string(i)) + ": " + *why;
      else
        read.push_back(std::move(x));
    }
    if (!refused.empty()) return refused;
    out = std::move(read);
    return std::nullopt;
  }
  static void write(std::string& out, const std::vector<T>& x) {
    out += '[';
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (i) out += ", ";
      form<T>::write(out, x[i]);
    }
    out += ']';
  }
  static wire::json_value literal(std::string_view text) { return detail::list_literal(text); }
};

} // namespace troupe::config
