#pragma once
// Keeps a full disk away from RocksDB, which ends the process on ENOSPC. Below the reserve new orders are
// refused; below half of it a preallocated ballast file is given back, so that cancels, fills and halts keep
// committing; below the floor nothing may be written. Stores that lie on one disk share one watch, because what
// one of them takes is missing to the others. Any thread.

#include "runtime/core/result.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>

namespace troupe::journal {

/// Bytes. A reserve of 0 switches the watch off.
struct space_limits {
  std::uint64_t reserve = 0;
  std::uint64_t ballast = 0;
  std::uint64_t floor = 0; // what RocksDB's next flush may need
};

class space_watch {
public:
  /// `free_bytes` measures; when empty, statvfs on `folder` does.
  space_watch(std::filesystem::path folder, space_limits limits, std::function<std::uint64_t()> free_bytes);

  /// Measures, and releases or restores the ballast. On a full disk the release comes first, so that opening
  /// works.
  void look();
  /// Called before `bytes` are written: measures as often as the distance to the limits asks for. False below
  /// the floor.
  [[nodiscard]] bool may_write(std::uint64_t bytes);
  /// Why it said so of `bytes` for the store in `folder`.
  [[nodiscard]] std::string refusal(const std::filesystem::path& folder, std::uint64_t bytes);
  /// Why there is no ballast although there is room for one, so that orders are refused; told once until it is another reason.
  [[nodiscard]] std::optional<std::string> news();

  [[nodiscard]] bool has_space() const noexcept { return has_space_.load(std::memory_order_relaxed); }
  /// True while background compaction can be afforded.
  [[nodiscard]] bool is_roomy() const noexcept { return limits_.reserve == 0 || free_bytes() >= 2 * limits_.reserve; }
  [[nodiscard]] std::uint64_t free_bytes() const noexcept { return free_.load(std::memory_order_relaxed); }

private:
  // With the mutex held.
  [[nodiscard]] std::uint64_t measure();
  [[nodiscard]] std::uint64_t needed_for(std::uint64_t bytes) const noexcept;
  void look_now();
  void release_ballast();
  void restore_ballast();

  std::filesystem::path folder_;
  std::filesystem::path ballast_file_;
  space_limits limits_;
  std::function<std::uint64_t()> measure_;
  std::mutex mutex_;
  std::atomic<std::uint64_t> free_{0};
  std::uint64_t unmeasured_ = 0;
  bool has_ballast_ = false;
  std::error_code unmeasurable_; // why the free space is not known
  std::error_code no_ballast_, told_;
  std::atomic<bool> has_space_{true};
};

} // namespace troupe::journal
