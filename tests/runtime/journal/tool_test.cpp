#include "runtime/journal/archive.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/tool.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/runtime/journal/short_files.hpp"
#include "tests/support/test.hpp"

#include <algorithm>
#include <filesystem>
#include <future>
#include <random>
#include <sstream>
#include <thread>

using namespace troupe;
using namespace troupe::journal;
using test::small_journal;

TEST_SUITE_BEGIN("journal/tool");

namespace {

std::unique_ptr<journal::journal> open_small(const std::filesystem::path& folder) {
  auto options = small_journal(folder);
  options.sync = false;
  return std::move(open_rocks_journal(options).value());
}

/// A stopped journal of which nothing is left in a log: 1000 turns, the last 20 each with a row in a side table.
void write_tables(const std::filesystem::path& folder) {
  auto j = std::move(open_rocks_journal(small_journal(folder)).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  REQUIRE(test::append(*j, writer.next(980)));
  for (int i = 0; i < 20; ++i) {
    auto request = writer.next(1);
    request.side.push_back({"done", "row " + std::to_string(i), "value of row " + std::to_string(i)});
    REQUIRE(test::append(*j, request));
  }
}

/// The table file that holds these bytes.
std::filesystem::path table_with(const std::filesystem::path& folder, const std::string& bytes) {
  for (const auto& entry : std::filesystem::directory_iterator{folder / "db"})
    if (entry.path().extension() == ".sst" && test::read_file(entry.path()).find(bytes) != std::string::npos) return entry.path();
  FAIL("no table holds " << bytes);
  return {};
}

} // namespace

TEST_CASE("verify: a whole journal is clean and the look leaves no trace") {
  test::temporary_directory folder;
  std::vector<stream_head> heads;
  {
    auto j = open_small(folder.path());
    test::stream_writer a{j->open_stream({"a"}).value()}, b{j->open_stream({"b"}).value()};
    auto request = a.next(3);
    request.state = snapshot{3, a.head().chain, 1, "state"};
    REQUIRE(test::append(*j, request));
    REQUIRE(test::append(*j, b.next(2)));
    heads = j->heads().value();
  }
  const auto before = test::files_below(folder.path());
  auto report = verify(folder.path());
  REQUIRE(report);
  CHECK(report->is_clean());
  CHECK_FALSE(report->torn);
  REQUIRE(report->streams.size() == 2);
  CHECK(report->streams[0].head == heads[0]);
  CHECK(report->streams[0].snapshots == 1);
  CHECK(report->streams[1].head == heads[1]);
  CHECK(report->hash == journal_hash(heads));
  CHECK(*report->frontier == report->last);
  CHECK(test::files_below(folder.path()) == before);
  CHECK_FALSE(verify(folder.path() / "nothing"));
}

TEST_CASE("verify and read: a record that breaks the chain is found and named") {
  test::temporary_directory folder;
  {
    auto j = open_small(folder.path());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    REQUIRE(test::append(*j, writer.next(2)));
    auto forged_head = writer.head();
    forged_head.chain = sha256("another past");
    test::stream_writer forger{forged_head};
    REQUIRE(test::append(*j, forger.next(1))); // the journal's thread does not hash: the reader does
    auto read = test::contents(*j, {"a"});
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::corrupt);
    CHECK(read.error().message.find("stream a sequence 3") != std::string::npos);
    CHECK(test::contents(*j, {"a"}, 3).error().code == errc::corrupt); // also when the read begins there
  }
  auto report = verify(folder.path());
  REQUIRE(report);
  REQUIRE(report->findings.size() >= 1);
  CHECK(report->findings[0].message.find("stream a sequence 3") != std::string::npos);
}

TEST_CASE("verify: a damaged row of a side table is named with its file, and such a folder is neither copied nor restored") {
  test::temporary_directory folder;
  const auto stopped = folder.path() / "stopped", target = folder.path() / "target";
  write_tables(stopped);
  const auto table = table_with(stopped, "value of row 7");
  auto bytes = test::read_file(table);
  const auto at = bytes.find("value of row 7");
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  test::write_file(table, bytes);
  auto report = verify(stopped);
  REQUIRE(report);
  REQUIRE(report->findings.size() == 1);
  CHECK(report->findings[0].code == errc::corrupt);
  CHECK_MESSAGE(report->findings[0].message.find(table.string()) != std::string::npos, report->findings[0].message);
  CHECK(report->streams[0].records == 1000);
  CHECK(restore(stopped, target).error().code == errc::corrupt);
  CHECK(backup(stopped, target).error().code == errc::corrupt);
  CHECK_FALSE(std::filesystem::exists(target));
}

