// The disk's limits: a reserve below which orders are refused, the ballast that is given back, and the end before the disk is full.

#include "runtime/journal/rocks_journal.hpp"
#include "runtime/journal/space_watch.hpp"
#include "tests/runtime/journal/becomes_true.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/support/test.hpp"

#include <atomic>
#include <fstream>

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::journal;
using test::becomes_true;
using test::small_journal;

TEST_SUITE_BEGIN("journal/durable");

TEST_CASE("a ballast of holes, as a copied folder may have, is none: it is filled when there is room, and until then orders are refused") {
  test::temporary_directory folder;
  constexpr std::uint64_t mib = 1 << 20;
  const auto ballast = folder.path() / "ballast";
  test::write_file(ballast, "");
  std::filesystem::resize_file(ballast, 2 * mib);
  const auto blocks = [&] {
    struct stat s {};
    REQUIRE(::stat(ballast.c_str(), &s) == 0);
    return static_cast<std::uint64_t>(s.st_blocks) * 512;
  };
  if (blocks() > 0) TROUPE_SKIP("files have no holes here");
  std::uint64_t free = 8 * mib; // the reserve, and nothing for a ballast
  space_watch watch{folder.path(), {8 * mib, 2 * mib, mib}, [&] { return free; }};
  watch.look();
  CHECK_FALSE(watch.has_space());
  free = 100 * mib;
  watch.look();
  CHECK(watch.has_space());
  CHECK(blocks() >= 2 * mib);
}

TEST_CASE("a folder that was moved away has no full disk: what is not written says so") {
  test::temporary_directory folder;
  constexpr std::uint64_t mib = 1 << 20;
  const auto here = folder.path() / "journal";
  std::filesystem::create_directory(here);
  space_watch watch{here, {mib, 0, 1}, nullptr};
  watch.look();
  REQUIRE(watch.may_write(1));
  std::filesystem::rename(here, folder.path() / "moved");
  watch.look();
  CHECK_FALSE(watch.has_space());
  CHECK_FALSE(watch.may_write(1));
  const auto why = watch.refusal(folder.path() / "venues", 1);
  CHECK_MESSAGE(why.find(here.string() + " has cannot be asked (No such file or directory)") != std::string::npos, why);
  CHECK(why.find("full") == std::string::npos);
  std::filesystem::rename(folder.path() / "moved", here);
  watch.look();
  CHECK(watch.has_space());
}

TEST_CASE("a ballast that cannot be made although there is room is told, once, and again when it could be made") {
  test::temporary_directory folder;
  constexpr std::uint64_t mib = 1 << 20;
  std::filesystem::create_directory(folder.path() / "ballast");
  space_watch watch{folder.path(), {8 * mib, 2 * mib, mib}, [] { return 100 * mib; }};
  CHECK_FALSE(watch.news());
  watch.look();
  CHECK_FALSE(watch.has_space());
  const auto news = watch.news();
  REQUIRE(news);
  CHECK(news->find("ballast cannot be made (Is a directory)") != std::string::npos);
  CHECK(std::filesystem::is_directory(folder.path() / "ballast")); // whatever somebody keeps there
  watch.look();
  CHECK_FALSE(watch.news());
  std::filesystem::remove(folder.path() / "ballast");
  watch.look();
  CHECK(watch.has_space());
  CHECK(watch.news());
  CHECK_FALSE(watch.news());
}

TEST_CASE("a ballast that could not be made and then finds the disk full is not told to be made") {
  if (::geteuid() != 0) TROUPE_SKIP("needs root");
  test::temporary_directory folder;
  if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=4m") != 0) TROUPE_SKIP("no tmpfs mounts");
  constexpr std::uint64_t mib = 1 << 20;
  {
    std::filesystem::create_directory(folder.path() / "ballast");
    space_watch watch{folder.path(), {8 * mib, 8 * mib, mib}, [] { return 100 * mib; }}; // as it was before others wrote
    watch.look();
    CHECK(watch.news());
    std::filesystem::remove(folder.path() / "ballast");
    watch.look();
    CHECK_FALSE(watch.has_space());
    CHECK_FALSE(watch.news());
  }
  CHECK(::umount(folder.path().c_str()) == 0);
}

