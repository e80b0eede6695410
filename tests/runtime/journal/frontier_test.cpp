// A start never continues from less than was acknowledged, whatever happened to the files of a stopped
// journal.
#include "runtime/journal/frontier.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/runtime/journal/short_files.hpp"
#include "tests/support/test.hpp"

#include <random>
#include <set>

using namespace troupe;
using namespace troupe::journal;
using test::small_journal;

TEST_SUITE_BEGIN("journal/frontier");

namespace {

/// A stopped journal with `turns` turns in stream "oms/1", one commit each.
void write_stopped(const std::filesystem::path& folder, std::size_t turns) {
  auto options = small_journal(folder);
  options.sync = false;
  auto j = std::move(open_rocks_journal(options).value());
  test::stream_writer writer{j->open_stream({"oms/1"}).value()};
  for (std::size_t i = 0; i < turns; ++i) REQUIRE(test::append(*j, writer.next(1, std::string(60, 'p'))));
}

} // namespace

TEST_CASE("the newest valid slot counts, a torn one leaves the other") {
  test::temporary_directory folder;
  const auto file = folder.path() / "frontier";
  CHECK_FALSE(read_frontier(file).value());
  {
    auto frontier = frontier_file::create(file, {4, {"a"}, 9});
    REQUIRE(frontier);
    CHECK(*read_frontier(file).value() == frontier_mark{4, {"a"}, 9});
    REQUIRE(frontier->write({5, {"b"}, 1}));
    REQUIRE(frontier->write({6, {"b"}, 2}));
    CHECK(frontier->dirty());
    REQUIRE(frontier->sync());
    CHECK_FALSE(frontier->dirty());
  }
  CHECK(*read_frontier(file).value() == frontier_mark{6, {"b"}, 2});
  const auto whole = test::read_file(file);
  for (std::size_t byte = 0; byte < 128; ++byte) { // commit 6 lies in slot 0
    auto torn = whole;
    torn[byte] = static_cast<char>(torn[byte] ^ 1);
    test::write_file(file, torn);
    REQUIRE(*read_frontier(file).value() == frontier_mark{5, {"b"}, 1});
  }
  test::write_file(file, std::string(8192, '\0'));
  CHECK(read_frontier(file).error().code == errc::corrupt);
}

TEST_CASE("the slots take turns also when commits share a sync, so that only the last mark is lost with its slot") {
  test::temporary_directory folder;
  const auto file = folder.path() / "frontier";
  for (int life = 0; life < 2; ++life) {
    auto frontier = frontier_file::create(file, {4, {"a"}, 9});
    REQUIRE(frontier);
    for (std::uint64_t commit = 6; commit <= 20; commit += 2) {
      CAPTURE(commit);
      REQUIRE(frontier->write({commit, {"a"}, commit}));
      const auto whole = test::read_file(file);
      std::set<std::uint64_t> left;
      for (const std::size_t slot : {0, 4096}) {
        auto torn = whole;
        torn[slot] = 'x';
        test::write_file(folder.path() / "torn", torn);
        left.insert((*read_frontier(folder.path() / "torn").value()).commit);
      }
      CHECK(left == std::set<std::uint64_t>{commit == 6 ? 4 : commit - 2, commit});
    }
  }
}

TEST_CASE("a frontier that cannot be read is no damaged one") {
  test::temporary_directory folder; // a folder is opened, and cannot be read
  CHECK(read_frontier(folder.path()).error().code == errc::io_error);
}

TEST_CASE("a frontier whose making fails half-way is not there, and the next start makes it") {
  test::temporary_directory folder;
  const auto file = folder.path() / "frontier";
  bool made = true;
  {
    test::short_files limited{100}; // no CHECK in here: what it says may go into a file
    made = frontier_file::create(file, {}).has_value();
  }
  CHECK_FALSE(made);
  auto seen = read_frontier(file);
  REQUIRE(seen);
  CHECK_FALSE(*seen);
  write_stopped(folder.path(), 3);
  CHECK((*read_frontier(file).value()).sequence == 3);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "frontier.new"));
}

TEST_CASE("one bit flipped at each of 500 offsets of the newest log: refused, or nothing is missing") {
  constexpr std::size_t turns = 150;
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  test::temporary_directory folder;
  const auto stopped = folder.path() / "stopped", tried = folder.path() / "tried";
  write_stopped(stopped, turns);
  test::copy_folder(stopped, tried);
  const auto log = test::newest_log(tried);
  const auto whole = test::read_file(log);
  REQUIRE(whole.size() > 500);
  const auto untouched = test::files_below(tried);
  auto options = small_journal(tried);
  options.sync = false;
  int refused = 0, complete = 0;
  for (std::size_t i = 0; i < 500; ++i) {
    const auto offset = i * (whole.size() - 1) / 499;
    CAPTURE(offset);
    auto flipped = whole;
    flipped[offset] = static_cast<char>(flipped[offset] ^ (1 << (random() % 8)));
    test::write_file(log, flipped);
    auto opened = open_rocks_journal(options);
    if (opened) {
      REQUIRE(test::contents(**opened, {"oms/1"}).value().size() == turns);
      ++complete;
      opened->reset();
      test::copy_folder(stopped, tried);
      continue;
    }
    ++refused;
    REQUIRE(opened.error().code == errc::corrupt);
    if (i % 25 == 0) {
      CHECK(opened.error().message.find("oms/1 sequence 150") != std::string::npos);
      CHECK(opened.error().message.find(log.filename().string()) != std::string::npos);
    }
    test::write_file(log, whole);
    REQUIRE(test::files_below(tried) == untouched);
  }
  MESSAGE("refused " << refused << ", opened complete " << complete);
  CHECK(refused + complete == 500);
  CHECK(refused > 400);
}

