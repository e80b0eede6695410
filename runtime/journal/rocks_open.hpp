#pragma once
// How a database is opened: looked at read-only first, compared with its frontier, and only then opened for
// writing. Private to this folder (it includes RocksDB). Runs on the opener's thread.

#include "runtime/journal/rocks_journal.hpp"
#include "runtime/journal/rocks_store.hpp"

namespace troupe::journal {

struct opened_store {
  std::unique_ptr<rocks_store> store;
  frontier_mark last; // the last commit in it
};

/// Whether RocksDB may write its tables of snapshots anew by itself: not while one of them is known to be damaged.
enum class snapshot_tables : std::uint8_t { compacted, left_alone };

/// `env` and `listener` outlive the store. Errors: corrupt (nothing was changed, unless somebody else changed it meanwhile), io_error.
[[nodiscard]] result<opened_store> open_for_writing(const rocks_options& options, rocksdb::Env* env,
                                                    std::shared_ptr<rocksdb::EventListener> listener,
                                                    snapshot_tables snapshots = snapshot_tables::compacted);

/// What a look without a trace says about a folder.
struct inspected_store {
  std::unique_ptr<rocks_store> store;
  frontier_mark last;
  bool torn = false; // the newest log ends in an unfinished write
};

/// Opens `folder`/db read-only, strictly first, and compares with `frontier`. Errors: corrupt, naming stream,
/// sequence and file, when the database ends before it.
[[nodiscard]] result<inspected_store> inspect(const std::filesystem::path& folder,
                                              const std::optional<frontier_mark>& frontier, rocksdb::Env* env,
                                              extent opened = extent::whole);

} // namespace troupe::journal
