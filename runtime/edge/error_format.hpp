#pragma once
// An error as JSON, the same in every place that shows one to a program.

#include "runtime/core/error.hpp"

#include <string>

namespace troupe::edge {

/// Appends "code":...,"message":...,"fields":[{"field","message"}],"retriable":... without braces around them.
void append_error_members(std::string& out, const error& e);

} // namespace troupe::edge
