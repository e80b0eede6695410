#pragma once
// How the programs of a desk say why they end. Stateless.

#include "runtime/core/error.hpp"

namespace troupe::desk {

/// "PROGRAM: WHAT: why" and every field's rule on standard error; returns `code`.
int complain(const char* program, const char* what, const error& e, int code);

} // namespace troupe::desk
