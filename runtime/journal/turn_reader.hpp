#pragma once
// Turns of one stream out of an open database, checked: no gap, each continues the hash chain. Whoever reads on and on
// gets them read ahead by a second thread. Private to this folder (it includes RocksDB). One reader belongs to one
// caller.

#include "runtime/journal/chain.hpp"

#include <rocksdb/db.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::journal {

/// Whether RocksDB's checksums of its blocks are compared. A reader of turns does without, since every record has a checksum of
/// its own and the chain leaves nothing out; who asks what is damaged wants both.
enum class blocks : std::uint8_t { trusted, checked };

class turn_reader {
public:
  /// Reads from sequence `from` (at least 1) on; `state` may be null and must outlive the reader.
  turn_reader(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* turns, const rocksdb::Snapshot* state, const stream_name& stream,
              std::uint64_t from, blocks read = blocks::trusted);

  using visitor = std::function<bool(const record_view&)>;

  /// As in `journal`; errors name stream and sequence. An exception of `visit` passes through.
  [[nodiscard]] result<void> visit_all(const visitor& visit);

  /// What to say of a stored value in which no record is found.
  [[nodiscard]] static error not_unpacked(const stream_name& stream, std::uint64_t sequence);

private:
  struct chunk {
    std::string bytes; // what the views look at
    std::vector<record_view> records;
    std::optional<error> failure; // behind the last record
    bool is_last = false;
  };

  /// What showing a chunk came to.
  struct seen {
    bool is_end = false;
    result<void> outcome;
  };

  /// At least so many, or up to the end: what lies in one value is read at once.
  void next(std::size_t records_min, chunk& read);
  void walk_over(std::uint64_t sequence, std::string_view rest, chunk& read);
  [[nodiscard]] static seen show(const chunk& read, const visitor& visit);
  [[nodiscard]] result<void> visit_ahead(const visitor& visit);

  stream_name stream_;
  std::uint64_t from_;
  std::string end_;
  rocksdb::Slice bound_;
  std::unique_ptr<rocksdb::Iterator> at_;
  std::optional<std::string> anchor_; // the record before `from`: the chain is checked from the first one visited
  chain_walk walk_;
};

} // namespace troupe::journal
