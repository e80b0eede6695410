#pragma once
// Reads a tape to its end and says whether it is whole: chunks, reservation, and what its feed sealed elsewhere. Writes
// nothing; the tape's writer may run meanwhile. One call runs on one thread, the caller's.

#include "runtime/core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace troupe::tape {

/// Entries `first` .. `last`, none (1 .. 0) where a tape begins anew; `digest` is the SHA-256 in hexadecimal of their raw bytes, each followed by a line feed.
struct stretch {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string digest;
};

struct verify_report {
  std::uint64_t segments = 0;
  std::uint64_t entries = 0;
  std::uint64_t first_position = 0; // zero when there is no entry
  std::uint64_t last_position = 0;
  bool torn = false;          // ends in an unfinished write: normal after a kill, and beside a writer
  std::uint64_t sealed = 0;   // stretches there are
  std::uint64_t agreeing = 0; // stretches that are on the tape as they were sealed
  std::uint64_t removed = 0;  // stretches that retention took, wholly or in part
  std::uint64_t earlier = 0;  // stretches of a tape before this one: positions began again behind them
  std::uint64_t unread = 0;   // stretches that cannot be compared because of damage found before
  std::uint64_t lost = 0;     // sealed entries that are not here, no more than a killed writer leaves unwritten
  std::uint64_t unsealed = 0; // entries in no stretch, which only checksums speak for
  std::vector<error> findings; // what is wrong; empty when the tape is whole

  [[nodiscard]] bool is_clean() const noexcept { return findings.empty(); }
};

/// `sealed` in the order it was sealed. Damage is a finding, and the segments behind it are read all the same; `progress`
/// hears now and then how many entries have been read. Errors: not_found (no such directory), io_error.
[[nodiscard]] result<verify_report> verify(const std::filesystem::path& directory, std::vector<stretch> sealed,
                                           const std::function<void(std::uint64_t entries)>& progress = {});

} // namespace troupe::tape
