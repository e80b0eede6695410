#pragma once
// Where things lie in the database: families, keys, the values of the meta and snapshot families, and
// RocksDB's options. Private to this folder (it includes RocksDB). Pure functions; any thread.

#include "runtime/journal/frontier.hpp"
#include "runtime/journal/journal.hpp"

#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <array>
#include <filesystem>

namespace troupe::journal::layout {

inline constexpr const char* database_folder = "db";
inline constexpr const char* frontier_name = "frontier";
inline constexpr const char* ballast_name = "ballast";
inline constexpr const char* linked_folder = "linked"; // one moment of a running database, while it is copied elsewhere

inline constexpr std::string_view turns_family = "turns";
inline constexpr std::string_view snapshots_family = "snapshots";
inline constexpr std::string_view meta_family = "meta";
inline constexpr std::string_view table_prefix = "table."; // before the name of a side table
/// Of these two nothing can be made up again; the meta family is the last one that a new journal gets.
inline constexpr std::array families_needed{turns_family, meta_family};

[[nodiscard]] inline std::string_view view(const rocksdb::Slice& s) noexcept { return {s.data(), s.size()}; }
[[nodiscard]] inline rocksdb::Slice slice(std::string_view s) noexcept { return {s.data(), s.size()}; }

/// stream, 0x00, big-endian sequence: ordered by stream, then by sequence.
void turn_key(const stream_name& stream, std::uint64_t sequence, std::string& out);
[[nodiscard]] inline std::string turn_key(const stream_name& stream, std::uint64_t sequence) {
  std::string key;
  turn_key(stream, sequence, key);
  return key;
}
struct turn_place {
  stream_name stream;
  std::uint64_t sequence = 0;
};
/// Nothing when `key` is not of that form.
[[nodiscard]] std::optional<turn_place> parse_turn_key(std::string_view key);
/// The sequence of a key of `stream`; nothing when it is not one.
[[nodiscard]] std::optional<std::uint64_t> sequence_in(std::string_view key, const stream_name& stream) noexcept;
/// The first key behind every key of `stream`.
[[nodiscard]] std::string stream_end(const stream_name& stream);

inline constexpr std::string_view commit_key = "commit";
inline constexpr std::string_view epoch_prefix = "epoch/"; // before the stream's name
[[nodiscard]] std::string encode_commit(const frontier_mark& mark);
[[nodiscard]] std::optional<frontier_mark> decode_commit(std::string_view value);

/// Errors of decoding: corrupt.
[[nodiscard]] std::string encode_snapshot(const snapshot& state);
[[nodiscard]] result<snapshot> decode_snapshot(std::uint64_t sequence, std::string_view value);

/// Options of every opening of the database; recovery mode, environment and listeners are the caller's.
/// Without a limit of open tables: a reader needs all of them open, since they may be deleted behind it (see look).
[[nodiscard]] rocksdb::DBOptions database_options(std::uint64_t write_buffer_bytes);
[[nodiscard]] rocksdb::ColumnFamilyOptions family_options(std::string_view family, std::uint64_t write_buffer_bytes);

/// corrupt for a corruption, else io_error; the message names what was attempted.
[[nodiscard]] error to_error(const rocksdb::Status& status, std::string_view attempt);

} // namespace troupe::journal::layout
