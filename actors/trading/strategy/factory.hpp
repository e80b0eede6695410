#pragma once
// From a configured kind to a strategy. Adding a strategy means one entry in the table of factory.cpp.

#include "actors/trading/strategy/logic.hpp"
#include "runtime/core/result.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace troupe::strategy {

/// What `strategies[].kind` may say, in the order of the table.
[[nodiscard]] std::vector<std::string_view> kind_names();

/// Builds the logic, or reports every violation of the configuration with its field. Errors: invalid_argument.
[[nodiscard]] result<std::unique_ptr<strategy_logic>> make_logic(const strategy_config& config);

} // namespace troupe::strategy
