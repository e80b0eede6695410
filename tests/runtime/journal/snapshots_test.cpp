// Snapshots are short cuts: a damaged table of them keeps no journal from starting, unless the turns they stand for are not there.

#include "runtime/journal/reader.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "runtime/journal/tool.hpp"
#include "tests/runtime/journal/altered.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/support/test.hpp"

#include <algorithm>
#include <vector>

using namespace troupe;
using namespace troupe::journal;
using test::small_journal;

TEST_SUITE_BEGIN("journal/snapshots");

namespace {

/// Longer than a block of a table, so that each snapshot lies in blocks of its own.
std::string large_state(char of) { return std::string(40'000, of); }

/// A stopped journal with ten turns and two snapshots, at 5 and 10, of each of the streams a, b and c.
void write_three_streams(const std::filesystem::path& folder) {
  auto j = std::move(open_rocks_journal(small_journal(folder)).value());
  for (const char name : {'a', 'b', 'c'}) {
    test::stream_writer writer{j->open_stream({text<48>{std::string(1, name)}}).value()};
    for (int i = 0; i < 2; ++i) {
      auto request = writer.next(5);
      request.state = snapshot{writer.head().sequence, writer.head().chain, 3, large_state(name)};
      REQUIRE(test::append(*j, request));
    }
  }
}

/// Flips a bit within every snapshot of `stream`, or within its last one, as a disk may. Says how many there were.
int damage_snapshots_of(const std::filesystem::path& folder, char stream, bool last_only = false) {
  int found = 0;
  for (const auto& name : test::database_files(folder, ".sst")) {
    const auto file = folder / layout::database_folder / name;
    auto bytes = test::read_file(file);
    std::vector<std::size_t> places;
    const auto state = large_state(stream);
    for (auto at = bytes.find(state); at != std::string::npos; at = bytes.find(state, at + state.size())) places.push_back(at);
    found += static_cast<int>(places.size());
    if (last_only && places.size() > 1) places.erase(places.begin(), places.end() - 1);
    for (const auto at : places) bytes[at + 1000] ^= 1;
    test::write_file(file, bytes);
  }
  return found;
}

struct noted_journal {
  std::vector<std::string> notes;
  result<std::unique_ptr<journal::journal>> opened;
  explicit noted_journal(const std::filesystem::path& folder) : opened{fail(errc::internal, "not yet")} {
    auto options = small_journal(folder);
    options.log = [this](std::string_view note) {
      if (note.starts_with("journal: ")) notes.emplace_back(note);
    };
    opened = open_rocks_journal(options);
  }
};

} // namespace

TEST_CASE("a damaged block of snapshots stops no start: streams whose snapshots are in it are folded from their turns, others keep theirs, and the damage is gone") {
  test::temporary_directory folder;
  write_three_streams(folder.path());
  REQUIRE(damage_snapshots_of(folder.path(), 'b') == 2);
  const auto before = verify(folder.path());
  REQUIRE_MESSAGE(before.has_value(), before.error().message);
  CHECK(std::ranges::any_of(before->findings, [](const auto& f) { return f.message.find("listing snapshots of b") != std::string::npos; }));
  {
    noted_journal start{folder.path()};
    REQUIRE_MESSAGE(start.opened.has_value(), start.opened.error().message);
    auto& j = **start.opened;
    REQUIRE(start.notes.size() == 1);
    CHECK(start.notes[0].find("of 1 stream, the first is b, more turns are folded") != std::string::npos);
    CHECK(j.stats().snapshots_damaged == 1);
    CHECK_FALSE(j.load_snapshot({"b"}, UINT64_MAX).value());
    CHECK(test::contents(j, {"b"}).value().size() == 10);
    for (const char name : {'a', 'c'}) {
      const auto kept = j.load_snapshot({text<48>{std::string(1, name)}}, UINT64_MAX).value();
      REQUIRE(kept);
      CHECK(kept->sequence == 10);
      CHECK(kept->state == large_state(name));
    }
    test::stream_writer writer{j.open_stream({"b"}).value()};
    CHECK(writer.head().sequence == 10);
    auto request = writer.next(5);
    request.state = snapshot{15, writer.head().chain, 3, large_state('d')};
    REQUIRE(test::append(j, request));
  }
  CHECK(verify(folder.path())->findings.empty());
  noted_journal again{folder.path()};
  REQUIRE(again.opened);
  CHECK(again.notes.empty());
  CHECK((*again.opened)->stats().snapshots_damaged == 0);
  CHECK((*again.opened)->load_snapshot({"b"}, UINT64_MAX).value()->sequence == 15);
}

TEST_CASE("of a stream whose newest snapshot cannot be read the one before it is kept") {
  test::temporary_directory folder;
  write_three_streams(folder.path());
  REQUIRE(damage_snapshots_of(folder.path(), 'b', true) == 2);
  noted_journal start{folder.path()};
  REQUIRE_MESSAGE(start.opened.has_value(), start.opened.error().message);
  CHECK((*start.opened)->stats().snapshots_damaged == 1);
  const auto kept = (*start.opened)->load_snapshot({"b"}, UINT64_MAX).value();
  REQUIRE(kept);
  CHECK(kept->sequence == 5);
  CHECK(kept->state == large_state('b'));
  CHECK(test::contents(**start.opened, {"b"}).value().size() == 10);
}

TEST_CASE("a stream whose snapshots cannot be read and that does not begin with its first turn is refused by name, and the snapshots of others stay") {
  test::temporary_directory folder;
  write_three_streams(folder.path());
  test::alter(folder.path(), layout::turns_family,
              [](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* turns) { return db.Delete({}, turns, layout::turn_key({"b"}, 1)); });
  {
    noted_journal whole{folder.path()};
    CHECK(whole.opened); // the snapshots say what the turns before them did
  }
  REQUIRE(damage_snapshots_of(folder.path(), 'b') > 0);
  for (int i = 0; i < 2; ++i) {
    noted_journal start{folder.path()};
    REQUIRE(start.opened.has_error());
    CHECK_MESSAGE(start.opened.error().message.find("the snapshots of stream b are damaged, and without them it cannot be folded: ") != std::string::npos,
                  start.opened.error().message);
  }
  const auto reader = open_for_reading(folder.path());
  REQUIRE(reader);
  CHECK((*reader)->load_snapshot({"a"}, UINT64_MAX).value()->state == large_state('a'));
}

TEST_CASE("a journal without its family of snapshots, as a kill may leave it that comes while they are made anew, starts; without its frontier it does not") {
  test::temporary_directory folder;
  write_three_streams(folder.path());
  test::alter(folder.path(), layout::snapshots_family,
              [](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* snapshots) { return db.DropColumnFamily(snapshots); });
  CHECK(verify(folder.path())->findings.empty());
  {
    const auto reader = open_for_reading(folder.path());
    REQUIRE(reader);
    CHECK_FALSE((*reader)->load_snapshot({"a"}, UINT64_MAX).value());
    CHECK(test::contents(**reader, {"a"}).value().size() == 10);
  }
  test::temporary_directory elsewhere;
  const auto bare = elsewhere.path() / "bare";
  test::copy_folder(folder.path(), bare);
  std::filesystem::remove(bare / layout::frontier_name);
  const auto refused = open_rocks_journal(small_journal(bare));
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("is missing") != std::string::npos);
  noted_journal start{folder.path()};
  REQUIRE_MESSAGE(start.opened.has_value(), start.opened.error().message);
  CHECK(start.notes.empty());
  CHECK(test::contents(**start.opened, {"c"}).value().size() == 10);
}

TEST_SUITE_END();
