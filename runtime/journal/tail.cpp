#include "runtime/journal/look.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/scratch_folder.hpp"
#include "runtime/journal/tool.hpp"

#include <rocksdb/env.h>

#include <chrono>
#include <thread>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

/// A follower reads manifest, logs and tables one after the other while the node replaces them, so what it sees may have
/// a hole that its next look closes. A hole that stays is damage.
constexpr int looks_at_a_hole = 50;
constexpr std::chrono::milliseconds pause_at_a_hole{5};

result<std::unique_ptr<rocks_store>> open_follower(const fs::path& directory, const std::string& scratch) {
  constexpr std::uint64_t write_buffer = std::uint64_t{64} << 20;
  const auto database = (directory / layout::database_folder).string();
  auto options = layout::database_options(write_buffer);
  options.info_log = make_logger({});
  std::vector<std::string> families;
  auto status = rocksdb::DB::ListColumnFamilies(options, database, &families);
  if (!status.ok()) return layout::to_error(status, "following " + database);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& family : families)
    descriptors.emplace_back(family, layout::family_options(family, write_buffer));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  status = rocksdb::DB::OpenAsSecondary(options, database, scratch, descriptors, &handles, &raw);
  if (!status.ok()) return layout::to_error(status, "following " + database);
  return std::make_unique<rocks_store>(std::unique_ptr<rocksdb::DB>{raw}, std::move(families), std::move(handles));
}

/// The first opening may meet the same races.
result<std::unique_ptr<rocks_store>> open_follower_patiently(const fs::path& directory, const std::string& scratch) {
  for (int i = 1;; ++i) {
    auto store = open_follower(directory, scratch);
    if (store || i == looks_at_a_hole) return store;
    std::this_thread::sleep_for(pause_at_a_hole);
  }
}

result<void> catch_up(rocks_store& store, const fs::path& directory) {
  if (auto status = store.db().TryCatchUpWithPrimary(); !status.ok())
    return layout::to_error(status, "following " + directory.string());
  return {};
}

/// Of a running node what is durable is shown, which is what the frontier names; of a stopped one everything that lies there,
/// as `look` does. False when the caller stops waiting.
result<bool> wait_until_durable(const rocks_store& store, const fs::path& directory,
                                const std::function<bool()>& wait_for_more) {
  auto last = store.last_commit();
  if (!last) return last.error();
  for (;;) {
    auto frontier = read_frontier(directory / layout::frontier_name);
    if (!frontier) return frontier.error();
    if (!*frontier || (*frontier)->commit >= last->commit || !is_in_use(directory)) return true;
    if (!wait_for_more()) return false;
  }
}

} // namespace

result<void> tail(const fs::path& directory, const stream_name& stream, std::uint64_t from,
                  const std::function<bool(const record_view&)>& visit, const std::function<bool()>& wait_for_more) {
  if (!wait_for_more) {
    auto seen = look(directory);
    if (!seen) return seen.error();
    return seen->database.store->read(stream, from, visit);
  }
  scratch_folder scratch; // RocksDB wants one for a follower, though nothing is kept in it
  if (!scratch) return fail(errc::io_error, "no temporary folder can be made");
  auto store = open_follower_patiently(directory, scratch.path().string());
  if (!store) return store.error();
  std::uint64_t next = from == 0 ? 1 : from;
  int failures = 0;
  for (;;) {
    auto durable = wait_until_durable(**store, directory, wait_for_more);
    if (!durable) return durable.error();
    if (!*durable) return {};
    bool wants_more = true;
    auto read = (*store)->read(stream, next, [&](const record_view& record) {
      next = record.header.sequence + 1;
      return wants_more = visit(record);
    });
    if (read && (!wants_more || !wait_for_more())) return {};
    auto caught_up = catch_up(**store, directory);
    failures = read && caught_up ? 0 : failures + 1;
    if (failures == looks_at_a_hole) return read ? caught_up : read;
    if (failures > 0) std::this_thread::sleep_for(pause_at_a_hole);
  }
}

} // namespace troupe::journal
