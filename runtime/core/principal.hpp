#pragma once
// What a principal's name says of who it is.

#include "runtime/core/ids.hpp"

#include <string_view>

namespace troupe {

/// An operator's begins so; the key's name follows.
inline constexpr std::string_view operator_prefix = "operator:";

[[nodiscard]] inline bool is_operator(const principal_id& who) noexcept { return who.value.view().starts_with(operator_prefix); }

} // namespace troupe
