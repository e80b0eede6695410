#pragma once
// Lines of a plain or gzip file, one at a time, without reading the whole file: what every replay stands on.
// Owned by one replay; not thread-safe. Blocks on the disk.

#include "actors/market/feed/packed_bytes.hpp"
#include "runtime/core/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::feed {

/// One line without its end ("\n" or "\r\n").
struct source_line {
  std::uint64_t number = 0; // 1-based
  std::string_view text;    // valid until the next call; its first 64 bytes when `too_long`
  bool too_long = false;    // longer than the limit: the rest was skipped
};

class line_source {
public:
  static constexpr std::size_t line_bytes_default = std::size_t{1} << 20;

  /// Opens `path`; gzip is recognised by content, not by name. Lines above `line_bytes_max` (64 .. 64 MiB)
  /// are handed out once, marked `too_long`. Errors: not_found, io_error, invalid_argument; none is
  /// retriable.
  [[nodiscard]] static result<line_source> open(const std::filesystem::path& path,
                                                std::size_t line_bytes_max = line_bytes_default);

  /// Puts the next line into `line` and returns true, or returns false at the end of the file. Errors:
  /// corrupt (gzip data that is damaged or ends early, or something else behind it), io_error. After an error or the end it must not
  /// be called again.
  [[nodiscard]] result<bool> next(source_line& line);

private:
  line_source(packed_bytes opened, std::string name, std::size_t line_bytes_max);

  [[nodiscard]] result<void> fill();
  [[nodiscard]] std::string_view pending() const noexcept;

  packed_bytes file_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0; // first byte not handed out
  std::size_t end_ = 0;   // behind the last byte read
  std::size_t line_bytes_max_;
  std::uint64_t number_ = 0;
  bool at_end_ = false;
  std::array<char, 64> head_{}; // of a line that is too long: enough to recognise it in a report
};

} // namespace troupe::feed
