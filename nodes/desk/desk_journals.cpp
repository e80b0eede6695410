// What a node keeps on its disk, or in memory: opened in the order that tells a folder that is whole from one that is not.

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/desk.hpp"

#include "nodes/desk/data_folder.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "runtime/journal/posix_file.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "runtime/journal/space_watch.hpp"
#include "runtime/journal/unfinished_folder.hpp"
#include "runtime/telemetry/log.hpp"

#include <algorithm>

namespace troupe::desk {
namespace fs = std::filesystem;

result<void> desk::open_journals() {
  parts_.board = std::make_shared<mark_board>(static_cast<std::size_t>(config().bars.kept.value()));
  if (options_.data_dir.empty()) {
    const auto& kept = options_.stores;
    parts_.journal = kept.journal ? kept.journal : journal::make_memory_journal();
    parts_.venues = kept.venues ? kept.venues : journal::make_memory_journal();
    parts_.books = kept.books ? kept.books : journal::make_memory_journal({"fills"});
    return {};
  }
  if (auto whole = journal::unfinished_folder::check_whole(options_.data_dir); !whole) return whole.error();
  if (!options_.accept_older_journal)
    if (auto there = must_have_journals(options_.data_dir); !there) return there.error();
  if (auto made = journal::make_folders(options_.data_dir); !made) return made.error();
  const auto mib = [](const config::property<std::int64_t>& p) { return static_cast<std::uint64_t>(p.value()) << 20; };
  // All stores lie on one disk and share its watch.
  std::shared_ptr<journal::space_watch> space;
  if (!options_.deterministic) {
    if (auto made = journal::make_folders(options_.data_dir / "journal"); !made) return made.error();
    const journal::space_limits limits{mib(config().journal.reserve_mib), mib(config().journal.ballast_mib), mib(config().journal.write_buffer_mib)};
    space = std::make_shared<journal::space_watch>(options_.data_dir / "journal", limits, nullptr);
  }
  const auto open = [&](const char* name, bool sync, std::vector<std::string> tables) -> result<std::shared_ptr<journal::journal>> {
    journal::rocks_options o;
    o.directory = options_.data_dir / name;
    o.sync = sync;
    o.write_buffer_bytes = mib(config().journal.write_buffer_mib);
    o.reserve_bytes = o.ballast_bytes = 0;
    o.space = space;
    o.tables = std::move(tables);
    o.accept_missing_frontier = options_.accept_missing_frontier;
    if (sync) o.file_system = options_.file_system;
    if (options_.crash_point) o.crash_point = options_.crash_point;
    o.on_fatal = [fatal = options_.on_fatal, name](const error& e) { fatal(std::string{name} + ": " + to_string(e)); };
    o.log = [name](std::string_view note) { log::warn(name, {}, note); };
    auto made = journal::open_rocks_journal(std::move(o));
    if (!made) return made.error();
    return std::shared_ptr<journal::journal>{std::move(*made)};
  };
  const bool sync = !options_.deterministic;
  auto main = open("journal", sync, {"done"});
  if (!main) return main.error();
  parts_.journal = *main;
  auto heads = parts_.journal->heads();
  if (!heads) return heads.error();
  if (auto foreign = misplaced(options_.data_dir / "journal", *heads)) return *foreign;
  const bool has_turns = std::ranges::any_of(*heads, [](const auto& h) { return h.sequence > 0; });
  if (has_turns && !journal::holds_journal(options_.data_dir / "venues")) // an empty folder is where one was to be mounted
    return fail(errc::corrupt, options_.data_dir.string() + " has the slots' journal and no store of the venues: nobody could say "
                               "what became of the orders there; restore a backup whole");
  auto venues = open("venues", sync, {"done"});
  if (!venues) return venues.error();
  parts_.venues = *venues;
  const auto venue_heads = parts_.venues->heads();
  if (!venue_heads) return venue_heads.error();
  if (auto foreign = misplaced(options_.data_dir / "venues", *venue_heads)) return *foreign;
  auto books = open("portfolio", false, {"fills"});
  if (books)
    if (const auto kept = (*books)->heads(); kept) // what lies there by mistake may be the only copy, and is not rebuilt
      if (auto foreign = misplaced(options_.data_dir / "portfolio", *kept)) return *foreign;
  if (books && (*books)->stats().snapshots_damaged > 0) { // its own turns say nothing without
    books->reset();
    books = fail(errc::corrupt, "its checkpoints cannot be read");
  }
  if (books && portfolio_is_ahead(**books, *heads)) {
    books->reset();
    books = fail(errc::corrupt, "it has folded turns that the slots' journal does not hold");
  }
  if (!books) { // everything in it can be folded again from the journal
    log::warn("portfolio", {}, "rebuilding: " + to_string(books.error()));
    std::error_code ignored; // what stays is found again
    fs::remove_all(options_.data_dir / "portfolio", ignored);
    books = open("portfolio", false, {"fills"});
    if (!books) return books.error();
  }
  parts_.books = *books;
  auto boot = host_boot::open(options_.data_dir, options_.host_boot, *heads);
  if (!boot) return boot.error();
  parts_.boot = std::move(*boot);
  for (const auto& h : *heads)
    if (const auto slot = trading::slot_called(h.stream)) parts_.epochs[*slot] = h.epoch;
  return {};
}

result<sha256_digest> desk::history_hash() const {
  auto heads = parts_.journal->heads();
  if (!heads) return heads.error();
  auto venues = parts_.venues->heads();
  if (!venues) return venues.error();
  heads->insert(heads->end(), venues->begin(), venues->end());
  return journal::journal_hash(std::move(*heads));
}

} // namespace troupe::desk
