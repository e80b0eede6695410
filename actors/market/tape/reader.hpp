#pragma once
// Reads a tape's directory by position, also while its writer runs: what was handed to the file is seen, an
// incomplete end is not. Thread-safe: it keeps nothing but the directory's name.

#include "actors/market/tape/chunk.hpp"

#include <filesystem>

namespace troupe::tape {

class reader {
public:
  explicit reader(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Visits entries at positions >= `from` ascending until `visit` returns false. Positions have gaps where a
  /// writer was killed, and begin above 1 once retention removed old segments. Returns how many were visited.
  /// Errors: not_found (no such directory), corrupt (naming segment and byte), io_error.
  [[nodiscard]] result<std::uint64_t> read(std::uint64_t from, const entry_visitor& visit) const;

  /// The entry at `position`. Errors: not_found, and as above.
  [[nodiscard]] result<std::string> entry(std::uint64_t position) const;

  /// The last position there is, by the headers alone; 0 without any. Errors: as above.
  [[nodiscard]] result<std::uint64_t> last_position() const;

private:
  std::filesystem::path directory_;
};

} // namespace troupe::tape
