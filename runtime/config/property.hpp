#pragma once
// Declared properties: name, sentence, unit, default, bounds and scope stand next to the member they describe, and
// the rest of the program reads `config.oms.open_orders_max.value()`. Immutable once loaded; read from any thread.
//
//   struct oms_settings : config::section {
//     using section::section;
//     config::property<std::int64_t> open_orders_max{{
//         .name = "open_orders_max", .sentence = "Open orders a slot keeps before it refuses new ones.",
//         .unit = "orders", .fallback = 10'000, .min = 1, .max = 1'000'000,
//         .scope = config::scope::cluster_wide}};
//     void visit(config::visitor& v) override { v(open_orders_max); }
//   };

#include "runtime/config/node.hpp"
#include "runtime/core/assert.hpp"

#include <initializer_list>
#include <type_traits>
#include <utility>

namespace troupe::config {

namespace detail {
template <class T>
struct bound {
  using type = T;
};
template <>
struct bound<std::string> {
  using type = std::size_t;
};
template <class T>
struct bound<std::vector<T>> {
  using type = std::size_t;
};
/// Nothing when all of `text` matches `pattern` (see matches_pattern), else the sentence.
[[nodiscard]] refusal check_pattern(const std::string& text, std::string_view pattern);
/// What a pattern or a choice is compared with, of every type that is a text.
[[nodiscard]] inline const std::string& text_of(const std::string& x) noexcept { return x; }
template <std::size_t N>
[[nodiscard]] std::string text_of(const text<N>& x) {
  return x.str();
}
template <class Tag, std::size_t N>
[[nodiscard]] std::string text_of(const strong_id<Tag, text<N>>& x) {
  return x.value.str();
}
[[nodiscard]] refusal check_choice(const std::string& text, const std::vector<std::string_view>& choices);
[[nodiscard]] std::string bounds_text(const std::string& min, const std::string& max, bool of_length);
[[nodiscard]] std::string text_rules(const std::vector<std::string_view>& choices, std::string_view pattern);
} // namespace detail

/// Everything about one property. Texts must be literals.
template <class T>
struct property_spec {
  std::string_view name;
  std::string_view sentence;
  std::string_view unit;
  /// Absent: there is no sensible default and the configuration must say it.
  std::optional<T> fallback;
  /// Inclusive. Of the value; for text and lists, of the length.
  std::optional<typename detail::bound<T>::type> min;
  std::optional<typename detail::bound<T>::type> max;
  /// For text: the only values allowed, or a regular expression for the whole text.
  std::vector<std::string_view> choices;
  std::string_view pattern;
  config::scope scope = config::scope::node_local;
  /// For the reference page when the default does not show what a value looks like.
  std::optional<T> example;
};

template <class T>
class property final : public property_base {
public:
  property(property_spec<T> spec) // NOLINT: implicit, so that a member is declared by its specification
      : property_base{spec.name, spec.sentence, spec.scope}, spec_{std::move(spec)} {
    TROUPE_ASSERT(!spec_.name.empty() && !spec_.sentence.empty(), "a property has a name and a sentence");
    TROUPE_ASSERT(!spec_.fallback || !violated(*spec_.fallback), "a default lies within its own bounds");
    if (spec_.fallback) value_ = *spec_.fallback;
  }

  [[nodiscard]] const T& value() const noexcept { return value_; }
  [[nodiscard]] const property_spec<T>& spec() const noexcept { return spec_; }

  /// For code that builds a configuration instead of loading one. Requires: within the bounds.
  void set(T value) {
    TROUPE_ASSERT(!violated(value), "a value set by the program lies within its bounds");
    value_ = std::move(value);
    mark_given();
  }

