#pragma once
// The concepts that sort types for the bytes, JSON and schema generators. A struct is described once, by
// BOOST_DESCRIBE_STRUCT next to its definition.

#include "runtime/core/bounded.hpp"
#include "runtime/core/context.hpp"
#include "runtime/core/decimal.hpp"
#include "runtime/core/hash.hpp"
#include "runtime/core/ids.hpp"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace troupe::wire {

template <class T>
concept described_struct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;
template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

/// Calls `f(name, member)` for every described member of `x`, in the order of the description.
template <class T, class F>
  requires described_struct<std::remove_const_t<T>>
constexpr void for_each_member(T& x, F&& f) {
  boost::mp11::mp_for_each<members_of<std::remove_const_t<T>>>([&](auto d) { f(d.name, x.*d.pointer); });
}

template <class T> inline constexpr bool is_text = false;
template <std::size_t N> inline constexpr bool is_text<text<N>> = true;
template <class T> inline constexpr bool is_scaled = false;
template <class K> inline constexpr bool is_scaled<scaled<K>> = true;
template <class T> inline constexpr bool is_optional = false;
template <class T> inline constexpr bool is_optional<std::optional<T>> = true;
template <class T> inline constexpr bool is_vector = false;
template <class T, class A> inline constexpr bool is_vector<std::vector<T, A>> = true;
template <class T> inline constexpr bool is_map = false;
template <class K, class V, class C, class A> inline constexpr bool is_map<std::map<K, V, C, A>> = true;
template <class T> inline constexpr bool is_variant = false;
template <class... Ts> inline constexpr bool is_variant<std::variant<Ts...>> = true;
template <class T> inline constexpr bool is_with_default = false;
template <class T, T D> inline constexpr bool is_with_default<with_default<T, D>> = true;
template <class T> inline constexpr bool is_as_number = false;
template <class T> inline constexpr bool is_as_number<as_number<T>> = true;

/// positive, bounded, required_text, list_max: a value with a rule of its own.
template <class T>
concept checked_value = requires(const T& x) { T::check(x.value); };

/// Types that are one value in a coat: bytes and JSON show the value.
template <class T>
concept wrapper = is_strong_id<T> || checked_value<T> || is_with_default<T> || is_as_number<T>;

/// The type as the compiler spells it: "troupe::oms::new_order".
template <class T>
constexpr std::string_view qualified_name() {
  constexpr std::string_view function = __PRETTY_FUNCTION__;
  constexpr auto start = function.find("T = ") + 4;
  constexpr auto end = function.find_first_of(";]", start);
  return function.substr(start, end - start);
}

} // namespace troupe::wire
