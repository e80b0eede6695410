#pragma once
// The append-only record of what a feed received, a store of its own: chunks of entries, compressed and
// checksummed, synced by the owner's clock. A position once handed out never means anything else, also after
// a crash: decisions cite it. Owned by one feed; not thread-safe. Blocks on the disk.

#include "actors/market/tape/file.hpp"
#include "actors/market/tape/segment.hpp"
#include "runtime/core/result.hpp"
#include "runtime/core/time.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::tape {

struct options {
  std::filesystem::path directory; // made when it is not there
  std::uint32_t chunk_entries = 4096;               // 1 .. 65536: a chunk is written when it holds so many,
  std::size_t chunk_bytes = std::size_t{1} << 20;   // 4 KiB .. 4 MiB: or so much before compression
  nanoseconds sync_interval = std::chrono::seconds{1}; // > 0
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;   // 64 KiB .. 4 GiB
  std::uint64_t retention_bytes = std::uint64_t{4} << 30;  // at least twice segment_bytes; oldest segments go first
  std::uint64_t reserve = 65'536; // positions reserved ahead, >= 1
};

/// What was found at opening. All zero for a new tape.
struct recovery_report {
  std::uint64_t segments = 0;
  std::uint64_t last_position = 0;     // the last one that can be read
  std::uint64_t skipped_positions = 0; // handed out before a crash but lost with it; never handed out again
  std::uint64_t cut_bytes = 0;         // of the torn end
  std::filesystem::path put_aside;     // where they are, if they are more than a write that was cut off; else empty
  bool clean = true;                   // closed properly
};

struct statistics {
  std::uint64_t entries = 0; // appended since opening
  std::uint64_t chunks = 0;
  std::uint64_t syncs = 0;
  std::uint64_t raw_bytes = 0;    // of the entries
  std::uint64_t stored_bytes = 0; // of their chunks
  std::uint64_t disk_bytes = 0;   // of all segments now
  std::uint64_t removed_segments = 0;
};

class tape {
public:
  /// Recovers: cuts a torn end off, continues positions behind everything ever handed out. Of damage in front of whole chunks nothing is
  /// thrown away: what is cut off lies beside its segment then. Errors:
  /// invalid_argument (with every violation), unavailable (another process has it open; retriable), corrupt,
  /// disk_full, io_error.
  [[nodiscard]] static result<tape> open(const options& how);

  tape(tape&&) noexcept = default;
  tape& operator=(tape&&) noexcept = default;
  /// Does not write what is left: an owner that wants it calls `close`.
  ~tape() = default;

  /// Records one entry and returns its position. It is durable after the next sync. Errors: too_large
  /// (nothing happened), disk_full, io_error: after these two the tape is dead, every later call returns the
  /// same error.
  [[nodiscard]] result<std::uint64_t> append(time_ns received_at, std::string_view raw);

  /// Writes and syncs what was appended, if the last sync is `sync_interval` ago by `now`. Errors: as append.
  [[nodiscard]] result<void> sync_if_due(boot_ns now);
  /// The same at once.
  [[nodiscard]] result<void> sync();
  /// Syncs and notes the exact next position, so that reopening skips none. Nothing may be appended
  /// afterwards.
  [[nodiscard]] result<void> close();

  [[nodiscard]] std::uint64_t next_position() const noexcept { return next_; }
  /// Everything up to here is durable.
  [[nodiscard]] std::uint64_t durable_position() const noexcept { return durable_; }
  [[nodiscard]] const recovery_report& recovered() const noexcept { return recovered_; }
  [[nodiscard]] const statistics& stats() const noexcept { return stats_; }

private:
  explicit tape(const options& how) : how_(how) {}

  [[nodiscard]] result<void> recover();
  [[nodiscard]] result<std::uint64_t> recover_segments();
  [[nodiscard]] result<void> put_aside(const file& damaged, const walk_end& end);
  [[nodiscard]] result<void> reserve(std::uint64_t next_unused);
  [[nodiscard]] result<void> write_chunk();
  [[nodiscard]] result<void> roll(std::uint64_t first_position);
  [[nodiscard]] result<void> retain();
  template <class Step>
  [[nodiscard]] result<void> guarded(Step&& step);

  options how_;
  file lock_;
  file current_;
  std::vector<segment> segments_; // the last one is current_
  std::string open_;              // raw entries of the chunk being filled
  std::string encoded_;
  std::uint32_t open_entries_ = 0;
  time_ns open_received_at_{};
  std::uint64_t next_ = 1;
  std::uint64_t durable_ = 0;
  std::uint64_t reserved_ = 0; // positions below it may be handed out
  bool written_since_sync_ = false;
  std::optional<boot_ns> last_sync_;
  std::optional<error> dead_;
  recovery_report recovered_;
  statistics stats_;
};

} // namespace troupe::tape
