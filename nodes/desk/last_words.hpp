#pragma once
// Why a process ended itself, for the record of its next life: its actors cannot be asked any more.

#include "runtime/core/time.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::desk {

struct last_words {
  time_ns at{};
  std::string why;
};

/// Leaves them in the data folder, over those of an earlier life; the first of this process stand. Not synced: they are for an end of the process
/// and not of the machine. Best effort: a disk that takes nothing gets none. From any thread.
void leave_last_words(const std::filesystem::path& data_dir, time_ns at, std::string_view why) noexcept;

/// Nothing when there are none, or none that can be read.
[[nodiscard]] std::optional<last_words> read_last_words(const std::filesystem::path& data_dir);
/// When they are on record.
void remove_last_words(const std::filesystem::path& data_dir) noexcept;

} // namespace troupe::desk
