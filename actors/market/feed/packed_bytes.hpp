#pragma once
// The bytes of a file, or, when it is gzip, those of all its members one after the other. What stands behind a member and is none is damage: zlib's own reader takes it for
// the end of the file, and a capture whose second half was torn off or overwritten for a whole one. Owned by one reader; not thread-safe. Blocks on the disk.

#include "runtime/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace troupe::feed {

class packed_bytes {
public:
  /// Errors: io_error.
  [[nodiscard]] static result<packed_bytes> open(const std::filesystem::path& path);
  packed_bytes(packed_bytes&&) noexcept;
  packed_bytes& operator=(packed_bytes&&) noexcept;
  ~packed_bytes();

  /// Puts at most `room` > 0 bytes into `out` and says how many; 0 is the end. What stands before damage comes before it is told.
  /// Errors: corrupt (a member is damaged or ends early, or what stands behind one is none), io_error. After an error it must not be called again.
  [[nodiscard]] result<std::size_t> read(char* out, std::size_t room);
  /// Bytes of the file itself that were used: where an error was found.
  [[nodiscard]] std::uint64_t position() const noexcept;

private:
  struct file;
  explicit packed_bytes(std::unique_ptr<file> opened);
  std::unique_ptr<file> file_;
};

} // namespace troupe::feed
