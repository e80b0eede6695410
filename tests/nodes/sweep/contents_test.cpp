// Feed files that a configuration or a parameter names: a sweep says what is in each, and no trial reads another one.

#include "actors/research/sweep/grid.hpp"
#include "actors/research/sweep/identity.hpp"
#include "nodes/sweep/feed_contents.hpp"
#include "nodes/sweep/trial.hpp"
#include "tests/support/market.hpp"
#include "tests/support/test.hpp"

#include <fstream>
#include <iterator>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::sweep_node;

TEST_SUITE_BEGIN("sweep/contents");

namespace {

/// A grid on the desk's configuration with `file` as its only feed.
sweep::description named_feed(const std::filesystem::path& file, const std::vector<std::string>& words) {
  sweep::description d;
  d.axes = sweep::parse_grid(words).value();
  std::ifstream in{source_dir() / "config/desk.json"};
  d.configuration = {std::istreambuf_iterator<char>{in}, {}};
  d.overrides = {R"(feeds=[{"name":"main","file":")" + file.string() + R"("}])"};
  return d;
}

void put(const std::filesystem::path& file, const std::string& text) { std::ofstream{file} << text; }

std::vector<std::string> names_in(const feed_contents& contents) {
  std::vector<std::string> names;
  for (const auto& [file, hash] : contents) names.push_back(file);
  return names;
}

} // namespace

TEST_CASE("what is in a named feed is part of what a sweep is: another file of that name is another sweep, and is refused by name") {
  temporary_directory dir;
  const auto file = dir.path() / "main=feed.jsonl"; // an equals sign is no end of a name
  put(file, "one");
  auto d = named_feed(file, {"strategy.ma.fast=3"});
  const auto bare = sweep::identity_of(d);
  file_hashes hashes;
  REQUIRE(record_contents(d, hashes));
  CHECK(names_in(contents_of(d)) == std::vector{file.string()});
  CHECK(sweep::identity_of(d) != bare);
  REQUIRE(check_feed_files(d, hashes));
  CHECK(check_feed_files(d, hashes)->contains(file));
  REQUIRE(base_configuration(d, {})); // which is told nothing of it
  auto other = named_feed(file, {"strategy.ma.fast=3"});
  put(file, "two");
  REQUIRE(record_contents(other, hashes));
  CHECK(sweep::identity_of(other) != sweep::identity_of(d));
  const auto checked = check_feed_files(d, hashes);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == errc::corrupt);
  CHECK(checked.error().message.find("main=feed.jsonl is not the one this sweep began with") != std::string::npos);
}

TEST_CASE("a named feed that is not here is told by name, and from where it was looked for") {
  temporary_directory dir;
  file_hashes hashes;
  const auto gone = dir.path() / "gone.jsonl";
  auto d = named_feed(gone, {});
  const auto recorded = record_contents(d, hashes);
  REQUIRE_FALSE(recorded);
  CHECK(recorded.error().code == errc::not_found);
  CHECK(recorded.error().message.find("gone.jsonl is not here") != std::string::npos);
  CHECK(contents_of(d).empty());
  put(gone, "here");
  REQUIRE(record_contents(d, hashes));
  std::filesystem::remove(gone);
  CHECK(check_feed_files(d, hashes).error().code == errc::not_found);
  auto relative = named_feed("gone.jsonl", {});
  CHECK(record_contents(relative, hashes).error().message.find("seen from /") != std::string::npos); // it leads elsewhere from elsewhere
  auto folder = named_feed(dir.path(), {});
  CHECK(record_contents(folder, hashes).error().code == errc::invalid_argument);
}

TEST_CASE("files that parameters choose are all looked at; the one of --feed is known by its own hash, and a seed is no file") {
  temporary_directory dir;
  const auto path = [&](const char* name) { return (dir.path() / name).string(); };
  for (const char* name : {"base.jsonl", "a.jsonl", "b.jsonl", "c.jsonl"}) put(path(name), name);
  file_hashes hashes;
  auto chosen = named_feed(path("base.jsonl"), {"feeds.0.file=" + path("a.jsonl") + "," + path("b.jsonl"), "feeds.0.seed=1:1000:1"});
  REQUIRE(record_contents(chosen, hashes));
  CHECK(names_in(contents_of(chosen)) == std::vector{path("a.jsonl"), path("b.jsonl")});
  auto replayed = named_feed("", {R"(feeds.1={"name":"more","file":")" + path("c.jsonl") + R"("})"});
  replayed.overrides.clear();
  replayed.feed = sweep::feed_file{"main.jsonl", {}, 1};
  REQUIRE(record_contents(replayed, hashes));
  CHECK(names_in(contents_of(replayed)) == std::vector{path("c.jsonl")});
  std::string many = "feeds.0.file=" + path("a.jsonl");
  for (std::size_t i = 0; i < named_feeds_max; ++i) many += "," + std::to_string(i) + ".jsonl";
  auto too_many = named_feed(path("base.jsonl"), {many});
  CHECK(record_contents(too_many, hashes).error().code == errc::too_large);
}

TEST_CASE("a trial reads no feed whose content is not on record") {
  temporary_directory dir;
  const auto file = write_market(dir.path(), 50);
  auto d = named_feed(file, {"strategy.ma.fast=3"});
  const auto unknown = trial_runner{d, {}}.run(0);
  CHECK(unknown.status == sweep::trial_status::refused);
  CHECK(unknown.reason.find("without looking at what is in the feed") != std::string::npos);
  CHECK(unknown.journal_hash.empty());
  file_hashes hashes;
  REQUIRE(record_contents(d, hashes));
  const auto known = trial_runner{d, {}}.run(0);
  CHECK_MESSAGE(known.status == sweep::trial_status::done, known.reason);
}

TEST_CASE("a file is known until it changes, also when its size and the time on it stay") {
  temporary_directory dir;
  const auto file = dir.path() / "feed.jsonl";
  put(file, "one");
  const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours{1};
  std::filesystem::last_write_time(file, long_ago);
  file_hashes hashes;
  const auto one = hashes.of(file).value();
  CHECK(hashes.of(file).value().content.hash == one.content.hash);
  const auto other = dir.path() / "other.jsonl";
  put(other, "two");
  std::filesystem::last_write_time(other, long_ago);
  std::filesystem::rename(other, file);
  const auto two = hashes.of(file).value();
  CHECK(two.content.hash == hash_file(file).value().hash);
  CHECK(two.content.hash != one.content.hash);
  CHECK(two.stamp != one.stamp);
  std::filesystem::remove(file);
  CHECK(hashes.of(file).error().code == errc::not_found);
}

TEST_SUITE_END();
