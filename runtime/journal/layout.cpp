#include "runtime/journal/layout.hpp"

#include "runtime/journal/bytes.hpp"

#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

namespace troupe::journal::layout {

namespace {

constexpr std::size_t sequence_bytes = 8;
constexpr std::uint8_t snapshot_version = 1;
constexpr char separator = '\x1f';

/// Everything before the sequence: turns of one stream come in order, so the memtable may insert behind the
/// last one.
class stream_prefix final : public rocksdb::SliceTransform {
public:
  const char* Name() const override { return "troupe.stream"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() - sequence_bytes};
  }
  bool InDomain(const rocksdb::Slice& key) const override { return key.size() > sequence_bytes; }
};

/// Of a big-endian number its first byte, within which it only grows; of a text everything up to its last separator, behind which
/// most clients count. So the memtable looks for a row's place where the last one with the same beginning went.
class row_prefix final : public rocksdb::SliceTransform {
public:
  const char* Name() const override { return "troupe.row"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() == sequence_bytes ? 1 : last_separator(key) + 1};
  }
  bool InDomain(const rocksdb::Slice& key) const override {
    return key.size() == sequence_bytes || last_separator(key) != std::string_view::npos;
  }

private:
  static std::size_t last_separator(const rocksdb::Slice& key) { return std::string_view{key.data(), key.size()}.rfind(separator); }
};

std::uint64_t sequence_of(std::string_view turn_key) noexcept {
  return __builtin_bswap64(get<std::uint64_t>(turn_key.data() + turn_key.size() - sequence_bytes));
}

std::uint32_t snapshot_checksum(std::string_view value) {
  return crc32c(value.substr(sizeof snapshot_version + sizeof(std::uint32_t)));
}

} // namespace

void turn_key(const stream_name& stream, std::uint64_t sequence, std::string& out) {
  out.assign(stream.value.view());
  out += '\0';
  append(out, __builtin_bswap64(sequence));
}

std::optional<turn_place> parse_turn_key(std::string_view key) {
  if (key.size() <= sequence_bytes || key[key.size() - sequence_bytes - 1] != '\0') return std::nullopt;
  auto name = text<48>::make(key.substr(0, key.size() - sequence_bytes - 1));
  if (!name) return std::nullopt;
  return turn_place{{*name}, sequence_of(key)};
}

std::optional<std::uint64_t> sequence_in(std::string_view key, const stream_name& stream) noexcept {
  const auto name = stream.value.view();
  if (key.size() != name.size() + 1 + sequence_bytes || !key.starts_with(name) || key[name.size()] != '\0') return std::nullopt;
  return sequence_of(key);
}

std::string stream_end(const stream_name& stream) { return stream.value.str() + '\x01'; }

std::string encode_commit(const frontier_mark& mark) {
  std::string value;
  append(value, mark.commit);
  append(value, mark.sequence);
  append(value, mark.stream.value.length);
  value += mark.stream.value.view();
  return value;
}

std::optional<frontier_mark> decode_commit(std::string_view value) {
  byte_reader in{value};
  frontier_mark mark;
  mark.commit = in.number<std::uint64_t>();
  mark.sequence = in.number<std::uint64_t>();
  auto name = text<48>::make(in.view(in.number<std::uint8_t>()));
  if (!in.ok() || !in.rest().empty() || !name) return std::nullopt;
  mark.stream.value = *name;
  return mark;
}

std::string encode_snapshot(const snapshot& state) {
  std::string value;
  value.reserve(64 + state.state.size());
  append(value, snapshot_version);
  append(value, std::uint32_t{0}); // the checksum's place
  append(value, state.schema);
  value.append(reinterpret_cast<const char*>(state.chain.bytes.data()), state.chain.bytes.size());
  value += state.state;
  put(value.data() + sizeof snapshot_version, snapshot_checksum(value));
  return value;
}

result<snapshot> decode_snapshot(std::uint64_t sequence, std::string_view value) {
  byte_reader in{value};
  const auto version = in.number<std::uint8_t>();
  const auto checksum = in.number<std::uint32_t>();
  snapshot state;
  state.sequence = sequence;
  state.schema = in.number<std::uint32_t>();
  const auto chain = in.view(state.chain.bytes.size());
  if (!in.ok() || version != snapshot_version || checksum != snapshot_checksum(value))
    return fail(errc::corrupt, "snapshot at sequence " + std::to_string(sequence) + ": its checksum does not match");
  std::memcpy(state.chain.bytes.data(), chain.data(), chain.size());
  state.state = in.rest();
  return state;
}

rocksdb::DBOptions database_options(std::uint64_t write_buffer_bytes) {
  rocksdb::DBOptions o;
  o.paranoid_checks = true;
  o.max_background_jobs = 2;
  o.allow_concurrent_memtable_write = false; // one writer; and the insert hint needs it
  o.enable_write_thread_adaptive_yield = false;
  o.stats_dump_period_sec = 0;
  o.stats_persist_period_sec = 0;
  o.bytes_per_sync = 256 << 10;   // tables reach the disk bit by bit, not all at once in front of a log's sync,
  o.strict_bytes_per_sync = true; // which waits in ext4 for whatever of them is still on its way
  o.max_bgerror_resume_count = 0; // the first error ends it
  o.track_and_verify_wals_in_manifest = true;
  o.max_total_wal_size = write_buffer_bytes; // then all is written out: a start replays little more, and half as much is a third of a second
  o.keep_log_file_num = 1;
  return o;
}

rocksdb::ColumnFamilyOptions family_options(std::string_view family, std::uint64_t write_buffer_bytes) {
  rocksdb::ColumnFamilyOptions o;
  o.write_buffer_size = write_buffer_bytes;
  o.max_write_buffer_number = 4;
  // Kept small, so that a running compaction never needs more than a part of the space reserve.
  o.target_file_size_base = write_buffer_bytes;
  o.level0_file_num_compaction_trigger = 8; // turns come in order and are hardly read again: fewer rewrites of them
  o.max_bytes_for_level_base = 4 * write_buffer_bytes;
  o.max_compaction_bytes = 8 * write_buffer_bytes;
  o.level_compaction_dynamic_level_bytes = true;
  // Slowing writers down would hold back acknowledgements for the sake of readers that do not wait.
  o.level0_slowdown_writes_trigger = 48;
  o.level0_stop_writes_trigger = 96;
  o.soft_pending_compaction_bytes_limit = 0;
  o.hard_pending_compaction_bytes_limit = 0;
  o.compression = rocksdb::kNoCompression;
  if (family == turns_family) o.memtable_insert_with_hint_prefix_extractor = std::make_shared<stream_prefix>();
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 16 << 10;
  if (family.starts_with(table_prefix)) {
    // Nearly every look-up is for a key that is not there (is this client id new?): filters answer without a search.
    o.memtable_insert_with_hint_prefix_extractor = std::make_shared<row_prefix>();
    o.memtable_whole_key_filtering = true;
    o.memtable_prefix_bloom_size_ratio = 0.05;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  }
  o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return o;
}

error to_error(const rocksdb::Status& status, std::string_view attempt) {
  return fail(status.IsCorruption() ? errc::corrupt : errc::io_error,
              std::string{attempt} + ": " + status.ToString());
}

} // namespace troupe::journal::layout
