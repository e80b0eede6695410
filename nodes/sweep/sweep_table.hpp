#pragma once
// The result table of a sweep, read from its journal: rows in the order of the grid, and their hash. Any thread.

#include "actors/research/sweep/messages.hpp"
#include "runtime/journal/journal.hpp"

#include <functional>

namespace troupe::sweep_node {

/// Calls `visit` with every finished trial in the order of the grid, until it returns false. Errors: malformed, io_error.
[[nodiscard]] result<void> for_each_row(const journal::journal& store, const std::function<bool(const sweep::trial_result&)>& visit);

struct table_hash {
  std::uint64_t rows = 0;
  sweep::content_hash hash; // SHA-256 over the canonical rows, each with a line end
};
/// Of the rows there are; of the whole table once every trial is finished. Calls `visit` with each of them. Errors: as above.
[[nodiscard]] result<table_hash> hash_table(const journal::journal& store, const std::vector<sweep::axis>& axes,
                                            const std::function<void(const sweep::trial_result&)>& visit = [](const auto&) {});

} // namespace troupe::sweep_node
