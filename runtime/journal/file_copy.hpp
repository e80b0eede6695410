#pragma once
// Copies of a database's files, for their owner alone whoever may do what with the originals. Stateless; any thread.

#include "runtime/core/result.hpp"

#include <filesystem>
#include <functional>
#include <system_error>

namespace troupe::journal {

/// Copies a file, which may grow meanwhile, into the new file `to`; not synced. The system's reason when it fails. `is_given_up` is asked now and then; true
/// ends it: std::errc::operation_canceled.
[[nodiscard]] std::error_code copy_bytes(const std::filesystem::path& from, const std::filesystem::path& to, const std::function<bool()>& is_given_up = {});

/// The same, and it is on the disk. Errors: io_error.
[[nodiscard]] result<void> copy_durably(const std::filesystem::path& from, const std::filesystem::path& to, const std::function<bool()>& is_given_up = {});

/// Copies the files of the database in `from`, which nobody changes meanwhile, into the folder `to`, made when missing; its lock is left out.
/// Files and folder are synced. Errors: io_error.
[[nodiscard]] result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to, const std::function<bool()>& is_given_up = {});

/// io_error "copying FROM to TO: reason".
[[nodiscard]] error copy_failed(const std::filesystem::path& from, const std::filesystem::path& to, const std::error_code& why);

} // namespace troupe::journal
