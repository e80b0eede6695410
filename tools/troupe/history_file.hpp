#pragma once
// Lines typed into `troupe shell`, kept over sessions: one a line, oldest first, at most 1,000, readable by their user alone. Several shells
// may write one file at once. It is a convenience: what goes wrong with it never stops a shell.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

inline constexpr std::size_t history_lines_max = 1000; // more than anybody goes back through

/// $XDG_STATE_HOME/troupe/history, else ~/.local/state/troupe/history; none without a home. Relative paths count as none, as the XDG
/// specification wants it.
[[nodiscard]] std::optional<std::filesystem::path> history_path();

/// The newest lines, oldest first; none when the file cannot be read.
[[nodiscard]] std::vector<std::string> read_history(const std::filesystem::path& file);

/// Adds one, makes folder and file where they are missing, and lets the oldest go. One of more than 4 KiB is left out. False when that was
/// not possible.
bool add_to_history(const std::filesystem::path& file, const std::string& line);

} // namespace troupe::cli
