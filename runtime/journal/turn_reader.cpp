#include "runtime/journal/turn_reader.hpp"

#include "runtime/journal/layout.hpp"
#include "runtime/journal/packed.hpp"
#include "runtime/journal/record.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <semaphore>
#include <thread>

namespace troupe::journal {

namespace {

/// Most readers want a page; who is still reading after this many records wants the stream.
constexpr std::size_t chunk_records_max = 1024;
constexpr std::size_t chunks_ahead = 4;
constexpr std::size_t record_bytes_usual = 1024; // a chunk ends when its records are longer than that

using layout::view;

std::unique_ptr<rocksdb::Iterator> iterator(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* turns,
                                            const rocksdb::Snapshot* state, const rocksdb::Slice& bound, blocks read) {
  rocksdb::ReadOptions options;
  options.snapshot = state;
  options.iterate_upper_bound = &bound;
  options.fill_cache = false;
  options.verify_checksums = read == blocks::checked;
  return std::unique_ptr<rocksdb::Iterator>{db.NewIterator(options, turns)};
}

/// Puts the iterator on the value in which `from` is or should be, and returns the record before it, if there is one.
std::optional<std::string> find_anchor(rocksdb::Iterator& at, const stream_name& stream, std::uint64_t from) {
  at.SeekForPrev(layout::turn_key(stream, from - 1));
  auto sequence = at.Valid() ? layout::sequence_in(view(at.key()), stream) : std::nullopt;
  if (!sequence) { // as before the first one
    at.Seek(layout::turn_key(stream, from));
    return std::nullopt;
  }
  const auto records = unpacked(view(at.value())).value_or(std::string{}); // of damaged ones the reading itself tells
  std::string_view rest{records};
  auto record = take_record(rest);
  for (; record && *sequence < from - 1; ++*sequence) record = take_record(rest);
  if (!records.empty() && rest.empty()) at.Next();
  return record ? std::optional<std::string>{*record} : std::nullopt;
}

} // namespace

turn_reader::turn_reader(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* turns, const rocksdb::Snapshot* state,
                         const stream_name& stream, std::uint64_t from, blocks read)
    : stream_{stream}, from_{std::max<std::uint64_t>(from, 1)}, end_{layout::stream_end(stream)}, bound_{end_},
      at_{iterator(db, turns, state, bound_, read)}, anchor_{find_anchor(*at_, stream_, from_)}, walk_{stream_, from_, anchor_} {}

error turn_reader::not_unpacked(const stream_name& stream, std::uint64_t sequence) {
  return fail(errc::corrupt, "stream " + stream.value.str() + " sequence " + std::to_string(sequence) + " cannot be unpacked");
}

/// Of the records in one value those from `from_` on.
void turn_reader::walk_over(std::uint64_t sequence, std::string_view rest, chunk& read) {
  for (; !rest.empty(); ++sequence) {
    const auto bytes = take_record(rest);
    if (!bytes) {
      read.failure = not_unpacked(stream_, sequence);
      return;
    }
    if (sequence < from_) continue;
    auto record = walk_.step(sequence, *bytes);
    if (!record) {
      read.failure = record.error();
      return;
    }
    read.records.push_back(std::move(*record));
  }
}

void turn_reader::next(std::size_t records_min, chunk& read) {
  read.bytes.clear();
  read.records.clear();
  for (; at_->Valid(); at_->Next()) {
    const auto value = view(at_->value());
    const auto size = unpacked_size(value).value_or(0);
    if (read.records.empty()) read.bytes.reserve(std::max(records_min * record_bytes_usual, size));
    else if (read.records.size() >= records_min || read.bytes.size() + size > read.bytes.capacity()) return;
    const auto start = read.bytes.size();
    read.bytes.resize(start + size); // the iterator's own copy ends with its next step
    const auto sequence = layout::sequence_in(view(at_->key()), stream_);
    if (!sequence) read.failure = fail(errc::corrupt, "stream " + stream_.value.str() + ": a key is malformed");
    else if (size == 0 || !unpack(value, read.bytes.data() + start)) read.failure = not_unpacked(stream_, *sequence);
    else if (from_ > 1 && !anchor_)
      read.failure = fail(errc::sequence_gap,
                          "stream " + stream_.value.str() + " sequence " + std::to_string(from_ - 1) + " is missing");
    if (!read.failure) walk_over(*sequence, std::string_view{read.bytes}.substr(start), read);
    if (read.failure) return;
  }
  if (!at_->status().ok())
    read.failure = layout::to_error(at_->status(), "reading stream " + stream_.value.str() + " at sequence " +
                                                     std::to_string(walk_.next()));
  read.is_last = true;
}

turn_reader::seen turn_reader::show(const chunk& read, const visitor& visit) {
  for (const auto& record : read.records)
    if (!visit(record)) return {true, {}};
  if (read.failure) return {true, *read.failure};
  return {read.is_last, {}};
}

result<void> turn_reader::visit_all(const visitor& visit) {
  chunk read;
  for (std::size_t size = 1; size < chunk_records_max; size *= 2) {
    next(size, read);
    if (auto shown = show(read, visit); shown.is_end) return shown.outcome;
  }
  return visit_ahead(visit);
}

/// The chunks are a ring: one side fills them, the other shows and frees them.
result<void> turn_reader::visit_ahead(const visitor& visit) {
  std::array<chunk, chunks_ahead> ring;
  std::counting_semaphore<chunks_ahead> free{chunks_ahead}, full{0};
  std::atomic<bool> is_done{false};
  std::jthread reading{[&] {
    for (std::size_t n = 0;; ++n) {
      free.acquire();
      if (is_done) return;
      auto& read = ring[n % chunks_ahead];
      next(chunk_records_max, read);
      const bool is_end = read.is_last || read.failure;
      full.release(); // from here on `read` is the other side's
      if (is_end) return;
    }
  }};
  const struct stop { // before the thread is joined, also when `visit` throws
    std::atomic<bool>& is_done;
    std::counting_semaphore<chunks_ahead>& free;
    ~stop() {
      is_done = true;
      free.release();
    }
  } stop_reading{is_done, free};
  for (std::size_t n = 0;; ++n) {
    full.acquire();
    if (auto shown = show(ring[n % chunks_ahead], visit); shown.is_end) return shown.outcome;
    free.release();
  }
}

} // namespace troupe::journal