TEST_CASE("verify: a flipped byte behind a block of turns, where no record lies, is found") {
  test::temporary_directory folder;
  write_tables(folder.path());
  const auto table = table_with(folder.path(), "TRRJ");
  const auto whole = test::read_file(table);
  const auto verify_with_flip_at = [&](std::size_t at) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    test::write_file(table, damaged);
    auto report = verify(folder.path());
    REQUIRE(report);
    REQUIRE_FALSE(report->is_clean());
    return report->findings[0].message;
  };
  // What is said of a record in the middle gives away where its block lies.
  const auto said = verify_with_flip_at(whole.find("TRRJ", whole.size() / 2));
  const auto number_behind = [&](const std::string& word) {
    REQUIRE_MESSAGE(said.find(word) != std::string::npos, said);
    return std::stoul(said.substr(said.find(word) + word.size()));
  };
  const auto end = number_behind(" offset ") + number_behind(" size ");
  constexpr std::size_t trailer = 5; // how the block is compressed, and its checksum
  REQUIRE(end + trailer < whole.size());
  for (std::size_t i = 0; i < trailer; ++i) {
    CAPTURE(i);
    const auto found = verify_with_flip_at(end + i);
    CHECK_MESSAGE(found.find("stream a") != std::string::npos, found);
    CHECK_MESSAGE(found.find(table.string()) != std::string::npos, found);
  }
  test::write_file(table, whole);
  CHECK(verify(folder.path())->is_clean());
}

