#include "runtime/journal/rocks_journal.hpp"

#include "runtime/core/counted.hpp"
#include "runtime/journal/file_copy.hpp"
#include "runtime/journal/posix_file.hpp"
#include "runtime/journal/rocks_writer.hpp"
#include "runtime/journal/unfinished_folder.hpp"

#include <rocksdb/utilities/checkpoint.h>

#include <array>
#include <cstdint>
#include <utility>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

error check(const rocks_options& o) {
  error violations = fail(errc::invalid_argument, "the journal's options are wrong");
  const auto require = [&](bool holds, const char* field, const char* rule) {
    if (!holds) violations.fields.push_back({field, rule});
  };
  require(!o.directory.empty(), "directory", "must be given");
  require(o.write_buffer_bytes >= (64u << 10), "write_buffer_bytes", "must be at least 65536");
  require(o.reserve_bytes == 0 || o.reserve_bytes / 4 >= o.write_buffer_bytes, "reserve_bytes",
          "must be 0 or at least 4 times write_buffer_bytes");
  require(o.frontier_interval >= nanoseconds{0}, "frontier_interval", "must not be negative");
  require(o.linger >= nanoseconds{0} && o.linger <= std::chrono::seconds{1}, "linger", "must be between 0 and 1 s");
  require(o.queue_requests_max > 0, "queue_requests_max", "must be greater than 0");
  require(o.queue_bytes_max > 0 && o.queue_bytes_max <= (std::size_t{1} << 30), "queue_bytes_max",
          "must be between 1 and 1073741824");
  for (const auto& table : o.tables)
    require(!table.empty() && table.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string::npos,
            "tables", "must be lower-case words");
  return violations;
}

struct ready_store {
  opened_store opened;
  std::shared_ptr<background_errors> background;
  renewed_snapshots snapshots;
};

/// Opens the database, and once more when its snapshots are damaged: no compaction may come upon them while they are made anew.
result<ready_store> open_with_snapshots(const rocks_options& options, rocksdb::Env* env) {
  ready_store ready;
  const auto open = [&](snapshot_tables tables) -> result<void> {
    ready.opened = {};
    ready.background = std::make_shared<background_errors>();
    auto opened = open_for_writing(options, env, ready.background, tables);
    if (!opened) return opened.error();
    ready.opened = std::move(*opened);
    return {};
  };
  if (auto opened = open(snapshot_tables::compacted); !opened) return opened.error();
  auto lists = list_snapshots(*ready.opened.store);
  if (lists) {
    ready.snapshots.kept = std::move(*lists);
    return ready;
  }
  if (lists.error().code != errc::corrupt) return lists.error();
  if (auto opened = open(snapshot_tables::left_alone); !opened) return opened.error();
  auto renewed = renew_snapshots(*ready.opened.store, options.write_buffer_bytes);
  if (!renewed) return renewed.error();
  ready.snapshots = std::move(*renewed);
  const auto& damaged = ready.snapshots.damaged;
  if (options.log)
    options.log("journal: the snapshots in " + options.directory.string() + " were damaged and are made anew; of " + counted(damaged.size(), "stream") +
                (damaged.empty() ? "" : ", the first is " + damaged.front().value.str()) + ", more turns are folded: " + lists.error().message);
  return ready;
}

} // namespace

result<std::unique_ptr<journal>> open_rocks_journal(rocks_options options) {
  if (auto violations = check(options); !violations.fields.empty()) return violations;
  if (auto whole = unfinished_folder::check_whole(options.directory); !whole) return whole.error();
  if (auto made = make_folders(options.directory); !made) return made.error();
  const space_limits limits{options.reserve_bytes, options.ballast_bytes, options.write_buffer_bytes};
  auto space = options.space ? options.space : std::make_shared<space_watch>(options.directory, limits, options.free_bytes);
  space->look();

  std::unique_ptr<rocksdb::Env> env;
  if (options.file_system) env = rocksdb::NewCompositeEnv(options.file_system);
  auto frontier = read_frontier(options.directory / layout::frontier_name);
  if (!frontier) return frontier.error();
  auto ready = open_with_snapshots(options, env.get());
  if (!ready) return ready.error();
  std::error_code ignored;
  fs::remove_all(options.directory / layout::linked_folder, ignored); // of a copy that was cut off: it keeps deleted tables alive
  auto made = std::make_unique<rocks_journal>(std::move(options), std::move(env), std::move(ready->background),
                                              std::move(ready->opened), std::move(space));
  if (auto started = made->start(*frontier, std::move(ready->snapshots)); !started) return started.error();
  return std::unique_ptr<journal>{std::move(made)};
}

