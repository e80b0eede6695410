#include "tests/actors/market/tape/recorded.hpp"
#include "tests/support/test.hpp"

#include <random>

using namespace troupe;
using test::read_all;
using test::recorded;
using test::small_tape;

TEST_SUITE_BEGIN("market/tape");

namespace {

/// Does not compress, so that files grow as expected.
std::string noise(std::mt19937_64& random, std::size_t bytes) {
  std::string out(bytes, ' ');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

} // namespace

TEST_CASE("entries of any bytes come back by position, across chunks, segments and a clean restart") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  test::temporary_directory dir;
  std::vector<recorded> expected;
  for (int restart = 0; restart < 4; ++restart) {
    auto t = tape::tape::open(small_tape(dir.path())).value();
    CHECK(t.recovered().clean);
    CHECK(t.recovered().skipped_positions == 0);
    CHECK(t.recovered().last_position == expected.size());
    for (int i = 0; i < 137; ++i) {
      const recorded e{expected.size() + 1, static_cast<std::int64_t>(random() >> 1), noise(random, random() % 2000)};
      REQUIRE(t.append(time_from_ns(e.received_ns), e.raw).value() == e.position);
      expected.push_back(e);
    }
    REQUIRE(t.close());
  }
  CHECK(read_all(dir.path()).value() == expected);
  CHECK(tape::list_segments(dir.path())->size() > 3);
  for (int i = 0; i < 50; ++i) {
    const auto from = 1 + random() % expected.size();
    const auto got = read_all(dir.path(), from).value();
    REQUIRE(got == std::vector<recorded>(expected.begin() + static_cast<std::ptrdiff_t>(from - 1), expected.end()));
    REQUIRE(tape::reader{dir.path()}.entry(from).value() == expected[from - 1].raw);
  }
}

TEST_CASE("a chunk is full by entries or by bytes, and the owner's clock writes and syncs the rest once per interval") {
  test::temporary_directory dir;
  auto t = tape::tape::open(small_tape(dir.path())).value();
  const auto second = [](int n) { return time_from_ns(n * 1'000'000'000LL); };
  REQUIRE(t.sync_if_due(boot_ns{std::chrono::seconds{100}}));
  REQUIRE(t.append(second(100), "one"));
  REQUIRE(t.sync_if_due(boot_ns{std::chrono::seconds{100}} + nanoseconds{999'999'999}));
  CHECK(t.stats().chunks == 0);
  CHECK(t.durable_position() == 0);
  CHECK(read_all(dir.path()).value().empty());
  REQUIRE(t.sync_if_due(boot_ns{std::chrono::seconds{101}}));
  CHECK(t.stats().chunks == 1);
  CHECK(t.stats().syncs == 1);
  CHECK(t.durable_position() == 1);
  CHECK(read_all(dir.path()).value().size() == 1); // while the writer runs
  REQUIRE(t.sync_if_due(boot_ns{std::chrono::seconds{102}}));
  CHECK(t.stats().syncs == 1); // nothing new, no sync
  for (int i = 0; i < 10; ++i) REQUIRE(t.append(second(102), "x"));
  CHECK(t.stats().chunks == 2);
  for (int i = 0; i < 2; ++i) REQUIRE(t.append(second(102), std::string(2100, 'x')));
  CHECK(t.stats().chunks == 3);
}

TEST_CASE("an entry above the limit is refused and nothing happened") {
  test::temporary_directory dir;
  auto t = tape::tape::open(small_tape(dir.path())).value();
  const auto refused = t.append({}, std::string(tape::entry_bytes_max + 1, 'x'));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::too_large);
  CHECK(t.next_position() == 1);
  CHECK(t.append({}, std::string(tape::entry_bytes_max, 'x')).value() == 1);
  REQUIRE(t.close());
  CHECK(read_all(dir.path()).value().at(0).raw.size() == tape::entry_bytes_max);
}

TEST_CASE("retention removes whole segments, oldest first, and keeps the disk use below the limit") {
  test::temporary_directory dir;
  std::mt19937_64 random{1};
  auto how = small_tape(dir.path());
  how.retention_bytes = 256 << 10;
  auto t = tape::tape::open(how).value();
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(t.append(time_from_ns(i), noise(random, 1000)));
    REQUIRE(t.stats().disk_bytes <= how.retention_bytes);
  }
  REQUIRE(t.close());
  std::uint64_t on_disk = 0;
  const auto segments = tape::list_segments(dir.path()).value();
  for (const auto& s : segments) on_disk += s.bytes;
  CHECK(on_disk == t.stats().disk_bytes);
  CHECK(on_disk > how.retention_bytes / 2);
  CHECK(t.stats().removed_segments > 5);
  const auto kept = read_all(dir.path()).value();
  CHECK(kept.front().position == segments.front().first_position);
  CHECK(kept.front().position > 1);
  CHECK(kept.back().position == 1000);
  CHECK(kept.size() == 1000 - kept.front().position + 1);
  CHECK(tape::reader{dir.path()}.entry(1).error().code == errc::not_found);
  CHECK(tape::tape::open(how).value().next_position() == 1001);
}

TEST_CASE("two writers never share a tape") {
  test::temporary_directory dir;
  auto first = tape::tape::open(small_tape(dir.path())).value();
  const auto second = tape::tape::open(small_tape(dir.path()));
  REQUIRE(second.has_error());
  CHECK(second.error().code == errc::unavailable);
  REQUIRE(first.append({}, "x"));
  REQUIRE(first.close());
  CHECK(tape::tape::open(small_tape(dir.path())).has_value());
}

TEST_CASE("a closed tape takes nothing more") {
  test::temporary_directory dir;
  auto t = tape::tape::open(small_tape(dir.path())).value();
  REQUIRE(t.close());
  CHECK(t.append({}, "x").error().code == errc::unavailable);
  CHECK(t.sync().error().code == errc::unavailable);
}

TEST_CASE("options that cannot work are refused with every violation") {
  tape::options how;
  how.chunk_entries = 0;
  how.chunk_bytes = 1;
  how.sync_interval = nanoseconds{0};
  how.segment_bytes = 1;
  how.retention_bytes = 1;
  how.reserve = 0;
  const auto refused = tape::tape::open(how);
  REQUIRE(refused.has_error());
  CHECK(refused.error().fields.size() == 7);
}

TEST_CASE("a tape that is not there is not found") {
  test::temporary_directory dir;
  CHECK(read_all(dir.path() / "none").error().code == errc::not_found);
}

TEST_SUITE_END();
