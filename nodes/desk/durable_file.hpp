#pragma once
// A small file that is there whole or not at all, whenever the process or the machine stops. Stateless.

#include "runtime/core/result.hpp"

#include <filesystem>
#include <string_view>

#include <sys/types.h>

namespace troupe::desk {

/// Replaces `file`: written beside it, synced, renamed, and the folder synced. What an interrupted call left behind is
/// overwritten by the next. One writer. Errors: io_error.
[[nodiscard]] result<void> write_durably(const std::filesystem::path& file, std::string_view bytes, mode_t mode);
/// Makes `file`, which must not be there: of several writers one does. What an interrupted call left behind has another name, which ends in ".new".
/// Errors: conflict (it is there; nothing changes), io_error.
[[nodiscard]] result<void> create_durably(const std::filesystem::path& file, std::string_view bytes, mode_t mode);

} // namespace troupe::desk
