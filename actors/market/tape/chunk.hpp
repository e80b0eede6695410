#pragma once
// The bytes of a tape: segment headers, chunks of entries, the reservation. docs/formats/tape.md tells the
// layout. Pure; any thread.

#include "runtime/core/result.hpp"
#include "runtime/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::tape {

inline constexpr std::size_t segment_header_bytes = 20;
inline constexpr std::size_t chunk_header_bytes = 40;
inline constexpr std::size_t reservation_bytes = 20;
/// What one entry may hold.
inline constexpr std::size_t entry_bytes_max = (std::size_t{1} << 20) + 4096;
/// What the entries of one chunk may hold before compression.
inline constexpr std::size_t chunk_raw_bytes_max = std::size_t{8} << 20;
inline constexpr std::uint32_t chunk_entries_max = 1u << 16;

struct chunk_header {
  std::uint32_t entries = 0;        // 1 .. chunk_entries_max, at adjacent positions
  std::uint64_t first_position = 0; // >= 1
  time_ns first_received_at{};
  std::uint32_t raw_bytes = 0;
  std::uint32_t stored_bytes = 0;
  std::uint32_t payload_crc = 0;
};

/// Called for each entry in order; returns false to stop. `raw` is valid during the call only.
using entry_visitor = std::function<bool(std::uint64_t position, time_ns received_at, std::string_view raw)>;

void append_segment_header(std::uint64_t first_position, std::string& out);
/// Nothing when the bytes are no segment's header.
[[nodiscard]] std::optional<std::uint64_t> parse_segment_header(std::string_view bytes) noexcept;

void append_reservation(std::uint64_t next_position, std::string& out);
[[nodiscard]] std::optional<std::uint64_t> parse_reservation(std::string_view bytes) noexcept;

/// Appends one entry to the raw bytes of a chunk. Requires: at most `entry_bytes_max`.
void append_entry(time_ns received_at, std::string_view raw, std::string& out);

/// Compresses `raw` and appends the whole chunk. Requires: within the maxima above.
void append_chunk(std::uint64_t first_position, time_ns first_received_at, std::uint32_t entries, std::string_view raw,
                  std::string& out);
/// Reads and checks the first `chunk_header_bytes`; nothing when they are no chunk's header.
[[nodiscard]] std::optional<chunk_header> parse_chunk_header(std::string_view bytes) noexcept;
/// True when the payload is the one the header was written for.
[[nodiscard]] bool payload_matches(const chunk_header& header, std::string_view payload) noexcept;
/// Decompresses the payload and visits entries at positions >= `from`. Returns false when the visitor
/// stopped. Errors: corrupt.
[[nodiscard]] result<bool> visit_entries(const chunk_header& header, std::string_view payload, std::uint64_t from,
                                         const entry_visitor& visit);

} // namespace troupe::tape
