#include "runtime/journal/commit_batch.hpp"

#include "runtime/core/assert.hpp"
#include "runtime/journal/bytes.hpp"

#include <algorithm>

namespace troupe::journal {

namespace {

using layout::slice;

/// Records that come together lie in one value: a key for each would cost more than they do. Bounded, because who wants one of them unpacks all.
constexpr std::size_t run_bytes_max = 32 << 10;

using records = std::span<const std::string>;

/// The first records of `all` that fit one value, at least one.
records first_run(records all) {
  std::size_t bytes = all.front().size(), count = 1;
  while (count < all.size() && (bytes += all[count].size()) <= run_bytes_max) ++count;
  return all.first(count);
}

/// Putting into a batch in memory fails only when a size limit of RocksDB is passed, which the queue's bounds
/// exclude.
void must(const rocksdb::Status& status) { TROUPE_ASSERT(status.ok(), "a bounded batch takes every put"); }

} // namespace

void commit_batch::clear() {
  writes_.Clear();
  turns_ = 0;
  changes_ = 0;
}

result<std::uint64_t> commit_batch::add(append_request& request) {
  auto admitted = streams_.admit(request);
  if (!admitted) return admitted.error();
  auto& state = **admitted;
  if (request.is_copy) put_epoch(request.stream, state.epoch);
  if (!request.records.empty()) {
    layout::turn_key(request.stream, request.first_sequence, key_);
    char* const sequence_place = key_.data() + key_.size() - sizeof(std::uint64_t);
    for (records rest{request.records}; !rest.empty();) {
      const auto run = first_run(rest);
      put(sequence_place, __builtin_bswap64(state.sequence + 1));
      must(writes_.Put(store_.turns(), slice(key_), slice(packer_.pack(joined(run)))));
      state.sequence += run.size();
      rest = rest.subspan(run.size());
    }
    state.last_record = std::move(request.records.back());
    last_.stream = request.stream;
    last_.sequence = state.sequence;
    turns_ += request.records.size();
  }
  for (const auto& side : request.side)
    must(writes_.Put(store_.table(side.table), slice(side.key), slice(side.value)));
  if (request.state) add_snapshot(request.stream, state, *request.state);
  changes_ += request.records.size() + request.side.size() + (request.state ? 1 : 0);
  return state.sequence;
}

/// A view into `run_`, good until the next call, or the only record itself.
std::string_view commit_batch::joined(std::span<const std::string> run) {
  if (run.size() == 1) return run.front();
  run_.clear();
  for (const auto& record : run) run_ += record;
  return run_;
}

void commit_batch::add_snapshot(const stream_name& stream, stream_state& state, const snapshot& taken) {
  must(writes_.Put(store_.snapshots(), layout::turn_key(stream, taken.sequence), layout::encode_snapshot(taken)));
  auto& kept = state.snapshots;
  const auto place = std::ranges::lower_bound(kept, taken.sequence);
  if (place == kept.end() || *place != taken.sequence) kept.insert(place, taken.sequence);
  while (kept.size() > snapshots_kept) {
    must(writes_.Delete(store_.snapshots(), layout::turn_key(stream, kept.front())));
    kept.erase(kept.begin());
  }
}

stream_head commit_batch::raise_epoch(const stream_name& stream) {
  auto& state = streams_.at(stream);
  put_epoch(stream, ++state.epoch);
  return head_of(stream, state);
}

void commit_batch::put_epoch(const stream_name& stream, std::uint64_t epoch) {
  std::string value;
  append(value, epoch);
  must(writes_.Put(store_.meta(), std::string{layout::epoch_prefix} + stream.value.str(), value));
  ++changes_;
}

void commit_batch::seal() {
  ++last_.commit;
  must(writes_.Put(store_.meta(), slice(layout::commit_key), layout::encode_commit(last_)));
}

} // namespace troupe::journal
