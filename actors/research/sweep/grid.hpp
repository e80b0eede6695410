#pragma once
// The parameters of a sweep: from words to axes, from axes to trials. Pure; any thread.

#include "actors/research/sweep/messages.hpp"
#include "runtime/core/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::sweep {

/// Bytes of all values together: a description must fit into one message.
inline constexpr std::size_t values_bytes_max = 128 << 10;

/// Each word is KEY=FROM:TO:STEP (decimals, TO included when a step meets it), KEY=V1,V2,... or KEY=VALUE (JSON is one value).
/// The axes are ordered by key and their values by number, else by text, so that the order of the words makes no difference.
/// Errors: invalid_argument, with every word that is wrong; too_large, when there are more than `trials_max` trials.
[[nodiscard]] result<std::vector<axis>> parse_grid(const std::vector<std::string>& words);

/// Trials of the product; requires axes of parse_grid. No axis: one trial.
[[nodiscard]] std::uint64_t size_of(const std::vector<axis>& axes);

/// Key and value of every axis in trial `index` < size_of; the last axis changes fastest.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> trial_at(const std::vector<axis>& axes, std::uint64_t index);

/// The trial with exactly these parameters, as trial_at gives them; nothing when there is none.
[[nodiscard]] std::optional<std::uint64_t> index_of(const std::vector<axis>& axes, const std::vector<std::pair<std::string, std::string>>& trial);

} // namespace troupe::sweep
