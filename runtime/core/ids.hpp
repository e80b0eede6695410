#pragma once
// Identities as types of their own, so that an account can never be passed where an instrument is meant.

#include "runtime/core/text.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace troupe {

/// A value of `Rep` that only compares with its own kind. JSON and bytes show the bare value.
template <class Tag, class Rep>
struct strong_id {
  using rep = Rep;
  Rep value{};

  friend constexpr auto operator<=>(const strong_id&, const strong_id&) = default;
};

/// A node's name in the configuration, for example "desk-1".
using node_name = strong_id<struct node_name_tag, text<32>>;
/// An actor's name, unique on its node: "oms/17", "feed/usdm". Also its stream, log and metric name.
using actor_name = strong_id<struct actor_name_tag, text<48>>;
/// Who asked: "operator:ana", "http", "strategy/ma_cross", "supervisor".
using principal_id = strong_id<struct principal_tag, text<32>>;

template <class T>
inline constexpr bool is_strong_id = false;
template <class Tag, class Rep>
inline constexpr bool is_strong_id<strong_id<Tag, Rep>> = true;

} // namespace troupe

template <std::size_t N>
struct std::hash<troupe::text<N>> {
  std::size_t operator()(const troupe::text<N>& t) const noexcept { return std::hash<std::string_view>{}(t.view()); }
};
template <class Tag, class Rep>
struct std::hash<troupe::strong_id<Tag, Rep>> {
  std::size_t operator()(const troupe::strong_id<Tag, Rep>& id) const noexcept { return std::hash<Rep>{}(id.value); }
};
