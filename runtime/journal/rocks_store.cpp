#include "runtime/journal/rocks_store.hpp"

#include "runtime/journal/packed.hpp"
#include "runtime/journal/record.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <utility>

namespace troupe::journal {

namespace {

using layout::slice;
using layout::view;

/// `shown` must live as long as what is read.
rocksdb::ReadOptions as_of(const std::shared_ptr<const rocksdb::Snapshot>& shown) {
  rocksdb::ReadOptions options;
  options.snapshot = shown.get();
  return options;
}

error unknown_table(std::string_view table) {
  return fail(errc::invalid_argument, "there is no table \"" + std::string{table} + "\"");
}

class forwarding_logger final : public rocksdb::Logger {
public:
  explicit forwarding_logger(std::function<void(std::string_view)> log)
      : Logger{rocksdb::InfoLogLevel::WARN_LEVEL}, log_{std::move(log)} {}
  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    if (!log_) return;
    std::array<char, 512> line;
    const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
    // Two journals copied at one instant nest this on purpose; why a start failed is said by its error.
    for (const auto* known : {"File Deletions", "DB::Open() failed"})
      if (std::strstr(line.data(), known)) return;
    if (length > 0) log_({line.data(), std::min(static_cast<std::size_t>(length), line.size() - 1)});
  }

private:
  std::function<void(std::string_view)> log_;
};

} // namespace

rocks_store::rocks_store(std::unique_ptr<rocksdb::DB> db, std::vector<std::string> families,
                         std::vector<rocksdb::ColumnFamilyHandle*> handles)
    : db_{std::move(db)}, families_{std::move(families)}, handles_{std::move(handles)} {
  for (std::size_t i = 0; i < families_.size(); ++i) {
    if (families_[i] == layout::turns_family) turns_ = handles_[i];
    if (families_[i] == layout::snapshots_family) snapshots_ = handles_[i];
    if (families_[i] == layout::meta_family) meta_ = handles_[i];
  }
}

rocks_store::~rocks_store() {
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
}

rocksdb::ColumnFamilyHandle* rocks_store::table(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < families_.size(); ++i) {
    std::string_view family = families_[i];
    if (family.starts_with(layout::table_prefix) && family.substr(layout::table_prefix.size()) == name)
      return handles_[i];
  }
  return nullptr;
}

std::vector<std::string> rocks_store::tables() const {
  std::vector<std::string> names;
  for (const auto& family : families_)
    if (family.starts_with(layout::table_prefix)) names.push_back(family.substr(layout::table_prefix.size()));
  return names;
}

result<void> rocks_store::read(const stream_name& stream, std::uint64_t from,
                               const std::function<bool(const record_view&)>& visit, blocks checks) const {
  const auto shown = state_shown();
  return turn_reader{*db_, turns_, shown.get(), stream, from, checks}.visit_all(visit);
}

result<std::optional<snapshot>> rocks_store::load_snapshot(const stream_name& stream, std::uint64_t at_most) const {
  if (!snapshots_) return std::optional<snapshot>{};
  const auto shown = state_shown();
  std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator(as_of(shown), snapshots_)};
  at->SeekForPrev(layout::turn_key(stream, at_most));
  if (!at->status().ok()) return layout::to_error(at->status(), "reading a snapshot of " + stream.value.str());
  if (!at->Valid()) return std::optional<snapshot>{};
  const auto place = layout::parse_turn_key(view(at->key()));
  if (!place || place->stream != stream) return std::optional<snapshot>{};
  auto state = layout::decode_snapshot(place->sequence, view(at->value()));
  if (!state) return fail(state.error().code, "stream " + stream.value.str() + ": " + state.error().message);
  return std::optional{std::move(*state)};
}

result<std::optional<snapshot>> rocks_store::load_whole_snapshot(const stream_name& stream, std::uint64_t at_most,
                                                                 const std::function<void(const error&)>& hear) const {
  auto newest = load_snapshot(stream, at_most);
  if (newest || newest.error().code != errc::corrupt) return newest;
  if (hear) hear(newest.error());
  const auto kept = snapshot_sequences(stream);
  if (!kept) return std::optional<snapshot>{};
  for (auto sequence = kept->rbegin(); sequence != kept->rend(); ++sequence)
    if (*sequence <= at_most)
      if (auto older = load_snapshot(stream, *sequence)) return older;
  return std::optional<snapshot>{};
}

result<std::optional<std::string>> rocks_store::get(std::string_view name, std::string_view key) const {
  auto* handle = table(name);
  if (!handle) return unknown_table(name);
  const auto shown = state_shown();
  std::string value;
  const auto status = db_->Get(as_of(shown), handle, slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>{};
  if (!status.ok()) return layout::to_error(status, "reading table " + std::string{name});
  return std::optional{std::move(value)};
}

result<void> rocks_store::scan(std::string_view name, std::string_view from,
                               const std::function<bool(std::string_view, std::string_view)>& visit) const {
  auto* handle = table(name);
  if (!handle) return unknown_table(name);
  const auto shown = state_shown();
  std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator(as_of(shown), handle)};
  for (at->Seek(slice(from)); at->Valid(); at->Next())
    if (!visit(view(at->key()), view(at->value()))) return {};
  if (!at->status().ok()) return layout::to_error(at->status(), "scanning table " + std::string{name});
  return {};
}

