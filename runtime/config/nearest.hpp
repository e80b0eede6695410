#pragma once
// "Did you mean ...?" for names people type. Pure; any thread.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace troupe::config {

/// The candidate with the fewest single-character edits (insert, delete, replace, swap of neighbours) from `typed`,
/// or an empty view when none is near: at most a third of the longer name, and never more than `edits_max`.
[[nodiscard]] std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> candidates, std::size_t edits_max = 3);

} // namespace troupe::config
