#include "actors/market/feed/line_source.hpp"
#include "tests/actors/market/feed/files.hpp"

#include <random>
#include <vector>

#include <sys/stat.h>

using namespace troupe;

TEST_SUITE_BEGIN("market/feed/line_source");

namespace {

struct read_line {
  std::uint64_t number;
  std::string text;
  bool too_long;
  friend bool operator==(const read_line&, const read_line&) = default;
};

result<std::vector<read_line>> read_all(const std::filesystem::path& path, std::size_t limit = 64) {
  auto source = feed::line_source::open(path, limit);
  if (!source) return source.error();
  std::vector<read_line> lines;
  feed::source_line line;
  for (;;) {
    const auto more = source->next(line);
    if (!more) return more.error();
    if (!*more) return lines;
    lines.push_back({line.number, std::string{line.text}, line.too_long});
  }
}

} // namespace

TEST_CASE("lines end with LF, CRLF or the file, and come out the same from a plain and a gzip file") {
  struct row { const char* content; std::vector<read_line> lines; };
  const row rows[] = {
    {"", {}},
    {"\n", {{1, "", false}}},
    {"a", {{1, "a", false}}},
    {"a\nb\n", {{1, "a", false}, {2, "b", false}}},
    {"a\r\n\r\nb\rc", {{1, "a", false}, {2, "", false}, {3, "b\rc", false}}},
  };
  test::temporary_directory dir;
  for (const auto& r : rows) {
    CAPTURE(r.content);
    CHECK(read_all(test::write_plain(dir.path() / "plain", r.content)).value() == r.lines);
    CHECK(read_all(test::write_gzip(dir.path() / "packed", r.content)).value() == r.lines);
  }
}

TEST_CASE("a line above the limit is one bad line; its neighbours are untouched") {
  test::temporary_directory dir;
  for (const std::size_t length : {64u, 65u, 100u, 300'000u, 1'000'000u}) {
    CAPTURE(length);
    for (const char* end : {"\nlast", "\n", ""}) {
      std::vector<read_line> expected{{1, "first", false}, {2, std::string(64, 'x'), length > 64}};
      if (std::string{end} == "\nlast") expected.push_back({3, "last", false});
      const auto path = test::write_gzip(dir.path() / "f", "first\n" + std::string(length, 'x') + end);
      CHECK(read_all(path).value() == expected);
    }
  }
}

TEST_CASE("any text comes back as it was, whatever the line lengths") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  test::temporary_directory dir;
  std::string content;
  std::vector<read_line> expected;
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    std::string line(random() % (i % 100 == 0 ? 60'000 : 300), ' ');
    for (char& c : line) c = static_cast<char>('a' + random() % 26);
    content += line + "\n";
    expected.push_back({i, line, false});
  }
  CHECK(read_all(test::write_gzip(dir.path() / "f.gz", content), 60'000).value() == expected);
}

TEST_CASE("a pipe is refused at once, whether somebody writes into it or not") {
  test::temporary_directory dir;
  const auto pipe = dir.path() / "pipe.jsonl";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto refused = read_all(pipe);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK_MESSAGE(refused.error().message.find(pipe.string() + " is a pipe") == 0, refused.error().message);
}

TEST_CASE("a damaged or shortened gzip file is corrupt, with the lines before the damage handed out") {
  test::temporary_directory dir;
  std::string content;
  std::mt19937_64 random{5};
  for (int i = 0; i < 100'000; ++i) content += std::to_string(random()) + "\n";
  const auto path = test::write_gzip(dir.path() / "f.gz", content);
  std::ifstream in{path, std::ios::binary};
  const std::string packed{std::istreambuf_iterator<char>{in}, {}};
  const auto shortened = read_all(test::write_plain(dir.path() / "short.gz", packed.substr(0, packed.size() / 2)));
  REQUIRE(shortened.has_error());
  CHECK(shortened.error().code == errc::corrupt);
  auto flipped = packed;
  flipped[flipped.size() / 2] ^= 0x10;
  const auto damaged = read_all(test::write_plain(dir.path() / "flipped.gz", flipped));
  REQUIRE(damaged.has_error());
  CHECK(damaged.error().code == errc::corrupt);
  CHECK(damaged.error().message.find("behind line") != std::string::npos);
}

TEST_CASE("members of a gzip file are read one after the other; one that is torn or overwritten is corrupt wherever, with the lines before it handed out and its byte named") {
  test::temporary_directory dir;
  const auto bytes_of = [](const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  };
  const auto first = bytes_of(test::write_gzip(dir.path() / "1", "one\ntwo\n")), second = bytes_of(test::write_gzip(dir.path() / "2", "three\nfour\n"));
  const auto whole = read_all(test::write_plain(dir.path() / "whole", first + second));
  REQUIRE(whole.has_value());
  CHECK(whole->size() == 4);
  CHECK(whole->back() == read_line{4, "four", false});
  struct row {
    std::string file;
    std::size_t lines, byte_least;
  };
  std::vector<row> rows{{first + std::string(512, '\0'), 2, first.size()}, {first + "this is no gzip", 2, first.size()}};
  for (std::size_t n = 1; n < first.size(); ++n) rows.push_back({first.substr(0, n), 0, n});
  rows.erase(rows.begin() + 2); // of one byte nobody can say that it was to be gzip
  for (std::size_t n = 1; n < second.size(); ++n) rows.push_back({first + second.substr(0, n), 2, first.size() + n});
  for (const std::size_t bit : {0u, 1u, 2u}) { // what says that it is a member, and how it is packed
    rows.push_back({first + second, 2, first.size()});
    rows.back().file[first.size() + bit] ^= 0x10;
  }
  rows.push_back({first + second, 2, first.size()});
  rows.back().file[rows.back().file.size() - 6] ^= 0x10; // its check sum
  for (const auto& r : rows) {
    CAPTURE(r.file.size());
    auto source = feed::line_source::open(test::write_plain(dir.path() / "torn", r.file), 64).value();
    feed::source_line line;
    std::size_t lines = 0;
    auto more = source.next(line);
    for (; more && *more; more = source.next(line)) ++lines;
    REQUIRE(more.has_error());
    CHECK(more.error().code == errc::corrupt);
    CHECK(lines >= r.lines);
    const auto& why = more.error().message;
    CHECK_MESSAGE(why.find("behind line " + std::to_string(lines) + ", at byte ") != std::string::npos, why);
    CHECK_MESSAGE(std::stoull(why.substr(why.find("at byte ") + 8)) >= r.byte_least, why);
  }
}

TEST_CASE("what cannot be opened says why") {
  test::temporary_directory dir;
  CHECK(read_all(dir.path() / "none").error().code == errc::not_found);
  CHECK(read_all(dir.path()).error().code == errc::invalid_argument);
  const auto path = test::write_plain(dir.path() / "f", "x");
  CHECK(read_all(path, 63).error().code == errc::invalid_argument);
  CHECK(read_all(path, (std::size_t{64} << 20) + 1).error().code == errc::invalid_argument);
}

TEST_SUITE_END();