result<frontier_mark> rocks_store::last_commit() const {
  std::string value;
  const auto status = db_->Get({}, meta_, slice(layout::commit_key), &value);
  if (status.IsNotFound()) return frontier_mark{};
  if (!status.ok()) return layout::to_error(status, "reading the commit number");
  auto mark = layout::decode_commit(value);
  if (!mark) return fail(errc::corrupt, "the commit number in the meta family is malformed");
  return *mark;
}

result<std::map<stream_name, std::uint64_t>> rocks_store::epochs() const {
  std::map<stream_name, std::uint64_t> epochs;
  std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator({}, meta_)};
  for (at->Seek(slice(layout::epoch_prefix)); at->Valid(); at->Next()) {
    const auto key = view(at->key());
    if (!key.starts_with(layout::epoch_prefix)) break;
    const auto name = text<48>::make(key.substr(layout::epoch_prefix.size()));
    if (!name || at->value().size() != 8) return fail(errc::corrupt, "an epoch in the meta family is malformed");
    std::uint64_t epoch = 0;
    std::memcpy(&epoch, at->value().data(), sizeof epoch);
    epochs.emplace(stream_name{*name}, epoch);
  }
  if (!at->status().ok()) return layout::to_error(at->status(), "reading epochs");
  return epochs;
}

result<std::vector<stream_name>> rocks_store::streams() const {
  std::vector<stream_name> names;
  std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator({}, turns_)};
  for (at->SeekToFirst(); at->Valid(); at->Seek(layout::stream_end(names.back()))) {
    const auto place = layout::parse_turn_key(view(at->key()));
    if (!place) return fail(errc::corrupt, "a key in the turns family is malformed");
    names.push_back(place->stream);
  }
  if (!at->status().ok()) return layout::to_error(at->status(), "listing streams");
  return names;
}

result<std::optional<std::pair<std::uint64_t, std::string>>>
rocks_store::last_record(const stream_name& stream) const {
  using found = std::optional<std::pair<std::uint64_t, std::string>>;
  std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator({}, turns_)};
  at->SeekForPrev(layout::turn_key(stream, UINT64_MAX));
  if (!at->status().ok()) return layout::to_error(at->status(), "reading the end of stream " + stream.value.str());
  if (!at->Valid()) return found{};
  const auto place = layout::parse_turn_key(view(at->key()));
  if (!place || place->stream != stream) return found{};
  const auto records = unpacked(view(at->value()));
  auto sequence = place->sequence;
  std::string_view rest{records ? *records : std::string_view{}};
  auto last = take_record(rest);
  for (; last && !rest.empty(); ++sequence) last = take_record(rest);
  if (!last) return turn_reader::not_unpacked(stream, sequence);
  return found{std::in_place, sequence, *last};
}

result<std::vector<std::uint64_t>> rocks_store::snapshot_sequences(const stream_name& stream) const {
  std::vector<std::uint64_t> sequences;
  if (!snapshots_) return sequences;
  const auto end = layout::stream_end(stream);
  const auto bound = slice(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator(options, snapshots_)};
  for (at->Seek(layout::turn_key(stream, 0)); at->Valid(); at->Next())
    if (auto place = layout::parse_turn_key(view(at->key()))) sequences.push_back(place->sequence);
  if (!at->status().ok()) return layout::to_error(at->status(), "listing snapshots of " + stream.value.str());
  return sequences;
}

result<void> rocks_store::renew_snapshots(std::uint64_t write_buffer_bytes) {
  auto status = db_->DropColumnFamily(snapshots_);
  rocksdb::ColumnFamilyHandle* made = nullptr;
  if (status.ok())
    status = db_->CreateColumnFamily(layout::family_options(layout::snapshots_family, write_buffer_bytes), std::string{layout::snapshots_family}, &made);
  if (!status.ok()) return layout::to_error(status, "making the family of snapshots anew");
  std::ranges::replace(handles_, snapshots_, made);
  db_->DestroyColumnFamilyHandle(std::exchange(snapshots_, made)).PermitUncheckedError();
  return {};
}

result<std::unique_ptr<rocks_store>> open_read_only(const std::filesystem::path& database, bool absolute,
                                                    rocksdb::Env* env, extent opened) {
  auto options = layout::database_options(std::uint64_t{64} << 20);
  if (env) options.env = env;
  options.info_log = make_logger({});
  options.wal_recovery_mode = absolute ? rocksdb::WALRecoveryMode::kAbsoluteConsistency
                                       : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  const auto attempt = "opening " + database.string() + " for reading";
  std::vector<std::string> families;
  auto status = rocksdb::DB::ListColumnFamilies(options, database.string(), &families);
  if (!status.ok()) return layout::to_error(status, attempt);
  for (auto needed : layout::families_needed)
    if (std::ranges::find(families, needed) == families.end())
      return fail(errc::corrupt, attempt + ": it has no family \"" + std::string{needed} + "\"");
  if (opened == extent::commits) families = {rocksdb::kDefaultColumnFamilyName, std::string{layout::meta_family}};
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& family : families)
    descriptors.emplace_back(family, layout::family_options(family, std::uint64_t{64} << 20));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  status = rocksdb::DB::OpenForReadOnly(options, database.string(), descriptors, &handles, &raw);
  if (!status.ok()) return layout::to_error(status, attempt);
  return std::make_unique<rocks_store>(std::unique_ptr<rocksdb::DB>{raw}, std::move(families), std::move(handles));
}

std::shared_ptr<rocksdb::Logger> make_logger(std::function<void(std::string_view)> log) {
  return std::make_shared<forwarding_logger>(std::move(log));
}

} // namespace troupe::journal
