#pragma once
// Makes the description of a type, at compile time. Included by wire.ipp only.

#include "runtime/wire/scalars.hpp"

#include <array>

namespace troupe::wire {

template <class T>
constexpr type_description make_description();
/// Constant data: what it points to may be read before main.
template <class T>
inline constexpr type_description description = make_description<T>();

namespace detail {

template <class T>
const T& as(const void* x) { return *static_cast<const T*>(x); }
template <class T>
T& as(void* x) { return *static_cast<T*>(x); }

template <class T>
inline constexpr scalar_rules scalar_of{
  [](const void* x) { return scalar_text(as<T>(x)); },
  [](const void* x, std::string& out) { write_scalar(as<T>(x), out); },
  [](json_reader& r, const json_value& v, void* out, const std::string& path) { read_scalar(r, v, as<T>(out), path); },
  &scalar_schema<T>,
};

template <class T>
constexpr std::string_view scalar_layout() {
  constexpr std::size_t bytes = sizeof(T);
  if constexpr (is_scaled<T>) return "scaled8";
  else if constexpr (std::is_floating_point_v<T>) return bytes == 4 ? "f32" : "f64";
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) return bytes == 1 ? "i8" : bytes == 2 ? "i16" : bytes == 4 ? "i32" : "i64";
  else if constexpr (std::is_integral_v<T>) return bytes == 1 ? "u8" : bytes == 2 ? "u16" : bytes == 4 ? "u32" : "u64";
  else return {};
}

template <class T, class Enumerators>
struct enumerators_of;
template <class T, template <class...> class List, class... D>
struct enumerators_of<T, List<D...>> {
  static constexpr std::array<enumerator, sizeof...(D)> all{enumerator{D::name, static_cast<std::int64_t>(D::value)}...};
};
template <class T>
inline constexpr enumeration_rules enumeration_of{
  enumerators_of<T, boost::describe::describe_enumerators<T>>::all,
  [](const void* x) { return static_cast<std::int64_t>(as<T>(x)); },
  [](void* x, std::int64_t value) { as<T>(x) = static_cast<T>(value); },
};

/// Inserts members before the closing brace of a schema.
inline void amend(std::string& schema, const std::string& members) {
  schema.pop_back();
  if (schema.back() != '{') schema += ',';
  schema += members + '}';
}

template <class T> struct rule_of {
  static constexpr wrapper_rules rules{}; // strong ids
};
template <class T> std::optional<std::string> check_of(const void* value) { return T::check(as<decltype(T::value)>(value)); }
template <class T> struct rule_of<positive<T>> {
  static constexpr wrapper_rules rules{&check_of<positive<T>>, [](std::string& s) { amend(s, R"("exclusiveMinimum":0)"); }, true};
};
template <class T, auto Min, auto Max> struct rule_of<bounded<T, Min, Max>> {
  static constexpr wrapper_rules rules{&check_of<bounded<T, Min, Max>>,
                                       [](std::string& s) {
                                         s.resize(s.rfind("\"minimum\""));
                                         s += "\"minimum\":" + std::to_string(T{Min}) + ",\"maximum\":" + std::to_string(T{Max}) + '}';
                                       },
                                       true};
};
template <class T> struct rule_of<required_text<T>> {
  static constexpr wrapper_rules rules{&check_of<required_text<T>>,
                                       [](std::string& s) {
                                         constexpr std::string_view printable = R"("^[ -~]*$"})"; // at the end: members before it have theirs
                                         if (s.ends_with(printable)) s.replace(s.size() - printable.size(), printable.size(), R"("^[ -~]*[!-~][ -~]*$"})");
                                         else amend(s, R"("pattern":"\\S")");
                                         amend(s, R"("minLength":1)");
                                       },
                                       true};
};
template <class T, std::size_t N> struct rule_of<list_max<T, N>> {
  static constexpr wrapper_rules rules{&check_of<list_max<T, N>>,
                                       [](std::string& s) { amend(s, "\"maxItems\":" + std::to_string(N)); }, true};
};
template <class T, T Default> struct rule_of<with_default<T, Default>> {
  static constexpr wrapper_rules rules{nullptr,
                                       [](std::string& s) {
                                         constexpr T fallback = Default;
                                         std::string shown;
                                         write_json(description<T>, &fallback, shown);
                                         amend(s, "\"default\":" + shown);
                                       },
                                       true, true};
};
/// Money as a number is its amount alone; so it can be written, and not be read.
inline void describe_amount(std::string& s) {
  s.resize(s.rfind(R"({"type":"object")"));
  s += R"({"type":["string","number"],"format":"decimal"})";
}
template <class T> struct rule_of<as_number<T>> {
  static_assert(is_scalar<T>);
  static constexpr wrapper_rules rules{nullptr, std::is_same_v<T, money> ? &describe_amount : nullptr, false, false, true};
};

template <class T>
inline constexpr optional_rules optional_of{
  [](void* x) -> void* { return as<T>(x) ? &*as<T>(x) : nullptr; },
  [](void* x) -> void* { return &as<T>(x).emplace(); },
  [](void* x) { as<T>(x).reset(); },
};
template <class T>
inline constexpr list_rules list_of{
  [](const void* x) { return as<T>(x).size(); },
  [](void* x, std::size_t n) { as<T>(x).resize(n); },
  [](void* x, std::size_t i) -> void* { return &as<T>(x)[i]; },
};
template <class T>
inline constexpr map_rules map_of{
  [](const void* x, const std::function<void(const void*, const void*)>& f) {
    for (const auto& [key, mapped] : as<T>(x)) f(&key, &mapped);
  },
  [](void* x, const std::function<bool(void*)>& read_key, const std::function<void(void*)>& read_mapped) {
    typename T::key_type key{};
    if (!read_key(&key)) return;
    typename T::mapped_type mapped{};
    read_mapped(&mapped);
    as<T>(x).emplace(std::move(key), std::move(mapped));
  },
};

template <class T>
struct variant_of;
template <class... A>
struct variant_of<std::variant<A...>> {
  using type = std::variant<A...>;
  static constexpr std::array<const type_description*, sizeof...(A)> alternatives{&description<A>...};
  template <class X>
  static void* put(void* x) { return &as<type>(x).template emplace<X>(); }
  static void* emplace(void* x, std::size_t index) {
    static constexpr std::array<void* (*)(void*), sizeof...(A)> each{&put<A>...};
    return each[index](x);
  }
  static const void* get(const void* x) {
    return std::visit([](const auto& a) -> const void* { return &a; }, as<type>(x));
  }
  static constexpr variant_rules rules{alternatives, [](const void* x) { return as<type>(x).index(); }, &get, &emplace};
};

template <class T, class Members>
struct members_table;
template <class T, template <class...> class List, class... D>
struct members_table<T, List<D...>> {
  template <class M>
  static void* of(void* x) { return &(static_cast<T*>(x)->*M::pointer); }
  static constexpr std::array<member_description, sizeof...(D)> all{
    member_description{D::name, &description<std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>>, &of<D>}...};
};

} // namespace detail

