#pragma once
// A journal that forgets when it is destroyed: for tests, backtests and deterministic runs that need no disk.
// It refuses exactly what the durable one refuses. Thread-safe; completions run on the caller's thread,
// inside `append`.

#include "runtime/journal/journal.hpp"

namespace troupe::journal {

/// `tables` are the side tables that requests may name.
[[nodiscard]] std::unique_ptr<journal> make_memory_journal(std::vector<std::string> tables = {"done"});

} // namespace troupe::journal
