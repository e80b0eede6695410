#pragma once
// The stores of several nodes as one that can only be read: a stream is read where it is longest, the rows of
// tables are merged. One thread.

#include "runtime/journal/journal.hpp"

#include <memory>
#include <vector>

namespace troupe::check {

/// The parts must outlive it.
[[nodiscard]] std::unique_ptr<journal::journal> join(std::vector<const journal::journal*> parts);

} // namespace troupe::check