TEST_CASE("an unfinished write behind the frontier is dropped with a note; one in front of it refuses") {
  test::temporary_directory folder;
  const auto base = folder.path() / "j";
  write_stopped(base, 20);
  const auto frontier = test::read_file(base / "frontier");
  auto options = small_journal(base);
  options.sync = false;
  {
    auto j = std::move(open_rocks_journal(options).value());
    test::stream_writer writer{j->open_stream({"oms/1"}).value()};
    const auto mark = *read_frontier(base / "frontier").value();
    REQUIRE(test::append(*j, writer.next(1)));
    REQUIRE(read_frontier(base / "frontier").value()->commit == mark.commit + 1);
  }
  const auto log = test::newest_log(base);
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 3);
  const auto torn = test::files_below(base);

  auto refused = open_rocks_journal(options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::corrupt);
  CHECK(refused.error().message.find("oms/1 sequence 21") != std::string::npos);
  CHECK(test::files_below(base) == torn);

  test::write_file(base / "frontier", frontier); // as if the last write had never been acknowledged
  std::vector<std::string> notes;
  options.log = [&](std::string_view note) { notes.emplace_back(note); };
  const auto unfinished = [&] {
    return std::ranges::count_if(notes, [](const auto& n) { return n.find("unfinished write") != n.npos; });
  };
  auto opened = open_rocks_journal(options);
  REQUIRE(opened);
  CHECK(unfinished() == 1);
  test::stream_writer writer{(*opened)->open_stream({"oms/1"}).value()};
  CHECK(writer.head().sequence == 20);
  CHECK(test::append(**opened, writer.next(1, "again")).value() == 21);
  opened->reset();
  auto again = open_rocks_journal(options);
  REQUIRE(again);
  CHECK(unfinished() == 1);
  CHECK(test::contents(**again, {"oms/1"}).value().back().second == "again");
}

TEST_CASE("a start refuses what it opened when more was named durable since it looked") {
  test::temporary_directory folder;
  write_stopped(folder.path(), 20);
  const auto file = folder.path() / "frontier";
  const auto before = test::read_file(file);
  auto options = small_journal(folder.path());
  options.sync = false;
  {
    auto j = std::move(open_rocks_journal(options).value());
    test::stream_writer writer{j->open_stream({"oms/1"}).value()};
    REQUIRE(test::append(*j, writer.next(1)));
  }
  const auto behind = test::read_file(file);
  const auto log = test::newest_log(folder.path());
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 3);
  test::write_file(file, before);
  bool came_between = false;
  options.log = [&](std::string_view note) { // said behind the look and before the opening
    if (note.find("unfinished write") == note.npos) return;
    came_between = true;
    test::write_file(file, behind);
  };
  auto refused = open_rocks_journal(options);
  CHECK(came_between);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::corrupt);
  CHECK(refused.error().message.find("oms/1 sequence 21") != std::string::npos);
  CHECK(test::read_file(file) == behind);
}

TEST_CASE("a log that was cut at a record's end, or is gone, refuses") {
  test::temporary_directory folder;
  const auto base = folder.path() / "j", tried = folder.path() / "tried";
  write_stopped(base, 20);
  const auto options = small_journal(tried);
  const auto size = std::filesystem::file_size(test::newest_log(base));
  int refused = 0;
  for (std::uintmax_t cut = 1; cut < size; cut += 37) {
    test::copy_folder(base, tried);
    std::filesystem::resize_file(test::newest_log(tried), size - cut);
    refused += !open_rocks_journal(options);
  }
  CHECK(refused == static_cast<int>((size - 1 + 36) / 37));
  test::copy_folder(base, tried);
  std::filesystem::remove(test::newest_log(tried));
  CHECK(open_rocks_journal(options).error().code == errc::corrupt);
  std::filesystem::remove_all(tried / "db");
  CHECK(open_rocks_journal(options).error().code == errc::corrupt);
  CHECK_FALSE(std::filesystem::exists(tried / "db"));
}

TEST_CASE("a missing frontier beside a journal with turns needs an operator's word") {
  test::temporary_directory folder;
  const auto base = folder.path() / "j";
  write_stopped(base, 5);
  std::filesystem::remove(base / "frontier");
  const auto before = test::files_below(base);
  auto options = small_journal(base);
  auto refused = open_rocks_journal(options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::corrupt);
  CHECK(test::files_below(base) == before);
  options.accept_missing_frontier = true;
  REQUIRE(open_rocks_journal(options));
  options.accept_missing_frontier = false;
  CHECK(test::contents(*open_rocks_journal(options).value(), {"oms/1"}).value().size() == 5);
}
