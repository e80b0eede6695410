#pragma once
// What the tape's tests share: options small enough to cross every boundary, and a tape read back as a list.

#include "actors/market/tape/reader.hpp"
#include "actors/market/tape/tape.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::test {

struct recorded {
  std::uint64_t position = 0;
  std::int64_t received_ns = 0;
  std::string raw;
  friend bool operator==(const recorded&, const recorded&) = default;
};

inline tape::options small_tape(const std::filesystem::path& directory) {
  tape::options how;
  how.directory = directory;
  how.chunk_entries = 10;
  how.chunk_bytes = 4096;
  how.segment_bytes = 64 << 10;
  how.retention_bytes = 16 << 20;
  how.reserve = 100;
  return how;
}

inline result<std::vector<recorded>> read_all(const std::filesystem::path& directory, std::uint64_t from = 1) {
  std::vector<recorded> all;
  auto done = tape::reader{directory}.read(from, [&](std::uint64_t position, time_ns at, std::string_view raw) {
    all.push_back({position, to_ns(at), std::string{raw}});
    return true;
  });
  if (!done) return done.error();
  return all;
}

} // namespace troupe::test
