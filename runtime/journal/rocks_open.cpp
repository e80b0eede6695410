#include "runtime/journal/rocks_open.hpp"

#include "runtime/journal/database_lock.hpp"

#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <algorithm>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

std::string describe(const frontier_mark& mark) {
  std::string text = "commit " + std::to_string(mark.commit);
  if (mark.sequence > 0)
    text += " (stream " + mark.stream.value.str() + " sequence " + std::to_string(mark.sequence) + ")";
  return text;
}

std::vector<std::string> logs_in(const fs::path& database) {
  std::vector<std::string> logs;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{database, ignored})
    if (entry.path().extension() == ".log") logs.push_back(entry.path().string());
  std::ranges::sort(logs);
  return logs;
}

/// Where to look: a short end is in the log that recovery reads last, damage in any of them (RocksDB does not say which).
std::string suspect(const fs::path& database, const std::string& complaint) {
  const auto logs = logs_in(database);
  if (logs.empty()) return database.string() + " (no log file) is short or missing";
  if (complaint.empty()) return logs.back() + " is short or missing";
  std::string names;
  for (std::size_t i = 0; i < logs.size(); ++i) names += (i ? " or " : "") + logs[i];
  return names + " is damaged (" + complaint + ")";
}

/// True when creation was cut off before all families existed; then nothing was ever committed.
bool is_unfinished(const fs::path& database, rocksdb::Env* env) {
  rocksdb::DBOptions options;
  if (env) options.env = env;
  options.info_log = make_logger({});
  std::vector<std::string> families;
  if (!rocksdb::DB::ListColumnFamilies(options, database.string(), &families).ok()) return false;
  for (auto needed : layout::families_needed)
    if (std::ranges::find(families, needed) == families.end()) return true;
  return false;
}

/// Until the database was opened, and so locked, another node may have run in the folder: what is open now is compared once more.
result<void> reaches(const frontier_mark& opened, const frontier_mark& inspected, const fs::path& folder) {
  auto frontier = read_frontier(folder / layout::frontier_name);
  if (!frontier) return frontier.error();
  const auto& needed = *frontier && (*frontier)->commit > inspected.commit ? **frontier : inspected;
  if (opened.commit >= needed.commit) return {};
  return fail(errc::corrupt, "the journal was opened up to " + describe(opened) + " but " + describe(needed) + " had been seen in " +
                               folder.string() + "; restore a backup");
}

std::vector<std::string> families_for(const rocks_options& options, const rocksdb::DBOptions& db_options,
                                      const std::string& database) {
  std::vector<std::string> families;
  if (!rocksdb::DB::ListColumnFamilies(db_options, database, &families).ok()) families = {"default"};
  const auto add = [&](std::string name) {
    if (std::ranges::find(families, name) == families.end()) families.push_back(std::move(name));
  };
  for (auto needed : {layout::turns_family, layout::snapshots_family, layout::meta_family}) add(std::string{needed});
  for (const auto& table : options.tables) add(std::string{layout::table_prefix} + table);
  return families;
}

} // namespace

result<inspected_store> inspect(const fs::path& folder, const std::optional<frontier_mark>& frontier,
                                rocksdb::Env* env, extent opened) {
  const auto database = folder / layout::database_folder;
  inspected_store found;
  auto strict = open_read_only(database, true, env, opened);
  std::string complaint;
  if (strict) {
    found.store = std::move(*strict);
  } else if (strict.error().code == errc::corrupt) {
    complaint = strict.error().message;
    auto lenient = open_read_only(database, false, env, opened);
    if (!lenient) return lenient.error();
    found.store = std::move(*lenient);
    found.torn = true;
  } else {
    return strict.error();
  }
  auto last = found.store->last_commit();
  if (!last) return last.error();
  found.last = *last;
  if (frontier && found.last.commit < frontier->commit)
    return fail(errc::corrupt, "the journal ends at " + describe(found.last) + " but " + describe(*frontier) +
                                 " was durable: " + suspect(database, complaint) + "; restore a backup or the file");
  return found;
}

result<opened_store> open_for_writing(const rocks_options& options, rocksdb::Env* env,
                                      std::shared_ptr<rocksdb::EventListener> listener, snapshot_tables snapshots) {
  const auto database = options.directory / layout::database_folder;
  const bool exists = fs::exists(database / "CURRENT");
  auto frontier = read_frontier(options.directory / layout::frontier_name);
  if (!frontier) return frontier.error();
  if (!exists && *frontier && (*frontier)->commit > 0)
    return fail(errc::corrupt, "the frontier names " + describe(**frontier) + " but there is no database in " +
                                 database.string());
  bool torn = false;
  frontier_mark inspected;
  if (exists && !(!*frontier && is_unfinished(database, env))) {
    auto seen = inspect(options.directory, *frontier, env, extent::commits); // the opening behind it reads the rest
    if (!seen) return seen.error();
    if (!*frontier && seen->last.commit > 0 && !options.accept_missing_frontier)
      return fail(errc::corrupt, "the database holds " + describe(seen->last) + " but " +
                                   (options.directory / layout::frontier_name).string() +
                                   " is missing, so that nobody can say whether it ends early; restore a backup, or start "
                                   "with --accept-missing-frontier if nothing after the last commit can matter");
    torn = seen->torn;
    inspected = seen->last;
    if (torn && options.log)
      options.log("journal: the newest log ended in an unfinished write, which was never acknowledged; dropped it "
                  "behind " +
                  describe(seen->last));
  }

  auto db_options = layout::database_options(options.write_buffer_bytes);
  if (env) db_options.env = env;
  db_options.max_open_files = static_cast<int>(open_files_max) - 128; // tables; the rest is for logs and what a compaction writes
  db_options.create_if_missing = true;
  db_options.create_missing_column_families = true;
  db_options.listeners.push_back(std::move(listener));
  db_options.wal_recovery_mode = torn ? rocksdb::WALRecoveryMode::kPointInTimeRecovery
                                      : rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  // What lies in the logs of earlier lives may be in the page cache only, and nothing syncs or guards those logs again. So it
  // all becomes tables, synced before anything is built on it, and those logs go.
  db_options.avoid_flush_during_recovery = false;
  db_options.info_log = make_logger(options.log);
  std::error_code ignored; // RocksDB makes the folder too, but warns that it was not there
  fs::create_directories(database, ignored);
  const auto families = families_for(options, db_options, database.string());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& family : families) {
    descriptors.emplace_back(family, layout::family_options(family, options.write_buffer_bytes));
    if (family == layout::snapshots_family) descriptors.back().options.disable_auto_compactions = snapshots == snapshot_tables::left_alone;
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  const auto status = rocksdb::DB::Open(db_options, database.string(), descriptors, &handles, &raw);
  if (says_in_use(status))
    return fail(errc::unavailable, "another node runs on " + options.directory.string() + "; stop it or use another folder");
  if (says_not_writable(status))
    return fail(errc::io_error, "the journal in " + options.directory.string() + " cannot be written: " + system_words(status) + "; nothing was changed");
  if (!status.ok()) return layout::to_error(status, "opening the journal in " + database.string());
  std::unique_ptr<rocksdb::DB> db{raw};
  opened_store opened{std::make_unique<rocks_store>(std::move(db), families, std::move(handles)), {}};
  auto last = opened.store->last_commit();
  if (!last) return last.error();
  opened.last = *last;
  if (auto whole = reaches(opened.last, inspected, options.directory); !whole) return whole.error();
  return opened;
}

} // namespace troupe::journal
