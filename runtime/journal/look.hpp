#pragma once
// How the tools see a folder that a running node may be writing to: one consistent moment of it, never a mixture of
// two. Nothing is written into the folder. Private to this folder (it includes RocksDB). Runs on the caller's thread.

#include "runtime/journal/rocks_open.hpp"

namespace troupe::journal {

struct seen_journal {
  std::optional<frontier_mark> frontier; // read before the database was, which therefore reaches at least as far
  inspected_store database;
  std::filesystem::path copy; // where the database was opened; what its files are called in errors
};

/// Opens one moment of the database in `directory`: a copy of its manifest and logs, taken while the manifest stood
/// still, over its tables as they lie; of a running node when it is durable. Not for the process that has it open itself: it would drop
/// its lock (see is_in_use). Errors: corrupt and io_error as `inspect`; unavailable when a running node changed its set of files during
/// every attempt, a second or more, or what is written was not named durable for ten.
[[nodiscard]] result<seen_journal> look(const std::filesystem::path& directory);

/// An error of reading what was seen, with the names that its files have in `directory`.
[[nodiscard]] error in_words_of(const std::filesystem::path& directory, const seen_journal& seen, error e);

} // namespace troupe::journal
