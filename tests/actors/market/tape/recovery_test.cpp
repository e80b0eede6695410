#include "tests/actors/market/tape/recorded.hpp"
#include "tests/support/test.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace troupe;
using test::read_all;
using test::recorded;
using test::small_tape;

TEST_SUITE_BEGIN("market/tape recovery");

namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary} << bytes;
}

std::string text_of(std::uint64_t position) { return "entry " + std::to_string(position); }

/// `count` entries in chunks of ten, all on disk, not closed.
void fill(const std::filesystem::path& dir, int count) {
  auto t = tape::tape::open(small_tape(dir)).value();
  for (int i = 0; i < count; ++i) REQUIRE(t.append(time_from_ns(i + 1), text_of(t.next_position())));
  REQUIRE(t.sync());
}

std::filesystem::path only_segment(const std::filesystem::path& dir) {
  const auto segments = tape::list_segments(dir).value();
  REQUIRE(segments.size() == 1);
  return segments[0].path;
}

} // namespace

TEST_CASE("cut anywhere, a tape opens with its complete chunks and never hands out a position again") {
  test::temporary_directory whole;
  fill(whole.path(), 30);
  const auto all = bytes_of(only_segment(whole.path()));
  const auto reserved = bytes_of(whole.path() / "reserved");
  const auto expected = read_all(whole.path()).value();
  REQUIRE(expected.size() == 30);
  for (std::size_t length = 0; length <= all.size(); ++length) {
    CAPTURE(length);
    test::temporary_directory dir;
    const auto segment = dir.path() / only_segment(whole.path()).filename();
    write_bytes(segment, all.substr(0, length));
    write_bytes(dir.path() / "reserved", reserved);
    const auto before = read_all(dir.path());
    REQUIRE(before); // a torn end is no error for a reader

    auto t = tape::tape::open(small_tape(dir.path())).value();
    const auto kept = t.recovered().last_position;
    REQUIRE(kept == before->size());
    REQUIRE(kept % 10 == 0);
    REQUIRE(std::equal(before->begin(), before->end(), expected.begin()));
    REQUIRE(t.recovered().clean == false);
    REQUIRE(t.next_position() > 30);
    REQUIRE(t.recovered().skipped_positions == t.next_position() - kept - 1);
    const auto fresh = t.append(time_from_ns(99), "after").value();
    REQUIRE(t.close());
    const auto after = read_all(dir.path()).value();
    REQUIRE(after.size() == kept + 1);
    REQUIRE(after.back() == recorded{fresh, 99, "after"});
  }
}

TEST_CASE("a flipped bit never goes unnoticed: the reader says corrupt or ends at the chunk before") {
  test::temporary_directory whole;
  fill(whole.path(), 30);
  const auto all = bytes_of(only_segment(whole.path()));
  const auto expected = read_all(whole.path()).value();
  for (std::size_t at = 0; at < all.size(); ++at) {
    CAPTURE(at);
    test::temporary_directory dir;
    auto flipped = all;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    write_bytes(dir.path() / only_segment(whole.path()).filename(), flipped);
    const auto got = read_all(dir.path());
    if (!got) {
      REQUIRE(got.error().code == errc::corrupt);
      continue;
    }
    // Only damage of the last chunk may look like an unfinished write.
    REQUIRE(got->size() == 20);
    REQUIRE(std::equal(got->begin(), got->end(), expected.begin()));
  }
}

TEST_CASE("what a start cuts off behind damage lies beside the segment, whole chunks too; of a torn end nothing is kept") {
  test::temporary_directory whole;
  fill(whole.path(), 30);
  const auto all = bytes_of(only_segment(whole.path()));
  std::size_t kept = 0;
  for (std::size_t at = tape::segment_header_bytes; at < all.size(); ++at) {
    CAPTURE(at);
    test::temporary_directory dir;
    const auto segment = dir.path() / only_segment(whole.path()).filename(), aside = tape::damaged_path(segment);
    auto flipped = all;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    write_bytes(segment, flipped);
    write_bytes(dir.path() / "reserved", bytes_of(whole.path() / "reserved"));
    const auto t = tape::tape::open(small_tape(dir.path())).value();
    const auto& r = t.recovered();
    REQUIRE(r.cut_bytes > 0);
    REQUIRE(bytes_of(segment) == all.substr(0, all.size() - r.cut_bytes));
    REQUIRE(std::filesystem::exists(aside) == !r.put_aside.empty());
    if (r.last_position < 20) REQUIRE(r.put_aside == aside); // whole chunks were behind
    if (!r.put_aside.empty()) REQUIRE(bytes_of(segment) + bytes_of(aside) == flipped);
    kept += r.put_aside.empty() ? 0 : 1;
  }
  CHECK(kept > all.size() / 2);
}

TEST_CASE("damage in an old segment is named with its file and byte") {
  test::temporary_directory dir;
  std::mt19937_64 random{3};
  {
    auto t = tape::tape::open(small_tape(dir.path())).value();
    for (int i = 0; i < 300; ++i) {
      std::string raw(900, ' ');
      for (char& c : raw) c = static_cast<char>(random());
      REQUIRE(t.append({}, raw));
    }
    REQUIRE(t.close());
  }
  const auto segments = tape::list_segments(dir.path()).value();
  REQUIRE(segments.size() > 2);
  auto bytes = bytes_of(segments[0].path);
  bytes[bytes.size() / 2] ^= 1;
  write_bytes(segments[0].path, bytes);
  const auto got = read_all(dir.path());
  REQUIRE(got.has_error());
  CHECK(got.error().code == errc::corrupt);
  CHECK(got.error().message.find("damaged at byte") != std::string::npos);
  CHECK(read_all(dir.path(), segments[1].first_position)->back().position == 300); // the rest is readable
}

