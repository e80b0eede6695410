#pragma once
// Why a process ended itself, for the record of its next life: its actors cannot be asked any more. Stateless; one writer.

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

/// Leaves them in the data folder, over what lies there. Not synced: they are for an end of the process, and a disk that hangs must not hold that
/// up. Best effort.
void leave_last_words(const std::filesystem::path& data_dir, time_ns at, std::string_view why) noexcept;

/// Reads and removes them; nothing when there are none, or none that can be read.
[[nodiscard]] std::optional<last_words> take_last_words(const std::filesystem::path& data_dir);

} // namespace troupe::desk
