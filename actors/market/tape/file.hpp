#pragma once
// A POSIX file descriptor with whole reads and writes and errors as values. Owned by one reader or writer.

#include "runtime/core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::tape {

class file {
public:
  file() = default;
  file(file&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
  file& operator=(file&& other) noexcept {
    std::swap(fd_, other.fd_);
    path_.swap(other.path_);
    return *this;
  }
  ~file();

  /// `flags` as of open(2); O_CLOEXEC is added. Errors: not_found, disk_full, io_error.
  [[nodiscard]] static result<file> open(const std::filesystem::path& path, int flags);

  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int descriptor() const noexcept { return fd_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] result<std::uint64_t> size() const;
  /// Reads up to `count` bytes at `offset`; fewer only at the end of the file.
  [[nodiscard]] result<std::string> read(std::uint64_t offset, std::size_t count) const;
  [[nodiscard]] result<void> write(std::uint64_t offset, std::string_view bytes);
  [[nodiscard]] result<void> truncate(std::uint64_t size);
  [[nodiscard]] result<void> sync();

private:
  [[nodiscard]] error failure(const char* what) const;

  int fd_ = -1;
  std::filesystem::path path_;
};

/// Makes creation, renaming and removal of names in `directory` durable.
[[nodiscard]] result<void> sync_directory(const std::filesystem::path& directory);

} // namespace troupe::tape
