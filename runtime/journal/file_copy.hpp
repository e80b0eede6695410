#pragma once
// Copies of a database's files that are on the disk when the call is over. Stateless; any thread.

#include "runtime/core/result.hpp"

#include <filesystem>

namespace troupe::journal {

/// Copies the files of the database in `from`, which nobody changes meanwhile, into the folder `to`, made when missing; its lock is left out.
/// Files and folder are synced. Errors: io_error.
[[nodiscard]] result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to);

/// io_error "copying from: reason".
[[nodiscard]] error copy_failed(const std::filesystem::path& from, const std::error_code& why);

} // namespace troupe::journal
