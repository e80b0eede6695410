#include "runtime/journal/look.hpp"

#include "runtime/journal/file_copy.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/scratch_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <thread>

namespace troupe::journal {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr int attempts = 1000;
constexpr std::chrono::milliseconds longest_pause{10};
constexpr std::chrono::milliseconds sync_pause{2};
constexpr std::chrono::milliseconds longest_sync{10'000};

/// What names the database's live files: the manifest that CURRENT points to, and the logs there are. The manifest only
/// grows, and a file that it needs is deleted only behind a further entry. So while it stands still, everything it needs
/// is there.
struct file_state {
  std::string current;
  std::uintmax_t manifest_bytes = 0;
  std::vector<std::string> logs; // ascending, which is their age
  friend bool operator==(const file_state&, const file_state&) = default;

  [[nodiscard]] std::string manifest() const { return current.substr(0, current.find('\n')); }
};

result<std::vector<std::string>> names_in(const fs::path& database, std::string_view extension) {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator at{database, failed}, end; !failed && at != end; at.increment(failed))
    if (at->path().extension() == extension) names.push_back(at->path().filename().string());
  if (failed) return fail(errc::io_error, "listing " + database.string() + ": " + failed.message());
  std::ranges::sort(names);
  return names;
}

/// Nothing when CURRENT or its manifest cannot be read, which a change of manifests may cause too.
std::optional<file_state> state_of(const fs::path& database) {
  std::ifstream in{database / "CURRENT", std::ios::binary};
  file_state state{{std::istreambuf_iterator<char>{in}, {}}};
  if (!in || !state.manifest().starts_with("MANIFEST-")) return std::nullopt;
  std::error_code gone;
  state.manifest_bytes = fs::file_size(database / state.manifest(), gone);
  auto logs = names_in(database, ".log");
  if (gone || !logs) return std::nullopt;
  state.logs = std::move(*logs);
  return state;
}

/// Copies what changes, points to what does not. Logs go oldest first: one that has a successor is finished, so at most
/// the end of the last one is missing.
result<void> freeze(const fs::path& database, const file_state& state, const fs::path& target) {
  // What is deleted while the manifest stands still was not needed any more.
  const auto hinders = [](const std::error_code& e) { return e && e != std::errc::no_such_file_or_directory; };
  if (const auto failed = copy_bytes(database / state.manifest(), target / state.manifest())) return copy_failed(database / state.manifest(), target, failed);
  std::ofstream current{target / "CURRENT", std::ios::binary};
  if (!(current << state.current).flush()) // without it the journal would look damaged
    return copy_failed(database / "CURRENT", target, {errno, std::generic_category()});
  for (const auto& log : state.logs)
    if (const auto failed = copy_bytes(database / log, target / log); hinders(failed)) return copy_failed(database / log, target, failed);
  auto tables = names_in(database, ".sst");
  if (!tables) return tables.error();
  for (const auto& table : *tables) {
    std::error_code failed;
    fs::create_symlink(fs::absolute(database / table), target / table, failed);
    if (failed) return copy_failed(database / table, target, failed);
  }
  return {};
}

/// Errors speak of the folder that was asked about, not of the copy.
error speak_of(const fs::path& database, const fs::path& copy, error e) {
  const auto from = copy.string(), to = database.string();
  for (std::size_t at = 0; (at = e.message.find(from, at)) != std::string::npos; at += to.size())
    e.message.replace(at, from.size(), to);
  return e;
}

/// One attempt; nothing when the node changed its set of files meanwhile, so that it says nothing.
std::optional<result<seen_journal>> look_once(const fs::path& directory, const fs::path& database) {
  using answer = result<seen_journal>;
  seen_journal seen;
  // The frontier first: what it names must be in what is copied later.
  auto frontier = read_frontier(directory / layout::frontier_name);
  if (!frontier) return answer{frontier.error()};
  seen.frontier = *frontier;
  const auto before = state_of(database);
  const auto stands_still = [&] { return state_of(database) == before; };
  if (!before) {
    auto opened = inspect(directory, *frontier, nullptr); // says what is missing
    if (opened || !stands_still()) return std::nullopt;
    return answer{opened.error()};
  }
  scratch_folder scratch;
  if (!scratch) return answer{fail(errc::io_error, "no temporary folder can be made")};
  const auto copy = scratch.path() / layout::database_folder;
  std::error_code failed;
  fs::create_directory(copy, failed);
  if (failed) return answer{fail(errc::io_error, "mkdir " + copy.string() + ": " + failed.message())};
  auto frozen = freeze(database, *before, copy);
  if (!stands_still()) return std::nullopt;
  if (!frozen) return answer{frozen.error()};
  // Opening loads the logs and keeps every table open: afterwards neither the copy nor the names are needed.
  auto opened = inspect(scratch.path(), *frontier, nullptr);
  if (!opened) {
    if (!stands_still()) return std::nullopt; // a table may have been deleted before it was opened
    return answer{speak_of(database, copy, opened.error())};
  }
  seen.database = std::move(*opened);
  seen.copy = copy;
  return answer{std::move(seen)};
}

/// What a running node has written and the disk has not confirmed yet may be gone after a crash, so nobody is shown it before. Of a stopped
/// one everything that lies there is shown, for the next start takes it over; only a machine that goes down before may take the end of it.
result<void> wait_until_durable(const fs::path& directory, const seen_journal& seen) {
  if (!seen.frontier) return {};
  auto frontier = seen.frontier;
  for (auto waited = 0ms; frontier && frontier->commit < seen.database.last.commit && is_in_use(directory); waited += sync_pause) {
    if (waited >= longest_sync)
      return fail(errc::unavailable, "another process has " + directory.string() + " open, and turns were written there that no disk has confirmed for " +
                                       std::to_string(longest_sync.count()) + " ms: a node whose disk stands still, or a backup of a node that was killed; try again");
    std::this_thread::sleep_for(sync_pause);
    auto now = read_frontier(directory / layout::frontier_name);
    if (!now) return now.error();
    frontier = *now;
  }
  return {};
}

} // namespace

error in_words_of(const fs::path& directory, const seen_journal& seen, error e) {
  return speak_of(directory / layout::database_folder, seen.copy, std::move(e));
}

result<seen_journal> look(const fs::path& directory) {
  const auto database = directory / layout::database_folder;
  for (int i = 1; i <= attempts; ++i) {
    if (auto seen = look_once(directory, database)) {
      if (!*seen) return seen->error();
      if (auto durable = wait_until_durable(directory, **seen); !durable) return durable.error();
      return std::move(*seen);
    }
    std::this_thread::sleep_for(std::min(std::chrono::milliseconds{i / 8}, longest_pause));
  }
  return fail(errc::unavailable, "the node running in " + directory.string() + " changed its files during each of " +
                                   std::to_string(attempts) + " attempts to read them; try again when it is less busy");
}

} // namespace troupe::journal