TEST_CASE("verify: a running journal can be verified again and again") {
  test::temporary_directory folder;
  auto options = small_journal(folder.path());
  options.write_buffer_bytes = 256 << 10; // so that logs and tables come and go meanwhile
  auto j = std::move(open_rocks_journal(options).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  REQUIRE(test::append(*j, writer.next(1)));
  std::atomic<bool> stop{false};
  std::thread load{[&] {
    while (!stop) test::append(*j, writer.next(8, std::string(500, 'x'))).value();
  }};
  std::uint64_t seen = 0;
  // At least once across a change of logs and tables, however fast the machine is.
  const auto flushes_wanted = j->stats().flushes + 200;
  for (int i = 0; i < 8 || j->stats().flushes < flushes_wanted; ++i) {
    auto report = verify(folder.path());
    if (!report) MESSAGE(to_string(report.error()));
    CHECK(report.has_value());
    if (!report) break;
    for (const auto& finding : report->findings) MESSAGE(to_string(finding));
    CHECK(report->is_clean());
    CHECK(report->streams[0].records >= seen);
    seen = report->streams[0].records;
  }
  stop = true;
  load.join();
}

TEST_CASE("tail: follows a running journal in order, once each") {
  test::temporary_directory folder;
  auto j = std::move(open_rocks_journal(small_journal(folder.path())).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  REQUIRE(test::append(*j, writer.next(3)));
  std::vector<std::uint64_t> seen;
  int rounds = 0;
  REQUIRE(tail(
    folder.path(), {"a"}, 2,
    [&](const record_view& r) {
      seen.push_back(r.header.sequence);
      return true;
    },
    [&] {
      if (rounds++ == 3) return false;
      REQUIRE(test::append(*j, writer.next(1)));
      return true;
    }));
  CHECK(seen == std::vector<std::uint64_t>{2, 3, 4, 5, 6});
  std::uint64_t last = 0;
  REQUIRE(tail(folder.path(), {"a"}, 5, [&](const record_view& r) { return (last = r.header.sequence) < 5; }));
  CHECK(last == 5);
}

TEST_CASE("tail: follows the folder of a killed node to its end, also behind what its frontier names, or without a frontier") {
  test::temporary_directory folder;
  const auto frontier = folder.path() / "frontier";
  {
    auto j = open_small(folder.path());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    REQUIRE(test::append(*j, writer.next(2)));
  }
  const auto older = test::read_file(frontier);
  {
    auto j = open_small(folder.path());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    REQUIRE(test::append(*j, writer.next(1)));
  }
  for (const bool is_there : {true, false}) { // the last record was written, and the process was killed before it was named
    CAPTURE(is_there);
    if (is_there) test::write_file(frontier, older);
    else std::filesystem::remove(frontier);
    std::uint64_t followed = 0;
    int rounds = 0;
    REQUIRE(tail(
      folder.path(), {"a"}, 1,
      [&](const record_view& r) {
        followed = r.header.sequence;
        return true;
      },
      [&] { return rounds++ < 5; }));
    CHECK(followed == 3);
  }
}

TEST_CASE("read: a journal of many tables is read whole, though its files may be gone once it is open") {
  test::temporary_directory folder;
  std::uint64_t records = 0;
  {
    auto options = small_journal(folder.path());
    options.write_buffer_bytes = 64 << 10;
    options.sync = false;
    auto j = std::move(open_rocks_journal(options).value());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    std::mt19937 random{1};
    // How many records a table takes is the machine's: a busy one flushes several buffers into one.
    for (; records < 10'000 && test::database_files(folder.path(), ".sst").size() < 64; ++records)
      REQUIRE(test::append(*j, writer.next(1, test::unpackable(random, 8192))));
  }
  const auto tables = test::database_files(folder.path(), ".sst");
  REQUIRE(tables.size() > 32);
  auto reader = open_for_reading(folder.path());
  REQUIRE(reader);
  for (const auto& table : tables) std::filesystem::rename(folder.path() / "db" / table, folder.path() / "db" / (table.string() + ".gone"));
  auto read = test::contents(**reader, {"a"});
  CHECK_MESSAGE(read, read.error().message);
  if (read) CHECK(read->size() == records);
}

TEST_CASE("tail and export: while logs and tables change, every record is shown once, in order, without a hole") {
  test::temporary_directory folder;
  auto options = small_journal(folder.path());
  options.write_buffer_bytes = 64 << 10;
  auto j = std::move(open_rocks_journal(options).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  REQUIRE(test::append(*j, writer.next(1)));
  std::atomic<std::uint64_t> acknowledged{1};
  std::thread load{[&] {
    for (int i = 0; i < 500; ++i) acknowledged = test::append(*j, writer.next(8, std::string(500, 'x'))).value();
  }};
  constexpr std::uint64_t last = 1 + 500 * 8;
  std::uint64_t followed = 0;
  const auto follow = [&] {
    return tail(
      folder.path(), {"a"}, 1,
      [&](const record_view& r) {
        CHECK(r.header.sequence == followed + 1);
        followed = r.header.sequence;
        return followed < last;
      },
      [] { return true; });
  };
  auto tailed = std::async(std::launch::async, follow);
  while (acknowledged < last) {
    std::ostringstream out;
    const auto at_least = acknowledged.load();
    const auto lines = export_jsonl(folder.path(), {}, out);
    CHECK(lines);
    if (lines) CHECK(*lines >= at_least);
  }
  load.join();
  CHECK(tailed.get());
  CHECK(followed == last);
  std::uint64_t shown = 0;
  REQUIRE(tail(folder.path(), {"a"}, 1, [&](const record_view&) { return ++shown > 0; }));
  CHECK(shown == last);
}

TEST_CASE("export: one JSON object a record, the payload rendered or base64") {
  test::temporary_directory folder;
  {
    auto j = open_small(folder.path());
    test::stream_writer a{j->open_stream({"a"}).value()};
    REQUIRE(test::append(*j, a.next(2, "hi!")));
  }
  std::ostringstream out;
  CHECK(export_jsonl(folder.path(), {}, out).value() == 2);
  CHECK(out.str().find(R"({"stream":"a","sequence":1,"epoch":1,"schema":7,"hybrid_time":1001,"at":"1970-01-01T00:00:00.000001001Z",)"
                       R"("cause":{"source":"test","number":1},"previous":"0000)") == 0);
  CHECK(out.str().find(R"("acknowledged":[],"payload_base64":"aGkh"})") != std::string::npos);
  export_options options;
  options.from = 2;
  options.render = [](std::uint32_t schema, std::string_view payload) -> std::optional<std::string> {
    return "{\"schema\":" + std::to_string(schema) + ",\"size\":" + std::to_string(payload.size()) + "}";
  };
  std::ostringstream rendered;
  CHECK(export_jsonl(folder.path(), options, rendered).value() == 1);
  CHECK(rendered.str().find(R"("turn":{"schema":7,"size":3}})") != std::string::npos);
}

TEST_CASE("backup and restore: a running journal's copy is a prefix that opens and goes on") {
  test::temporary_directory folder;
  const auto live = folder.path() / "live", copy = folder.path() / "copy", restored = folder.path() / "restored";
  auto j = open_small(live);
  test::stream_writer writer{j->open_stream({"a"}).value()};
  auto request = writer.next(5);
  request.side.push_back({"done", "k", "v"});
  REQUIRE(test::append(*j, request));
  const auto head = writer.head();
  auto report = backup(*j, copy);
  REQUIRE(report);
  CHECK(report->is_clean());
  REQUIRE(test::append(*j, writer.next(1)));
  CHECK(report->streams[0].head == head);
  CHECK(backup(*j, copy).error().code == errc::not_empty);
  CHECK(backup(live, folder.path() / "other").error().code == errc::unavailable);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "other"));
  CHECK(backup(*make_memory_journal(), folder.path() / "other").error().code == errc::unsupported);

  REQUIRE(restore(copy, restored));
  CHECK(restore(copy, restored).error().code == errc::not_empty);
  auto again = open_small(restored);
  const auto reopened = again->open_stream({"a"}).value();
  CHECK(reopened.sequence == 5);
  CHECK(reopened.chain == head.chain);
  CHECK(again->get("done", "k").value() == "v");
  test::stream_writer next{reopened};
  CHECK(test::append(*again, next.next(1)).value() == 6);
  j.reset();
  auto stopped = backup(live, folder.path() / "other");
  REQUIRE(stopped);
  CHECK(stopped->streams[0].head.sequence == 6);
}

TEST_CASE("restore: a damaged backup is refused and nothing is written") {
  test::temporary_directory folder;
  const auto live = folder.path() / "live", target = folder.path() / "target";
  {
    auto j = open_small(live);
    test::stream_writer writer{j->open_stream({"a"}).value()};
    for (int i = 0; i < 10; ++i) REQUIRE(test::append(*j, writer.next(1)));
  }
  const auto log = test::newest_log(live);
  auto bytes = test::read_file(log);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  test::write_file(log, bytes);
  CHECK(restore(live, target).error().code == errc::corrupt);
  CHECK_FALSE(std::filesystem::exists(target));
}

TEST_CASE("archive: holds the prefix up to the snapshot, and any flipped byte is found") {
  test::temporary_directory folder;
  const auto live = folder.path() / "live", file = folder.path() / "a.archive";
  auto j = open_small(live);
  test::stream_writer writer{j->open_stream({"a"}).value()};
  CHECK(write_archive(live, {"a"}, UINT64_MAX, file).error().code == errc::not_found);
  CHECK_FALSE(std::filesystem::exists(file));
  auto request = writer.next(4, "p");
  request.state = snapshot{4, writer.head().chain, 3, "state at 4"};
  REQUIRE(test::append(*j, request));
  REQUIRE(test::append(*j, writer.next(2)));
  auto written = write_archive(live, {"a"}, UINT64_MAX, file);
  REQUIRE(written);
  CHECK(written->records == 4);
  CHECK(written->state.state == "state at 4");
  CHECK(write_archive(live, {"a"}, UINT64_MAX, file).error().code == errc::not_empty);
  std::vector<std::uint64_t> seen;
  auto read = read_archive(file, [&](const record_view& r) { seen.push_back(r.header.sequence); });
  REQUIRE(read);
  CHECK(*read == *written);
  CHECK(seen == std::vector<std::uint64_t>{1, 2, 3, 4});
  const auto whole = test::read_file(file);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CAPTURE(i);
    auto damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    test::write_file(file, damaged);
    REQUIRE(read_archive(file, [](const record_view&) {}).error().code == errc::corrupt);
  }
  test::write_file(file, whole + "x");
  CHECK(read_archive(file, [](const record_view&) {}).error().code == errc::corrupt);
}

TEST_CASE("archive: what cannot be written, closed or read says so, and no file has the name that was asked for") {
  test::temporary_directory folder;
  const auto live = folder.path() / "live", file = folder.path() / "a.archive";
  {
    auto j = std::move(open_rocks_journal(small_journal(live)).value()); // its close leaves nothing in a log, which a look would copy
    test::stream_writer a{j->open_stream({"a"}).value()}, b{j->open_stream({"b"}).value()};
    std::mt19937 random{1};
    auto request = a.next(40, test::unpackable(random, 8192));
    request.state = snapshot{40, a.head().chain, 3, "state"};
    REQUIRE(test::append(*j, request));
    auto wrong = b.next(2);
    wrong.state = snapshot{2, sha256("another record"), 3, "state"};
    REQUIRE(test::append(*j, wrong));
  }
  error full;
  {
    test::short_files limited{64 << 10}; // no CHECK in here: what it says may go into a file
    if (auto written = write_archive(live, {"a"}, UINT64_MAX, file); !written) full = written.error();
  }
  CHECK(full.code == errc::io_error);
  CHECK_MESSAGE(full.message.find("could not be written after ") != std::string::npos, full.message);
  const auto refused = write_archive(live, {"b"}, UINT64_MAX, file).error();
  CHECK(refused.code == errc::corrupt);
  CHECK(refused.message == "stream b: the snapshot at sequence 2 is not of the record there");
  auto report = verify(live);
  REQUIRE(report);
  REQUIRE(report->findings.size() == 1);
  CHECK(report->findings[0].message == refused.message);
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK_FALSE(std::filesystem::exists(file.string() + ".unfinished"));
  CHECK(read_archive(folder.path(), [](const record_view&) {}).error().code == errc::io_error); // a folder is opened, and cannot be read
  CHECK(write_archive(live, {"a"}, UINT64_MAX, file).value().records == 40);
}

