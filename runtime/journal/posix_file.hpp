#pragma once
// The few system calls the journal needs beside RocksDB, with errors that name call and file. Stateless; any
// thread.

#include "runtime/core/result.hpp"

#include <filesystem>

namespace troupe::journal {

/// io_error "call file: reason" from errno.
[[nodiscard]] error system_failure(const char* call, const std::filesystem::path& file);

/// Syncs a folder, so that files created or renamed in it stay. Errors: io_error.
[[nodiscard]] result<void> sync_directory(const std::filesystem::path& folder);
/// Syncs one closed file. Errors: io_error.
[[nodiscard]] result<void> sync_file(const std::filesystem::path& file);

} // namespace troupe::journal
