#pragma once
// The files of a tape's directory: which there are, where the last complete chunk of one ends and what is behind it. Used by
// the writer at recovery and by every reader.

#include "actors/market/tape/chunk.hpp"
#include "actors/market/tape/file.hpp"

#include <filesystem>
#include <vector>

namespace troupe::tape {

struct segment {
  std::uint64_t first_position = 0; // no entry in it has a lower one
  std::uint64_t bytes = 0;
  std::filesystem::path path;
};

/// "00000000000000000001.tape".
[[nodiscard]] std::filesystem::path segment_path(const std::filesystem::path& directory, std::uint64_t first_position);
/// Where the writer keeps what it cut off a damaged segment; no segment itself.
[[nodiscard]] std::filesystem::path damaged_path(const std::filesystem::path& segment);
/// Ascending by position; other files are left out. Errors: not_found, io_error.
[[nodiscard]] result<std::vector<segment>> list_segments(const std::filesystem::path& directory);

/// Where a walk over the chunks of one segment ended.
struct walk_end {
  std::uint64_t offset = 0;        // behind the last good chunk
  std::uint64_t next_position = 0; // behind its last entry; zero when the segment has none
  std::uint64_t chunks = 0;
  std::uint64_t size = 0; // of the file when the walk began
  bool clean = false;   // the file ends there
  bool stopped = false; // the visitor stopped
};

/// Visits the chunks of `opened` in order. With `from`, chunks wholly below it are only skipped over, not
/// checked. Stops at the first bytes that are no good chunk. Errors: io_error, and what `visit` returns;
/// corrupt when the segment's own header is wrong.
[[nodiscard]] result<walk_end> walk_segment(
  const file& opened, std::uint64_t from,
  const std::function<result<bool>(const chunk_header&, std::string_view payload)>& visit);

/// What lies behind the last good chunk of a segment.
enum class ending {
  clean,      // nothing
  unfinished, // the beginning of a chunk, to the file's end: a write that was cut off, or is going on
  failing,    // to the file's end a whole chunk that is not what was written
  damaged,    // anything else
};
/// Errors: io_error.
[[nodiscard]] result<ending> ending_of(const file& opened, const walk_end& end);

[[nodiscard]] std::filesystem::path reservation_path(const std::filesystem::path& directory);
/// Every position in use is below it. Errors: not_found, corrupt, io_error.
[[nodiscard]] result<std::uint64_t> read_reservation(const std::filesystem::path& directory);

} // namespace troupe::tape
