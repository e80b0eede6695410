// What one life of a journal leaves for the next: nothing of a log that it did not write itself, and after a clean close nothing to
// write out.
#include "runtime/journal/fault_file_system.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "runtime/journal/tool.hpp"
#include "tests/runtime/journal/altered.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/support/test.hpp"

#include <atomic>
#include <fstream>
#include <vector>

#include <sys/mount.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::journal;
using test::small_journal;

TEST_SUITE_BEGIN("journal/lives");

namespace {

append_request with_row(append_request request) {
  request.side.push_back({"done", "key " + std::to_string(request.first_sequence), "value"});
  return request;
}

} // namespace

TEST_CASE("a start leaves no log of an earlier life behind: what it took over is in tables before anything is built on it") {
  test::temporary_directory folder;
  const auto first = folder.path() / "first", second = folder.path() / "second", third = folder.path() / "third";
  auto j = std::move(open_rocks_journal(small_journal(first)).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  for (int i = 0; i < 20; ++i) REQUIRE(test::append(*j, with_row(writer.next(1))));
  test::copy_folder(first, second); // as a kill would leave it
  const auto old_logs = test::database_files(second, ".log");
  REQUIRE_FALSE(old_logs.empty());

  auto again = std::move(open_rocks_journal(small_journal(second)).value());
  for (const auto& log : test::database_files(second, ".log")) CHECK_FALSE(old_logs.contains(log));
  test::stream_writer next{again->open_stream({"a"}).value()};
  CHECK(next.head().sequence == 20);
  for (int i = 0; i < 5; ++i) REQUIRE(test::append(*again, with_row(next.next(1))));
  test::copy_folder(second, third);

  auto report = verify(third);
  REQUIRE(report);
  CHECK(report->is_clean());
  auto last = std::move(open_rocks_journal(small_journal(third)).value());
  CHECK(test::contents(*last, {"a"}).value().size() == 25);
  for (int i = 1; i <= 25; ++i) CHECK(last->get("done", "key " + std::to_string(i)).value() == "value");
}

TEST_CASE("a clean close leaves the next start nothing to write out") {
  test::temporary_directory folder;
  {
    auto j = std::move(open_rocks_journal(small_journal(folder.path())).value());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    for (int i = 0; i < 20; ++i) REQUIRE(test::append(*j, with_row(writer.next(1))));
  }
  CHECK(test::newest_log(folder.path()).empty()); // there is one, without a byte in it
  const auto tables = test::database_files(folder.path(), ".sst");
  CHECK_FALSE(tables.empty());
  auto j = std::move(open_rocks_journal(small_journal(folder.path())).value());
  CHECK(test::database_files(folder.path(), ".sst") == tables);
  CHECK(test::contents(*j, {"a"}).value().size() == 20);
  CHECK(j->get("done", "key 20").value() == "value");
}

TEST_CASE("a close that cannot write out what the log holds is a clean one all the same, and the next start has everything") {
  test::temporary_directory folder;
  auto faults = std::make_shared<file_faults>();
  std::atomic<int> fatal{0};
  {
    auto options = small_journal(folder.path());
    options.file_system = make_fault_file_system(faults);
    options.on_fatal = [&](const error&) { ++fatal; };
    auto j = std::move(open_rocks_journal(options).value());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    for (int i = 0; i < 20; ++i) REQUIRE(test::append(*j, with_row(writer.next(1))));
    faults->fail_table_write_in = 1;
  }
  CHECK(faults->fail_table_write_in == 0);
  CHECK(fatal == 0);
  CHECK_FALSE(test::newest_log(folder.path()).empty());
  auto j = std::move(open_rocks_journal(small_journal(folder.path())).value());
  CHECK(test::contents(*j, {"a"}).value().size() == 20);
  CHECK(j->get("done", "key 20").value() == "value");
}

TEST_CASE("a full disk: a start behind a kill writes out what the log holds into the room that the ballast gives back") {
  if (::geteuid() != 0) TROUPE_SKIP("needs root");
  test::temporary_directory folder;
  if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64m") != 0) TROUPE_SKIP("no tmpfs mounts");
  const auto running = folder.path() / "running", killed = folder.path() / "killed";
  auto options = small_journal(running);
  options.reserve_bytes = 12 << 20;
  options.ballast_bytes = 12 << 20;
  {
    auto j = std::move(open_rocks_journal(options).value());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    for (int i = 0; i < 400; ++i) REQUIRE(test::append(*j, with_row(writer.next(1, std::string(1000, 'p')))));
    test::copy_folder(running, killed);
  }
  std::filesystem::remove_all(running);
  {
    std::ofstream out{folder.path() / "filler", std::ios::binary};
    const std::string block(4096, 'f');
    while (out.write(block.data(), 4096).flush()) {}
  }
  CHECK(std::filesystem::space(folder.path()).available == 0);
  const auto old_logs = test::database_files(killed, ".log");
  {
    options.directory = killed;
    auto j = open_rocks_journal(options);
    CHECK_MESSAGE(j, j.error().message);
    if (j) {
      CHECK_FALSE((*j)->has_space());
      for (const auto& log : test::database_files(killed, ".log")) CHECK_FALSE(old_logs.contains(log));
      CHECK(test::contents(**j, {"a"}).value().size() == 400);
    }
  }
  CHECK(::umount(folder.path().c_str()) == 0);
}

TEST_CASE("a damaged snapshot is passed by: the one before it is given, or none, and a note says so; who verifies is told") {
  test::temporary_directory folder;
  std::vector<std::string> notes;
  auto options = small_journal(folder.path());
  options.log = [&](std::string_view note) {
    if (note.find("passed by") != std::string_view::npos) notes.emplace_back(note);
  };
  {
    auto j = std::move(open_rocks_journal(options).value());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    for (int i = 0; i < 2; ++i) {
      auto request = writer.next(5);
      request.state = snapshot{writer.head().sequence, writer.head().chain, 3, "state at " + std::to_string(writer.head().sequence)};
      REQUIRE(test::append(*j, request));
    }
  }
  const auto damage = [&](std::uint64_t sequence) {
    test::alter(folder.path(), layout::snapshots_family, [&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* snapshots) {
      auto bytes = layout::encode_snapshot({sequence, {}, 3, "state at " + std::to_string(sequence)});
      bytes.back() = static_cast<char>(bytes.back() ^ 1);
      return db.Put({}, snapshots, layout::turn_key({"a"}, sequence), bytes);
    });
  };
  damage(10);
  CHECK(verify(folder.path())->findings.size() == 1);
  {
    auto j = std::move(open_rocks_journal(options).value());
    CHECK(notes.empty());
    CHECK(j->load_snapshot({"a"}, UINT64_MAX).value()->state == "state at 5");
    REQUIRE(notes.size() == 1);
    CHECK(notes[0] == "journal: passed by what is damaged: stream a: snapshot at sequence 10: its checksum does not match");
    CHECK(test::contents(*j, {"a"}).value().size() == 10);
  }
  damage(5);
  CHECK(verify(folder.path())->findings.size() == 2);
  auto j = std::move(open_rocks_journal(options).value());
  CHECK_FALSE(j->load_snapshot({"a"}, UINT64_MAX).value());
  CHECK_FALSE(j->load_snapshot({"a"}, 5).value());
  CHECK(notes.size() == 3);
}
