#pragma once
// One group of requests on its way into one WriteBatch: who was refused, what is written, where streams stand
// then. Private to this folder (it includes RocksDB). Owned by whoever writes.

#include "runtime/journal/packed.hpp"
#include "runtime/journal/rocks_store.hpp"
#include "runtime/journal/stream_table.hpp"

#include <rocksdb/write_batch.h>

#include <span>

namespace troupe::journal {

class commit_batch {
public:
  commit_batch(rocks_store& store, stream_table& streams, frontier_mark last)
      : store_{store}, streams_{streams}, last_{last} {}

  void clear();
  /// Adds the request, or says why not; a refused one leaves no trace. Returns the stream's sequence behind
  /// it.
  [[nodiscard]] result<std::uint64_t> add(append_request& request);
  /// Adds a raised epoch.
  [[nodiscard]] stream_head raise_epoch(const stream_name& stream);
  /// Puts the commit number in; nothing may be added behind it.
  void seal();

  [[nodiscard]] bool empty() const noexcept { return changes_ == 0; }
  [[nodiscard]] rocksdb::WriteBatch& writes() noexcept { return writes_; }
  [[nodiscard]] const frontier_mark& mark() const noexcept { return last_; }
  [[nodiscard]] std::uint64_t turns() const noexcept { return turns_; }

private:
  [[nodiscard]] std::string_view joined(std::span<const std::string> run);
  void put_epoch(const stream_name& stream, std::uint64_t epoch);
  void add_snapshot(const stream_name& stream, stream_state& state, const snapshot& taken);

  rocks_store& store_;
  stream_table& streams_;
  frontier_mark last_;
  rocksdb::WriteBatch writes_;
  std::string key_;
  std::string run_;
  record_packer packer_;
  std::uint64_t turns_ = 0;
  std::uint64_t changes_ = 0;
};

} // namespace troupe::journal
