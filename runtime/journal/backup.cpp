#include "runtime/journal/database_lock.hpp"
#include "runtime/journal/file_copy.hpp"
#include "runtime/journal/layout.hpp"
#include "runtime/journal/posix_file.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "runtime/journal/tool.hpp"

#include <vector>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

/// Copies database and frontier and syncs every file. The frontier comes last: a copy that was cut off does
/// not open.
result<void> copy_journal(const fs::path& from, const fs::path& to) {
  if (auto copied = copy_database(from / layout::database_folder, to / layout::database_folder); !copied) return copied;
  if (auto copied = copy_durably(from / layout::frontier_name, to / layout::frontier_name); !copied) return copied;
  return sync_directory(to);
}

result<void> require_empty(const fs::path& target) {
  std::error_code missing;
  if (!fs::exists(target, missing)) return {};
  if (!fs::is_directory(target, missing) || !fs::is_empty(target, missing))
    return fail(errc::not_empty, target.string() + " is not empty; nothing was copied");
  return {};
}

result<verify_report> verified(const fs::path& directory) {
  auto report = verify(directory);
  if (report && report->is_clean()) return report;
  auto why = report ? report->findings.front() : report.error();
  if (why.message.find(directory.string()) == std::string::npos) why.message = directory.string() + ": " + why.message;
  return why;
}

/// What can be said before anything is locked; looking at a database from inside the process that has locked it drops the lock (POSIX).
result<void> can_be_copied(const stopped_copy& copy) {
  if (!holds_journal(copy.stopped)) return fail(errc::not_found, "there is no journal in " + copy.stopped.string());
  if (auto empty = require_empty(copy.target); !empty) return empty;
  if (auto whole = verified(copy.stopped); !whole) return whole.error();
  return {};
}

result<void> copy_locked(std::span<const stopped_copy> copies) {
  std::vector<database_lock> locks;
  for (const auto& copy : copies) {
    auto lock = database_lock::take(copy.stopped);
    if (!lock) return lock.error();
    locks.push_back(std::move(*lock));
  }
  for (const auto& copy : copies)
    if (auto copied = copy_journal(copy.stopped, copy.target); !copied) return copied;
  return {};
}

result<verify_report> copy_verified(const fs::path& source, const fs::path& target) {
  if (auto empty = require_empty(target); !empty) return empty.error();
  if (auto whole = verified(source); !whole) return whole.error();
  if (auto copied = copy_journal(source, target); !copied) return copied.error();
  return verified(target);
}

} // namespace

result<verify_report> backup(journal& running, const fs::path& target) {
  if (auto made = checkpoint(running, target); !made) return made.error();
  return verified(target);
}

result<std::vector<verify_report>> backup(std::span<const stopped_copy> copies) {
  for (const auto& copy : copies)
    if (auto can_be = can_be_copied(copy); !can_be) return can_be.error();
  if (auto copied = copy_locked(copies); !copied) return copied.error();
  std::vector<verify_report> reports;
  for (const auto& copy : copies) {
    auto report = verified(copy.target);
    if (!report) return report.error();
    reports.push_back(std::move(*report));
  }
  return reports;
}

result<verify_report> backup(const fs::path& stopped, const fs::path& target) {
  const stopped_copy one{stopped, target};
  auto reports = backup(std::span{&one, 1});
  if (!reports) return reports.error();
  return std::move(reports->front());
}

result<verify_report> restore(const fs::path& source, const fs::path& target) {
  return copy_verified(source, target);
}

} // namespace troupe::journal