template <class T>
constexpr type_description make_description() {
  type_description d{shape::scalar, qualified_name<T>()};
  if constexpr (is_scalar<T>) d.scalar = &detail::scalar_of<T>;
  if constexpr (requires { T::short_name(); }) d.short_name = T::short_name();
  if constexpr (described_enum<T>) {
    d.made_as = shape::enumeration;
    d.part = &description<std::underlying_type_t<T>>;
    d.enumeration = &detail::enumeration_of<T>;
  } else if constexpr (is_text<T>) d.size_max = T::size_max;
  else if constexpr (is_scaled<T>) d.layout = detail::scalar_layout<T>();
  else if constexpr (is_optional<T>) {
    d.made_as = shape::optional;
    d.part = &description<typename T::value_type>;
    d.optional = &detail::optional_of<T>;
  } else if constexpr (is_vector<T>) {
    d.made_as = shape::list;
    d.part = &description<typename T::value_type>;
    d.list = &detail::list_of<T>;
  } else if constexpr (is_map<T>) {
    using key = typename T::key_type;
    static_assert(is_scalar<key> || wrapper<key> || described_enum<key>, "this type cannot be a JSON key");
    d.made_as = shape::map;
    d.part = &description<key>;
    d.mapped = &description<typename T::mapped_type>;
    d.map = &detail::map_of<T>;
  } else if constexpr (is_variant<T>) {
    d.made_as = shape::variant;
    d.variant = &detail::variant_of<T>::rules;
  } else if constexpr (wrapper<T>) {
    static_assert(sizeof(T) == sizeof(T::value), "a wrapper is its value in memory");
    d.made_as = shape::wrapper;
    d.part = &description<decltype(T::value)>;
    d.wrapper = &detail::rule_of<T>::rules;
  } else if constexpr (described_struct<T>) {
    d.made_as = shape::structure;
    d.members = detail::members_table<T, members_of<T>>::all;
  } else {
    static_assert(is_scalar<T>, "this type has no description");
    d.layout = detail::scalar_layout<T>();
  }
  return d;
}

} // namespace troupe::wire
