#include "runtime/journal/turn_reader.hpp"

#include "runtime/journal/layout.hpp"

#include <algorithm>
#include <future>

namespace troupe::journal {

namespace {

/// Most readers want a page; who is still reading after this many records wants the stream.
constexpr std::size_t chunk_records_max = 4096;
constexpr std::size_t record_bytes_usual = 1024; // a chunk ends when its records are longer than that

using layout::view;

std::unique_ptr<rocksdb::Iterator> iterator(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* turns,
                                            const rocksdb::Snapshot* state, const rocksdb::Slice& bound) {
  rocksdb::ReadOptions options;
  options.snapshot = state;
  options.iterate_upper_bound = &bound;
  options.fill_cache = false;
  options.verify_checksums = false; // every record has a checksum of its own, and the chain leaves nothing out
  return std::unique_ptr<rocksdb::Iterator>{db.NewIterator(options, turns)};
}

/// Puts the iterator on `from` and returns the record before it, if there is one.
std::optional<std::string> find_anchor(rocksdb::Iterator& at, const stream_name& stream, std::uint64_t from) {
  at.Seek(layout::turn_key(stream, from > 1 ? from - 1 : from));
  if (from <= 1 || !at.Valid()) return std::nullopt;
  const auto place = layout::parse_turn_key(view(at.key()));
  if (!place || place->sequence != from - 1) return std::nullopt;
  auto before = at.value().ToString();
  at.Next();
  return before;
}

} // namespace

turn_reader::turn_reader(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* turns, const rocksdb::Snapshot* state,
                         const stream_name& stream, std::uint64_t from)
    : stream_{stream}, from_{std::max<std::uint64_t>(from, 1)}, end_{layout::stream_end(stream)}, bound_{end_},
      at_{iterator(db, turns, state, bound_)}, anchor_{find_anchor(*at_, stream_, from_)}, walk_{stream_, from_, anchor_} {}

turn_reader::chunk turn_reader::next(std::size_t records_max) {
  chunk read;
  for (; at_->Valid(); at_->Next()) {
    const auto value = view(at_->value());
    if (read.records.empty()) read.bytes.reserve(std::max(records_max * record_bytes_usual, value.size()));
    else if (read.records.size() == records_max || read.bytes.size() + value.size() > read.bytes.capacity()) return read;
    const auto place = layout::parse_turn_key(view(at_->key()));
    if (!place) read.failure = fail(errc::corrupt, "stream " + stream_.value.str() + ": a key is malformed");
    else if (from_ > 1 && !anchor_)
      read.failure = fail(errc::sequence_gap,
                          "stream " + stream_.value.str() + " sequence " + std::to_string(from_ - 1) + " is missing");
    if (read.failure) return read;
    const auto start = read.bytes.size();
    read.bytes += value; // the iterator's own copy ends with its next step
    auto record = walk_.step(place->sequence, std::string_view{read.bytes}.substr(start));
    if (!record) {
      read.failure = record.error();
      return read;
    }
    read.records.push_back(std::move(*record));
  }
  if (!at_->status().ok())
    read.failure = layout::to_error(at_->status(), "reading stream " + stream_.value.str() + " at sequence " +
                                                     std::to_string(walk_.next()));
  read.is_last = true;
  return read;
}

result<void> turn_reader::visit_all(const std::function<bool(const record_view&)>& visit) {
  std::size_t size = 1;
  auto now = next(size);
  for (;;) {
    std::future<chunk> ahead;
    if (size == chunk_records_max && !now.is_last && !now.failure)
      ahead = std::async(std::launch::async, [this, size] { return next(size); });
    for (const auto& record : now.records)
      if (!visit(record)) return {};
    if (now.failure) return *now.failure;
    if (now.is_last) return {};
    size = std::min(2 * size, chunk_records_max);
    now = ahead.valid() ? ahead.get() : next(size);
  }
}

} // namespace troupe::journal
