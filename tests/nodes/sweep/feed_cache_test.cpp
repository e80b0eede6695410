#include "nodes/sweep/feed_cache.hpp"
#include "runtime/core/hash.hpp"
#include "tests/support/test.hpp"

#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::sweep_node;

TEST_SUITE_BEGIN("sweep/feed_cache");

namespace {

sweep::feed_file feed_of(const std::string& content, const std::string& path = "feed.jsonl") { return {path, {to_hex(sha256(content))}, content.size()}; }

cached_feed fetch(feed_cache& cache, const std::string& content, const std::string& path = "feed.jsonl") {
  auto begun = cache.begin(feed_of(content, path));
  REQUIRE_MESSAGE(begun.has_value(), to_string(begun.error()));
  REQUIRE(begun->has_value());
  const auto half = content.size() / 2;
  CHECK((*begun)->add(content.substr(0, half)));
  CHECK((*begun)->received() == half);
  CHECK((*begun)->add(content.substr(half)));
  auto whole = (*begun)->finish();
  REQUIRE_MESSAGE(whole.has_value(), to_string(whole.error()));
  return std::move(*whole);
}

bool has(feed_cache& cache, const std::string& content) { return cache.find(feed_of(content)).value().has_value(); }

} // namespace

TEST_CASE("a feed is fetched once, verified, and found by its content, by other workers of the host too") {
  temporary_directory dir;
  feed_cache mine{dir.path(), 1000}, others{dir.path(), 1000};
  CHECK_FALSE(has(mine, "content"));
  const auto got = fetch(mine, "content", "coinbase/ethusd/day.csv");
  CHECK(got.file.string().ends_with("coinbase/ethusd/day.csv"));
  CHECK(std::filesystem::file_size(got.file) == 7);
  CHECK(others.find(feed_of("content", "coinbase/ethusd/day.csv")).value()->file == got.file);
  CHECK_FALSE(has(mine, "other"));
}

TEST_CASE("while one worker fetches, another one of the host waits; what a dead one left is begun anew") {
  temporary_directory dir;
  feed_cache mine{dir.path(), 1000}, others{dir.path(), 1000};
  {
    auto half = mine.begin(feed_of("content")).value();
    REQUIRE(half);
    CHECK(half->add("con"));
    CHECK_FALSE(others.begin(feed_of("content")).value().has_value());
    CHECK_FALSE(has(others, "content"));
  }
  (void)fetch(others, "content");
  CHECK(has(mine, "content"));
  CHECK_FALSE(mine.begin(feed_of("content")).value().has_value()); // it is there
}

TEST_CASE("other bytes than announced are refused and leave nothing; so is more than announced") {
  temporary_directory dir;
  feed_cache cache{dir.path(), 1000};
  auto d = cache.begin(feed_of("content")).value();
  REQUIRE(d);
  CHECK(d->add("CONTENT"));
  CHECK(d->add("!").error().code == errc::out_of_range);
  CHECK(d->finish().error().code == errc::corrupt);
  d.reset();
  CHECK_FALSE(has(cache, "content"));
  (void)fetch(cache, "content");
}

TEST_CASE("a kept feed that was damaged is not used and can be fetched again") {
  temporary_directory dir;
  feed_cache cache{dir.path(), 1000};
  const auto file = fetch(cache, "content").file;
  std::ofstream{file} << "c0ntent";
  CHECK_FALSE(has(cache, "content"));
  (void)fetch(cache, "content");
  CHECK(has(cache, "content"));
}

TEST_CASE("the cache stays within its size: what was used longest ago makes way, what is in use does not") {
  temporary_directory dir;
  feed_cache cache{dir.path(), 20};
  const std::string a(8, 'a'), b(8, 'b'), c(8, 'c'), d(8, 'd');
  (void)fetch(cache, a);
  (void)fetch(cache, b);
  const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours{1};
  std::filesystem::last_write_time(dir.path() / feed_of(b).hash.value.str() / ".lock", old);
  const auto in_use = fetch(cache, c);
  CHECK(has(cache, a));
  CHECK_FALSE(has(cache, b));
  std::filesystem::last_write_time(dir.path() / feed_of(c).hash.value.str() / ".lock", old);
  const auto also = fetch(cache, d);
  CHECK(has(cache, c));
  CHECK_FALSE(has(cache, a));
  const auto full = cache.begin(feed_of(a));
  REQUIRE_FALSE(full.has_value());
  CHECK(full.error().code == errc::too_large);
  CHECK(cache.begin(feed_of(std::string(21, 'x'))).error().code == errc::too_large);
  CHECK(has(cache, c));
}

TEST_CASE("a name that leads out of the cache is refused") {
  temporary_directory dir;
  feed_cache cache{dir.path() / "cache", 1000};
  for (const char* path : {"", "../x", "a/../../x", "/etc/x", "a//b", ".lock", "a/b/c/d", "a/.."}) {
    CAPTURE(path);
    CHECK(cache.begin(feed_of("content", path)).error().code == errc::invalid_argument);
    CHECK(cache.find(feed_of("content", path)).error().code == errc::invalid_argument);
  }
  auto feed = feed_of("content");
  feed.hash = {"../../x"};
  CHECK(cache.begin(feed).error().code == errc::invalid_argument);
  CHECK_FALSE(std::filesystem::exists(dir.path() / "x"));
}

TEST_SUITE_END();