TEST_CASE("two stores on one disk share its watch: either gives the ballast back, both refuse and resume together") {
  test::temporary_directory folder;
  constexpr std::uint64_t mib = 1 << 20;
  std::atomic<std::uint64_t> free{100 * mib};
  std::filesystem::create_directory(folder.path() / "first");
  auto watch = std::make_shared<space_watch>(folder.path() / "first", space_limits{8 * mib, 2 * mib, mib}, [&] { return free.load(); });
  auto first_options = small_journal(folder.path() / "first"), second_options = small_journal(folder.path() / "second");
  first_options.space = second_options.space = watch;
  auto first = std::move(open_rocks_journal(first_options).value());
  auto second = std::move(open_rocks_journal(second_options).value());
  test::stream_writer writer{second->open_stream({"a"}).value()};
  const auto ballast = folder.path() / "first/ballast";
  CHECK(std::filesystem::file_size(ballast) == 2 * mib);
  first.reset(); // only the second looks from now on
  free = 2 * mib;
  CHECK(test::append(*second, writer.next(1)));
  CHECK(becomes_true([&] { return !std::filesystem::exists(ballast); }));
  CHECK(becomes_true([&] { return !second->has_space(); }));
  first = std::move(open_rocks_journal(first_options).value());
  CHECK_FALSE(first->has_space());
  free = 100 * mib;
  CHECK(becomes_true([&] { return first->has_space() && second->has_space(); }));
  CHECK(std::filesystem::file_size(ballast) == 2 * mib);
}

TEST_CASE("low space: orders are refused first, then the ballast goes, then the journal ends before the disk is full") {
  test::temporary_directory folder;
  constexpr std::uint64_t mib = 1 << 20;
  std::atomic<std::uint64_t> free{100 * mib};
  std::atomic<int> fatal{0};
  auto options = small_journal(folder.path());
  options.reserve_bytes = 8 * mib;
  options.ballast_bytes = 2 * mib;
  options.free_bytes = [&] { return free.load(); };
  options.on_fatal = [&](const error&) { ++fatal; };
  const auto ballast = folder.path() / "ballast";
  auto j = std::move(open_rocks_journal(options).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  CHECK(j->has_space());
  CHECK(std::filesystem::file_size(ballast) == 2 * mib);

  free = 7 * mib;
  REQUIRE(becomes_true([&] { return !j->has_space(); }));
  CHECK(std::filesystem::exists(ballast));
  CHECK(test::append(*j, writer.next(1)));
  free = 3 * mib;
  REQUIRE(becomes_true([&] { return !std::filesystem::exists(ballast); }));
  CHECK(test::append(*j, writer.next(1)));
  free = 9 * mib; // room for the reserve, not for the ballast: still no new orders
  CHECK(test::append(*j, writer.next(1)));
  CHECK_FALSE(j->has_space());
  free = 100 * mib;
  REQUIRE(becomes_true([&] { return j->has_space(); }));
  CHECK(std::filesystem::file_size(ballast) == 2 * mib);

  free = mib / 2;
  REQUIRE(becomes_true([&] { return !j->has_space(); }));
  const auto full = test::append(*j, writer.next(1)).error();
  CHECK(full.code == errc::io_error);
  CHECK(full.message.starts_with("the disk of " + folder.path().string() + " is full, 524288 bytes are left"));
  const auto needed = full.message.find("used up: ");
  REQUIRE(needed != std::string::npos);
  const auto bytes = std::stoull(full.message.substr(needed + 9));
  CHECK(bytes > options.write_buffer_bytes); // and what the write itself takes
  CHECK(bytes < options.write_buffer_bytes + 10'000);
  CHECK(full.message.find("journal.write_buffer_mib") != std::string::npos);
  CHECK(fatal == 1);
  j.reset();
  free = 100 * mib;
  CHECK(test::contents(*open_rocks_journal(options).value(), {"a"}).value().size() == 3);
}

TEST_CASE("a full disk: a start releases the ballast, commits go on, and orders resume when space returns") {
  if (::geteuid() != 0) TROUPE_SKIP("needs root");
  test::temporary_directory folder;
  if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64m") != 0) TROUPE_SKIP("no tmpfs mounts");
  const auto filler = folder.path() / "filler";
  const auto fill = [&] {
    std::ofstream out{filler, std::ios::binary | std::ios::app};
    const std::string block(4096, 'f');
    while (out.write(block.data(), 4096).flush()) {}
  };
  {
    auto options = small_journal(folder.path() / "j");
    options.reserve_bytes = 12 << 20;
    options.ballast_bytes = 12 << 20;
    auto j = std::move(open_rocks_journal(options).value());
    CHECK(j->has_space());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    REQUIRE(test::append(*j, writer.next(1)));
    j.reset();
    fill();
    j = std::move(open_rocks_journal(options).value());
    CHECK_FALSE(j->has_space());
    writer = test::stream_writer{j->open_stream({"a"}).value()};
    for (int i = 0; i < 50; ++i) REQUIRE(test::append(*j, writer.next(1)));
    std::filesystem::remove(filler);
    CHECK(becomes_true([&] { return j->has_space(); }));
    CHECK(test::contents(*j, {"a"}).value().size() == 51);
  }
  CHECK(::umount(folder.path().c_str()) == 0);
}
