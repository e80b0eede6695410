#pragma once
// An open database with its families, and everything that can be read from it; the journal and the tools
// share it. Private to this folder (it includes RocksDB). Reading is safe from any thread.

#include "runtime/journal/layout.hpp"
#include "runtime/journal/turn_reader.hpp"

#include <rocksdb/db.h>

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace troupe::journal {

class rocks_store {
public:
  /// Takes over an open database. `handles` are in the order of `families`.
  rocks_store(std::unique_ptr<rocksdb::DB> db, std::vector<std::string> families,
              std::vector<rocksdb::ColumnFamilyHandle*> handles);
  ~rocks_store();
  rocks_store(const rocks_store&) = delete;
  rocks_store& operator=(const rocks_store&) = delete;

  [[nodiscard]] rocksdb::DB& db() noexcept { return *db_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* turns() const noexcept { return turns_; }
  /// Null when it was opened for reading and has none: a start that made them anew was cut off.
  [[nodiscard]] rocksdb::ColumnFamilyHandle* snapshots() const noexcept { return snapshots_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* meta() const noexcept { return meta_; }
  /// Null when there is no such table.
  [[nodiscard]] rocksdb::ColumnFamilyHandle* table(std::string_view name) const noexcept;
  [[nodiscard]] const std::vector<rocksdb::ColumnFamilyHandle*>& handles() const noexcept { return handles_; }
  [[nodiscard]] std::vector<std::string> tables() const;

  /// As in `journal`; errors name stream and sequence.
  [[nodiscard]] result<void> read(const stream_name& stream, std::uint64_t from,
                                  const std::function<bool(const record_view&)>& visit,
                                  blocks checks = blocks::trusted) const;
  [[nodiscard]] result<std::optional<snapshot>> load_snapshot(const stream_name& stream, std::uint64_t at_most) const;
  /// The same, but what is damaged is passed by, which `hear` is told: the one before it, or nothing, and the turns say the rest.
  [[nodiscard]] result<std::optional<snapshot>> load_whole_snapshot(const stream_name& stream, std::uint64_t at_most,
                                                                    const std::function<void(const error&)>& hear) const;
  [[nodiscard]] result<std::optional<std::string>> get(std::string_view table, std::string_view key) const;
  [[nodiscard]] result<void> scan(std::string_view table, std::string_view from,
                                  const std::function<bool(std::string_view, std::string_view)>& visit) const;

  /// From now on turns, snapshots and tables are read as they were at `state`; null: as they are.
  void show(std::shared_ptr<const rocksdb::Snapshot> state) noexcept {
    std::lock_guard guard{shown_mutex_};
    shown_.swap(state);
  }

  /// The last commit in the database; zero for an empty one. Errors: corrupt, io_error.
  [[nodiscard]] result<frontier_mark> last_commit() const;
  /// Every stream that was ever opened with its epoch, ordered by name.
  [[nodiscard]] result<std::map<stream_name, std::uint64_t>> epochs() const;
  /// Every stream that has a turn, ordered by name, opened or not.
  [[nodiscard]] result<std::vector<stream_name>> streams() const;
  /// The newest record's sequence and bytes; nothing for a stream without records.
  [[nodiscard]] result<std::optional<std::pair<std::uint64_t, std::string>>>
  last_record(const stream_name& stream) const;
  /// Ascending.
  [[nodiscard]] result<std::vector<std::uint64_t>> snapshot_sequences(const stream_name& stream) const;

  /// Puts an empty family in the place of the snapshots'. Nobody else may use the store meanwhile. Errors: io_error.
  [[nodiscard]] result<void> renew_snapshots(std::uint64_t write_buffer_bytes);

private:
  [[nodiscard]] std::shared_ptr<const rocksdb::Snapshot> state_shown() const {
    std::lock_guard guard{shown_mutex_};
    return shown_;
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<std::string> families_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  rocksdb::ColumnFamilyHandle* turns_ = nullptr;
  rocksdb::ColumnFamilyHandle* snapshots_ = nullptr;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  mutable std::mutex shown_mutex_; // held for a copy only; an atomic of libstdc++ 12 would have a race: its load unlocks with relaxed order
  std::shared_ptr<const rocksdb::Snapshot> shown_;
};

/// What of a database is opened: everything, or only what says how far it goes. The logs are read and checked whole either way.
enum class extent : std::uint8_t { whole, commits };

/// Opens what lies in `database` without writing anything there. With `absolute` a torn log is a corruption,
/// else the database ends before it. Families that must exist but do not are reported as corrupt.
[[nodiscard]] result<std::unique_ptr<rocks_store>> open_read_only(const std::filesystem::path& database, bool absolute,
                                                                  rocksdb::Env* env = nullptr, extent opened = extent::whole);

/// A logger that keeps RocksDB from writing its own log into the folder; warnings go to `log` when given.
[[nodiscard]] std::shared_ptr<rocksdb::Logger> make_logger(std::function<void(std::string_view)> log);

} // namespace troupe::journal