TEST_CASE("a tape whose reservation is missing or wrong does not open and is left as it was") {
  for (const char* what : {"missing", "flipped", "too low"}) {
    CAPTURE(what);
    test::temporary_directory dir;
    fill(dir.path(), 30);
    const auto path = dir.path() / "reserved";
    auto bytes = bytes_of(path);
    if (std::string{what} == "missing") std::filesystem::remove(path);
    if (std::string{what} == "flipped") bytes[9] ^= 4, write_bytes(path, bytes);
    if (std::string{what} == "too low") {
      std::string low;
      tape::append_reservation(30, low);
      write_bytes(path, low);
    }
    const auto refused = tape::tape::open(small_tape(dir.path()));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::corrupt);
    CHECK(read_all(dir.path())->size() == 30);
  }
}

TEST_CASE("killed at random moments, everything synced is there and no position has two meanings") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  test::temporary_directory dir;
  std::uint64_t promised = 0; // positions below it may have been handed out by a killed writer
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    int pipe_ends[2];
    REQUIRE(::pipe(pipe_ends) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) { // reports (handed out, durable) until it is killed
      auto t = tape::tape::open(small_tape(dir.path())).value();
      for (std::uint64_t i = 1;; ++i) {
        const auto position = t.append(time_from_ns(static_cast<std::int64_t>(i)), text_of(t.next_position())).value();
        if (i % 25 == 0 && !t.sync()) ::_exit(1);
        const std::uint64_t report[2] = {position, t.durable_position()};
        if (::write(pipe_ends[1], report, sizeof report) != sizeof report) ::_exit(1);
      }
    }
    ::close(pipe_ends[1]);
    std::uint64_t report[2] = {0, 0};
    std::uint64_t first = 0;
    const auto reports = 1 + random() % 400;
    for (std::uint64_t i = 0; i < reports; ++i) {
      REQUIRE(::read(pipe_ends[0], report, sizeof report) == sizeof report);
      if (first == 0) first = report[0];
    }
    ::kill(child, SIGKILL);
    while (::read(pipe_ends[0], report, sizeof report) == sizeof report) {}
    ::close(pipe_ends[0]);
    REQUIRE(::waitpid(child, nullptr, 0) == child);

    REQUIRE(first > promised);
    promised = report[0];
    const auto all = read_all(dir.path()).value();
    REQUIRE_FALSE((report[1] > 0 && (all.empty() || all.back().position < report[1])));
    std::uint64_t last = 0;
    for (const auto& e : all) {
      REQUIRE(e.position > last);
      REQUIRE(e.raw == text_of(e.position));
      last = e.position;
    }
    for (auto p = first; p <= report[1]; ++p) // every durable position of this writer, without a hole
      REQUIRE(std::ranges::binary_search(all, p, {}, &recorded::position));
  }
}

TEST_CASE("the first failed write is a tape's last word, and the tape opens again with what was durable") {
  test::temporary_directory dir;
  fill(dir.path(), 20);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {  // in a process of its own: the limit would hold for every test
    std::signal(SIGXFSZ, SIG_IGN);
    auto t = tape::tape::open(small_tape(dir.path())).value();
    const auto size = std::filesystem::file_size(only_segment(dir.path()));
    const rlimit limit{size + 10, RLIM_INFINITY}; // the soft limit only, so that it can be lifted again
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(2);
    if (!t.append({}, "kept in memory").has_value()) ::_exit(3);
    if (t.sync().error().code != errc::io_error) ::_exit(4);
    const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
    if (::setrlimit(RLIMIT_FSIZE, &none) != 0) ::_exit(8);
    if (t.sync().error().code != errc::io_error) ::_exit(5);
    if (t.append({}, "x").error().code != errc::io_error) ::_exit(6);
    if (t.close().error().code != errc::io_error) ::_exit(7);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  auto t = tape::tape::open(small_tape(dir.path())).value();
  CHECK(t.recovered().last_position == 20);
  CHECK_FALSE(t.recovered().clean);
}

TEST_CASE("the stored layout is the one docs/formats/tape.md describes") {
  std::string segment;
  tape::append_segment_header(7, segment);
  CHECK(segment.substr(0, 8) == "TRPTAPE1");
  CHECK(segment.substr(8, 8) == std::string("\7\0\0\0\0\0\0\0", 8));
  std::string entry;
  tape::append_entry(time_from_ns(0x0102), "ab", entry);
  CHECK(entry == std::string("\2\1\0\0\0\0\0\0" "\2\0\0\0" "ab", 14));
  std::string chunk;
  tape::append_chunk(7, time_from_ns(0x0102), 1, entry, chunk);
  CHECK(chunk.substr(0, 8) == std::string("CHNK\1\0\0\0", 8));
  CHECK(chunk.substr(8, 16) == std::string("\7\0\0\0\0\0\0\0" "\2\1\0\0\0\0\0\0", 16));
  CHECK(chunk.substr(24, 4) == std::string("\x0e\0\0\0", 4));
  CHECK(static_cast<std::size_t>(static_cast<unsigned char>(chunk[28])) == chunk.size() - tape::chunk_header_bytes);
  CHECK(chunk[40] == '\x78'); // a zlib stream
}

TEST_SUITE_END();
