#pragma once
// Records as the database holds them: one or several that follow each other, packed by LZ4 when that is shorter, else as they are. A turn says
// much of what it was asked in what it decided, and in other words what the turn before it said, so less than half of it goes through the log, the
// memtable and every rewriting of a table. Checksum and chain are of the record itself: what packs may change with LZ4's version, the journal's hash does not.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::journal {

inline constexpr std::uint32_t packed_magic = 0x5a525254u; // "TRRZ" as it lies in the file

/// Packs one value after the other, each by itself. Owned by whoever writes.
class record_packer {
public:
  record_packer();
  /// What to store for `records`: a view into the packer, good until the next call, or `records` themselves.
  [[nodiscard]] std::string_view pack(std::string_view records);

private:
  std::shared_ptr<void> work_; // LZ4's tables
  std::string packed_;
};

/// The length of the records in a stored value; nothing for one that is longer than a record may be.
[[nodiscard]] std::optional<std::size_t> unpacked_size(std::string_view stored) noexcept;
/// Writes the records into `to`, which has room for `unpacked_size(stored)` bytes. False: the value is damaged.
[[nodiscard]] bool unpack(std::string_view stored, char* to) noexcept;
/// The same into a text of its own.
[[nodiscard]] std::optional<std::string> unpacked(std::string_view stored);

} // namespace troupe::journal
