#pragma once
// The frontier: a small file beside the database that names the last durable commit. RocksDB's recovery may
// silently end early after a flipped bit; whoever opens compares with this file and refuses instead (design
// 4). Written by the journal's thread only; reading is free for all.

#include "runtime/journal/journal.hpp"

#include <filesystem>
#include <optional>

namespace troupe::journal {

/// The last commit, and the last record in it. `sequence` is 0 while no record was ever written.
struct frontier_mark {
  std::uint64_t commit = 0;
  stream_name stream;
  std::uint64_t sequence = 0;
  friend bool operator==(const frontier_mark&, const frontier_mark&) = default;
};

/// The newest valid slot; nothing when the file does not exist. Errors: corrupt (no slot is valid), io_error.
[[nodiscard]] result<std::optional<frontier_mark>> read_frontier(const std::filesystem::path& file);

/// The open file. Two slots take turns, so that a torn write leaves the other one.
class frontier_file {
public:
  /// Creates the file, preallocated and synced, or opens it; both slots then hold `mark`. It is there whole or not at all.
  /// Errors: io_error.
  [[nodiscard]] static result<frontier_file> create(const std::filesystem::path& file, const frontier_mark& mark);

  frontier_file(frontier_file&& other) noexcept;
  frontier_file& operator=(frontier_file&& other) noexcept;
  ~frontier_file();

  /// Into the page cache: survives the process, not the machine. Errors: io_error.
  [[nodiscard]] result<void> write(const frontier_mark& mark);
  /// To the disk, when anything was written since. Errors: io_error.
  [[nodiscard]] result<void> sync();
  [[nodiscard]] bool dirty() const noexcept { return dirty_; }

private:
  explicit frontier_file(int descriptor) noexcept : descriptor_{descriptor} {}

  int descriptor_ = -1;
  unsigned newest_ = 0; // slot; the other one is written next
  bool dirty_ = false;
};

} // namespace troupe::journal
