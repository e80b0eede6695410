#pragma once
// The bytes of one record, version 1 (docs/formats/journal.md): where the fixed fields lie, so that the
// journal can look at a record without decoding it. Pure functions; any thread.

#include "runtime/journal/bytes.hpp"
#include "runtime/journal/journal.hpp"

#include <cstddef>

namespace troupe::journal {

inline constexpr std::uint32_t record_magic = 0x4a525254u; // "TRRJ" as it lies in the file
inline constexpr std::uint16_t record_version = 1;
/// The limit of one record; a turn is some hundred bytes, so this only stops nonsense.
inline constexpr std::size_t record_bytes_max = std::size_t{64} << 20;
inline constexpr std::size_t record_cursors_max = 1024;

/// Offsets of the fixed part.
namespace record_at {
inline constexpr std::size_t version = 4, cursors = 6, length = 8, checksum = 12, sequence = 16, epoch = 24,
                             hybrid_time = 32, cause_number = 40, schema = 48, previous = 52, names = 84;
} // namespace record_at

/// True when `bytes` begin like a record of `stream` at `sequence`, written in `epoch`. Looks at the fixed
/// fields and the name only: a guard against a caller's bug, not against flipped bits.
[[nodiscard]] bool is_record_of(std::string_view bytes, const stream_name& stream, std::uint64_t sequence,
                                std::uint64_t epoch) noexcept;

/// The first of records that lie one after the other: cut off from `rest`, by its own length field. Nothing when none is whole there.
[[nodiscard]] std::optional<std::string_view> take_record(std::string_view& rest) noexcept;

} // namespace troupe::journal
