#include "runtime/journal/snapshot_family.hpp"

#include <utility>

namespace troupe::journal {

namespace {

/// A snapshot as it lies in the database: key and value.
using raw_snapshot = std::pair<std::string, std::string>;

error in_snapshots(const rocksdb::Status& status) { return layout::to_error(status, "reading the snapshots"); }

struct readable {
  std::optional<raw_snapshot> newest;
  bool is_all = true; // behind it is none that cannot be read
};

/// What can be read of one stream's. Errors: io_error.
result<readable> readable_of(rocks_store& store, const stream_name& stream) {
  readable of;
  const auto end = layout::stream_end(stream);
  const auto bound = layout::slice(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  std::unique_ptr<rocksdb::Iterator> at{store.db().NewIterator(options, store.snapshots())};
  for (at->Seek(layout::turn_key(stream, 0)); at->Valid(); at->Next()) of.newest.emplace(at->key().ToString(), at->value().ToString());
  of.is_all = at->status().ok();
  if (!of.is_all && !at->status().IsCorruption()) return in_snapshots(at->status());
  return of;
}

/// Without its snapshots a stream is folded from its first turn, which must be there.
result<void> begins_with_its_first(const rocks_store& store, const stream_name& stream) {
  const auto read = store.read(stream, 1, [](const record_view&) { return false; });
  if (read) return {};
  return fail(read.error().code == errc::io_error ? errc::io_error : errc::corrupt,
              "the snapshots of stream " + stream.value.str() + " are damaged, and without them it cannot be folded: " + read.error().message + "; restore a backup");
}

} // namespace

result<snapshot_lists> list_snapshots(rocks_store& store) {
  snapshot_lists all;
  std::unique_ptr<rocksdb::Iterator> at{store.db().NewIterator({}, store.snapshots())};
  for (at->SeekToFirst(); at->Valid(); at->Next())
    if (const auto place = layout::parse_turn_key(layout::view(at->key()))) all[place->stream].push_back(place->sequence);
  if (!at->status().ok()) return in_snapshots(at->status());
  return all;
}

result<renewed_snapshots> renew_snapshots(rocks_store& store, std::uint64_t write_buffer_bytes) {
  auto streams = store.streams();
  if (!streams) return streams.error();
  renewed_snapshots renewed;
  std::vector<raw_snapshot> saved;
  for (const auto& stream : *streams) {
    auto of = readable_of(store, stream);
    if (!of) return of.error();
    if (!of->is_all) renewed.damaged.push_back(stream);
    if (of->newest) {
      if (const auto place = layout::parse_turn_key(of->newest->first)) renewed.kept[stream] = {place->sequence};
      saved.push_back(std::move(*of->newest));
    } else if (!of->is_all) {
      if (auto whole = begins_with_its_first(store, stream); !whole) return whole.error();
    }
  }
  if (auto made = store.renew_snapshots(write_buffer_bytes); !made) return made.error();
  rocksdb::WriteOptions durably;
  durably.sync = true;
  for (const auto& [key, value] : saved)
    if (const auto put = store.db().Put(durably, store.snapshots(), key, value); !put.ok()) return layout::to_error(put, "writing the snapshots anew");
  return renewed;
}

} // namespace troupe::journal
