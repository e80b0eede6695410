#pragma once
// A folder as a journal that can only be read: for the command line and checkers. Nothing is written, also while a node
// has the folder open; what is seen is the state at the moment of opening. Thread-safe once open.

#include "runtime/journal/journal.hpp"

#include <filesystem>

namespace troupe::journal {

/// `open_stream` and `append` are refused as unsupported. Errors: not_found (no journal lies there), corrupt (it ends
/// before its frontier or cannot be read), io_error; unavailable when a running node changes its files in each of many
/// attempts.
[[nodiscard]] result<std::unique_ptr<journal>> open_for_reading(const std::filesystem::path& directory);

/// True when the folder holds a journal, whatever its state.
[[nodiscard]] bool holds_journal(const std::filesystem::path& directory) noexcept;

/// True when another process has the journal in `directory` open for writing. Not for the process that has it open
/// itself: looking at a lock of one's own drops it (POSIX).
[[nodiscard]] bool is_in_use(const std::filesystem::path& directory) noexcept;

} // namespace troupe::journal
