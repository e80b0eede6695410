#pragma once
// The few system calls the journal needs beside RocksDB, with errors that name call and file. The functions are stateless; any
// thread. A lock is of one thread.

#include "runtime/core/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::journal {

/// io_error "call file: reason" from errno.
[[nodiscard]] error system_failure(const char* call, const std::filesystem::path& file);

/// Writes all of it, however often that takes. False: errno tells why.
[[nodiscard]] bool write_all(int descriptor, std::string_view bytes) noexcept;

/// The content of a small file; nothing when there is none. Errors: io_error.
[[nodiscard]] result<std::optional<std::string>> read_whole(const std::filesystem::path& file);

/// Syncs a folder, so that files created or renamed in it stay. Errors: io_error.
[[nodiscard]] result<void> sync_directory(const std::filesystem::path& folder);
/// Makes a folder with those around it, as far as they are missing; what is new is on the disk. Errors: io_error.
[[nodiscard]] result<void> make_folders(const std::filesystem::path& folder);
/// Syncs one closed file. Errors: io_error.
[[nodiscard]] result<void> sync_file(const std::filesystem::path& file);

/// An empty file that one at a time holds, of all processes. A process that ends holds it no more, however it ends: what a killed one left can be taken.
class lock_file {
public:
  /// Makes the file when it is missing; does not wait. Errors: unavailable (somebody holds it), io_error.
  [[nodiscard]] static result<lock_file> take(const std::filesystem::path& file);

  lock_file(lock_file&& other) noexcept;
  lock_file& operator=(lock_file&&) = delete;
  /// Removes the file.
  ~lock_file();

private:
  lock_file(std::filesystem::path file, int descriptor) : file_{std::move(file)}, descriptor_{descriptor} {}

  std::filesystem::path file_;
  int descriptor_; // -1: moved away
};

/// True when somebody holds the lock `file`. Who takes it at this very moment may be refused.
[[nodiscard]] bool is_held(const std::filesystem::path& file) noexcept;

/// Held by whoever writes `target`, a "file" or a "folder", as `unfinished`: the file behind whose name stands ".lock". Errors: unavailable (somebody else is writing
/// the target), io_error (the folder that it is to lie in is missing, or another reason).
[[nodiscard]] result<lock_file> lock_beside(const std::filesystem::path& unfinished, const std::filesystem::path& target, const char* kind);

} // namespace troupe::journal
