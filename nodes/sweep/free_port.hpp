#pragma once
// A port of loopback that nobody uses at this moment. Stateless.

#include "runtime/core/result.hpp"

#include <cstdint>

namespace troupe::sweep_node {

/// Whoever binds it next may be somebody else: try again. Errors: io_error.
[[nodiscard]] result<std::uint16_t> free_port();

} // namespace troupe::sweep_node