  [[nodiscard]] refusal assign(const wire::json_value& v) override {
    T read{};
    if (auto refused = form<T>::read(v, read)) return refused;
    if (auto rule = violated(read)) return detail::must_be(v, *rule);
    value_ = std::move(read);
    mark_given();
    return std::nullopt;
  }
  [[nodiscard]] wire::json_value literal(std::string_view text) const override { return form<T>::literal(text); }
  [[nodiscard]] std::string json() const override { return json_of(value_); }
  [[nodiscard]] bool is_required() const noexcept override { return !spec_.fallback; }
  [[nodiscard]] property_facts facts() const override {
    property_facts f{form<T>::name(), std::string{spec_.unit}, {}, {}, {}};
    if (spec_.fallback) f.fallback = json_of(*spec_.fallback);
    if (spec_.example) f.example = json_of(*spec_.example);
    f.bounds = bounds();
    auto rules = detail::text_rules(spec_.choices, spec_.pattern);
    if (!rules.empty()) f.bounds += (f.bounds.empty() ? "" : "; ") + rules;
    return f;
  }

private:
  using bound = typename detail::bound<T>::type;
  static constexpr bool by_length = !std::is_same_v<bound, T>;

  [[nodiscard]] static std::string json_of(const T& x) {
    std::string out;
    form<T>::write(out, x);
    return out;
  }
  [[nodiscard]] static std::string json_of_bound(const std::optional<bound>& b) {
    std::string out;
    if (b) form<bound>::write(out, *b);
    std::erase(out, '"'); // decimals are JSON strings, but a bound is read by people
    return out;
  }
  [[nodiscard]] std::string bounds() const {
    return detail::bounds_text(json_of_bound(spec_.min), json_of_bound(spec_.max), by_length);
  }
  /// What the value must be, when it is not.
  [[nodiscard]] refusal violated(const T& x) const {
    if constexpr (std::totally_ordered<bound>) {
      const bound& measured = [&]() -> decltype(auto) {
        if constexpr (by_length) return x.size();
        else return (x);
      }();
      if ((spec_.min && measured < *spec_.min) || (spec_.max && measured > *spec_.max)) return bounds();
    }
    if constexpr (requires { detail::text_of(x); }) {
      if (!spec_.choices.empty())
        if (auto refused = detail::check_choice(detail::text_of(x), spec_.choices)) return refused;
      if (!spec_.pattern.empty())
        if (auto refused = detail::check_pattern(detail::text_of(x), spec_.pattern)) return refused;
    }
    return std::nullopt;
  }

  property_spec<T> spec_;
  T value_{};
};

extern template class property<bool>;
extern template class property<std::int64_t>;
extern template class property<double>;
extern template class property<std::string>;
extern template class property<std::vector<std::string>>;
extern template class property<std::chrono::milliseconds>;

struct list_spec {
  std::string_view name;
  std::string_view sentence;
  std::size_t min = 0;
  std::size_t max = 64;
  /// The property that tells elements apart ("name"): two elements with the same value are a violation.
  std::string_view unique = {};
};

/// A list of sections of one type. A list in the file replaces `fallback` as a whole.
template <class T>
class list final : public list_base {
public:
  list(list_spec spec, std::vector<T> fallback = {}) // NOLINT: implicit, as above
      : list_base{spec.name, spec.sentence, spec.min, spec.max, spec.unique}, elements_{std::move(fallback)} {}

  [[nodiscard]] auto begin() const noexcept { return elements_.begin(); }
  [[nodiscard]] auto end() const noexcept { return elements_.end(); }
  [[nodiscard]] const T& operator[](std::size_t i) const { return elements_.at(i); }
  [[nodiscard]] bool empty() const noexcept { return elements_.empty(); }
  /// For code that builds a configuration instead of loading one.
  T& add() { return elements_.emplace_back(); }

  [[nodiscard]] std::size_t size() const noexcept override { return elements_.size(); }
  [[nodiscard]] section& element(std::size_t i) override { return elements_.at(i); }
  using list_base::element;
  /// Starts over with `n` elements that have every default.
  void resize(std::size_t n) override { elements_.assign(n, T{}); }
  [[nodiscard]] section& prototype() override {
    static T defaults = [] {
      T t;
      assert_all_members_are_visited(t, sizeof(T));
      return t;
    }();
    return defaults;
  }
  using list_base::prototype;

private:
  std::vector<T> elements_;
};

} // namespace troupe::config
