#pragma once
// Whether the worker's program on this machine is of the build that would start it. Any thread.

#include "runtime/core/result.hpp"

#include <filesystem>

namespace troupe::sweep_node {

/// Asks `program --version`, for at most ten seconds. Errors: unavailable (it is of another build, which no link would let in, or does not say of
/// which; and what to do).
[[nodiscard]] result<void> check_worker_build(const std::filesystem::path& program);

} // namespace troupe::sweep_node