result<void> rocks_journal::make_checkpoint(const fs::path& directory) {
  rocksdb::Checkpoint* raw = nullptr;
  auto status = rocksdb::Checkpoint::Create(&store_->db(), &raw);
  std::unique_ptr<rocksdb::Checkpoint> maker{raw};
  // The log is copied as it is: flushing it first would hold the writer for longer.
  if (status.ok()) status = maker->CreateCheckpoint((directory / layout::database_folder).string(), UINT64_MAX);
  if (!status.ok()) return layout::to_error(status, "checkpoint to " + directory.string());
  return {};
}

namespace {

/// Whether the journal's files can be had in `target` without copying them. Tried out, for neither the same device nor the
/// same disk says so.
bool can_link(const fs::path& directory, const fs::path& target) {
  std::error_code failed;
  fs::create_hard_link(directory / layout::database_folder / "LOCK", target / "probe", failed);
  if (failed) return false;
  fs::remove(target / "probe", failed);
  return true;
}

/// One order on its way. What was linked beside the journal goes with the object.
class copy_in_work {
public:
  copy_in_work(rocks_journal& from, const fs::path& target) : journal_{&from}, target_{target} {}
  copy_in_work(copy_in_work&& other) noexcept
      : journal_{other.journal_}, target_{std::move(other.target_)}, linked_{std::exchange(other.linked_, {})} {}
  ~copy_in_work() { clear(); }

  result<void> prepare() {
    if (auto made = make_folders(target_); !made) return made;
    if (can_link(journal_->directory(), target_)) return {};
    linked_ = journal_->directory() / layout::linked_folder;
    clear(); // of a copy that was cut off
    return make_folders(linked_);
  }

  /// With the writes held.
  result<void> link() { return journal_->make_checkpoint(linked_.empty() ? target_ : linked_); }

  /// Carries what was linked over, and gives the copy the frontier that belongs to it.
  result<void> finish(const std::function<bool()>& is_given_up) {
    if (!linked_.empty()) {
      journal_->note("journal: copying to another file system, to " + target_.string());
      auto copied = copy_database(linked_ / layout::database_folder, target_ / layout::database_folder, is_given_up);
      if (!copied) return copied;
    }
    // Of the tables a running node opens no more than it must: the logs are read and checked whole all the same.
    auto copy = open_read_only(target_ / layout::database_folder, true, nullptr, extent::commits);
    if (!copy) return copy.error();
    auto last = (*copy)->last_commit();
    if (!last) return last.error();
    auto file = frontier_file::create(target_ / layout::frontier_name, *last);
    if (!file) return file.error();
    return sync_directory(fs::absolute(target_).parent_path());
  }

private:
  void clear() noexcept {
    std::error_code ignored;
    if (!linked_.empty()) fs::remove_all(linked_, ignored);
  }

  rocks_journal* journal_;
  fs::path target_;
  fs::path linked_; // empty: the target itself
};

} // namespace

result<void> checkpoint(std::span<const copy_order> orders, const std::function<bool()>& is_given_up) {
  std::vector<rocks_journal*> journals;
  for (const auto& [running, directory] : orders) {
    journals.push_back(dynamic_cast<rocks_journal*>(running));
    if (!journals.back()) return fail(errc::unsupported, "only the durable journal can be copied");
    std::error_code failed;
    if (fs::exists(directory, failed))
      return fail(errc::not_empty, directory.string() + " exists; a checkpoint makes its own folder");
  }
  std::vector<std::unique_lock<std::mutex>> alone;
  for (auto* j : journals) alone.push_back(j->hold_copies());
  std::vector<copy_in_work> copies;
  for (std::size_t i = 0; i < journals.size(); ++i) {
    copies.emplace_back(*journals[i], orders[i].directory);
    if (auto prepared = copies.back().prepare(); !prepared) return prepared;
  }
  {
    std::vector<std::unique_lock<std::mutex>> held;
    for (auto* j : journals) held.push_back(j->hold_writes());
    for (auto& copy : copies)
      if (auto linked = copy.link(); !linked) return linked;
  }
  for (auto* j : journals) // a log that was linked may have an end that is not on the disk yet
    if (auto synced = j->flush(); !synced) return synced;
  for (auto& copy : copies)
    if (auto finished = copy.finish(is_given_up); !finished) return finished;
  return {};
}

result<void> checkpoint(journal& running, const fs::path& directory) {
  const copy_order one{&running, directory};
  return checkpoint(std::span{&one, 1});
}

std::span<const std::string_view> crash_points() noexcept {
  static constexpr std::array<std::string_view, 6> points{
    "journal.batch_built", "journal.wal_written",    "journal.wal_synced",
    "journal.committed",   "journal.frontier_named", "journal.answered"};
  return points;
}

} // namespace troupe::journal
