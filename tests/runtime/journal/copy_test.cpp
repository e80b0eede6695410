// Copies of running journals, and where copies are built: on which file system, with how many files open, and what is left of one
// that was cut off, or of another that writes there.
#include "runtime/journal/posix_file.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "runtime/journal/tool.hpp"
#include "runtime/journal/unfinished_file.hpp"
#include "runtime/journal/unfinished_folder.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/runtime/journal/short_files.hpp"
#include "tests/support/ended_by.hpp"
#include "tests/support/test.hpp"

#include <array>
#include <fstream>
#include <random>

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::journal;
using test::small_journal;

TEST_SUITE_BEGIN("journal/copy");

namespace {

/// A folder on a file system in memory, which temporary folders usually do not lie on.
class folder_in_memory {
public:
  folder_in_memory() {
    std::string pattern = "/dev/shm/troupe-copy-XXXXXX";
    if (::mkdtemp(pattern.data())) path_ = pattern;
  }
  ~folder_in_memory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  folder_in_memory(const folder_in_memory&) = delete;
  folder_in_memory& operator=(const folder_in_memory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] bool is_apart_from(const std::filesystem::path& other) const {
    struct stat here {}, there {};
    return !path_.empty() && ::stat(path_.c_str(), &here) == 0 && ::stat(other.c_str(), &there) == 0 && here.st_dev != there.st_dev;
  }

private:
  std::filesystem::path path_;
};

/// This process may open `more` files besides those that are open, until the end of the scope.
class few_files {
public:
  explicit few_files(rlim_t more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlim_t next = 0;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"})
      next = std::max<rlim_t>(next, std::stoul(entry.path().filename().string()) + 1);
    const rlimit fewer{std::min(next + more, before_.rlim_cur), before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &fewer);
  }
  ~few_files() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  few_files(const few_files&) = delete;
  few_files& operator=(const few_files&) = delete;

private:
  rlimit before_{};
};

void fill_as_a_copy(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "db");
  test::write_file(folder / "db/CURRENT", "database");
  test::write_file(folder / "frontier", "frontier");
}

bool is_copy(const std::filesystem::path& folder) {
  return test::read_file(folder / "db/CURRENT") == "database" && test::read_file(folder / "frontier") == "frontier";
}

} // namespace

TEST_CASE("onto another file system a copy is one instant of all stores, and they go on while it is made") {
  test::temporary_directory folder;
  folder_in_memory other;
  if (!other.is_apart_from(folder.path())) TROUPE_SKIP("there is no other file system");
  std::function<void()> when_copying;
  auto first_options = small_journal(folder.path() / "first"), second_options = small_journal(folder.path() / "second");
  first_options.log = [&](std::string_view note) {
    if (note.find("another file system") != std::string_view::npos) when_copying();
  };
  auto first = std::move(open_rocks_journal(first_options).value()), second = std::move(open_rocks_journal(second_options).value());
  test::stream_writer a{first->open_stream({"a"}).value()}, b{second->open_stream({"b"}).value()};
  for (int i = 0; i < 5; ++i) {
    REQUIRE(test::append(*first, a.next(1)));
    REQUIRE(test::append(*second, b.next(1)));
  }
  int written_meanwhile = 0;
  when_copying = [&] {
    written_meanwhile += test::append(*first, a.next(1)).has_value(); // answered, or this waits for ever
    written_meanwhile += test::append(*second, b.next(1)).has_value();
  };
  const std::array<copy_order, 2> orders{{{first.get(), other.path() / "first"}, {second.get(), other.path() / "second"}}};
  REQUIRE(checkpoint(orders));
  CHECK(written_meanwhile == 2);
  for (const char* name : {"first", "second"}) {
    CAPTURE(name);
    auto report = verify(other.path() / name);
    REQUIRE(report);
    CHECK(report->is_clean());
    CHECK(report->streams[0].records == 5);
    CHECK_FALSE(std::filesystem::exists(folder.path() / name / "linked"));
  }
  CHECK(test::contents(*first, {"a"}).value().size() == 6);
  CHECK(test::contents(*second, {"b"}).value().size() == 6);
}

TEST_CASE("a copy onto another file system that is given up ends, and its journal goes on") {
  test::temporary_directory folder;
  folder_in_memory other;
  if (!other.is_apart_from(folder.path())) TROUPE_SKIP("there is no other file system");
  auto j = std::move(open_rocks_journal(small_journal(folder.path() / "live")).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  REQUIRE(test::append(*j, writer.next(3)));
  const copy_order order{j.get(), other.path() / "copy"};
  int asked = 0;
  const auto given_up = checkpoint(std::span{&order, 1}, [&] { return ++asked > 1; });
  REQUIRE_FALSE(given_up);
  CHECK_MESSAGE(given_up.error().message.ends_with(": Operation canceled"), given_up.error().message);
  CHECK(asked == 2);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "live" / "linked"));
  REQUIRE(test::append(*j, writer.next(3)));
  std::filesystem::remove_all(other.path() / "copy");
  REQUIRE(checkpoint(std::span{&order, 1}, [] { return false; }));
  CHECK(verify(other.path() / "copy")->streams[0].records == 6);
}

TEST_CASE("what a copy that was cut off left beside its journal goes with the next start, or the next copy") {
  test::temporary_directory folder;
  const auto live = folder.path() / "live", left = live / "linked";
  const auto leave = [&] {
    std::filesystem::create_directories(left / "db.tmp");
    test::write_file(left / "db.tmp/000001.sst", "left");
  };
  leave();
  auto j = std::move(open_rocks_journal(small_journal(live)).value());
  CHECK_FALSE(std::filesystem::exists(left));
  test::stream_writer writer{j->open_stream({"a"}).value()};
  REQUIRE(test::append(*j, writer.next(3)));
  folder_in_memory other;
  if (!other.is_apart_from(folder.path())) TROUPE_SKIP("there is no other file system");
  leave();
  CHECK(backup(*j, other.path() / "copy").value().streams[0].records == 3);
  CHECK_FALSE(std::filesystem::exists(left));
}

TEST_CASE("a node copies a journal of any number of tables without opening them") {
  test::temporary_directory folder;
  const auto live = folder.path() / "live", copy = folder.path() / "copy";
  constexpr rlim_t open_files = 150;
  auto options = small_journal(live);
  options.write_buffer_bytes = 64 << 10;
  options.sync = false;
  auto j = std::move(open_rocks_journal(options).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  std::mt19937 random{1};
  std::uint64_t records = 0;
  // Each is longer than a table is meant to be, yet a busy machine puts several into one: as many as it takes.
  for (; records < 3000 && test::database_files(live, ".sst").size() < open_files + 100; ++records)
    REQUIRE(test::append(*j, writer.next(1, test::unpackable(random, 96 << 10))));
  result<void> copied;
  {
    few_files limited{open_files}; // no CHECK in here
    copied = checkpoint(*j, copy);
  }
  CHECK_MESSAGE(copied, copied.error().message);
  CHECK(test::database_files(copy, ".sst").size() > open_files);
  CHECK(test::contents(*open_rocks_journal(small_journal(copy)).value(), {"a"}).value().size() == records);
}

TEST_CASE("stores of a stopped node are copied all or not at all: while one of them is open none is") {
  test::temporary_directory folder;
  std::vector<stopped_copy> wanted;
  std::vector<std::unique_ptr<troupe::journal::journal>> open;
  for (const char* name : {"first", "second"}) {
    wanted.push_back({folder.path() / name, folder.path() / (std::string{name} + "-copy")});
    open.push_back(std::move(open_rocks_journal(small_journal(folder.path() / name)).value()));
    test::stream_writer writer{open.back()->open_stream({"a"}).value()};
    REQUIRE(test::append(*open.back(), writer.next(3)));
  }
  open[0].reset();
  CHECK(backup(wanted).error().code == errc::unavailable);
  CHECK_FALSE(std::filesystem::exists(wanted[0].target));
  CHECK_FALSE(std::filesystem::exists(wanted[1].target));
  open[1].reset();
  auto reports = backup(wanted);
  REQUIRE(reports);
  REQUIRE(reports->size() == 2);
  for (std::size_t i = 0; i < 2; ++i) CHECK((*reports)[i].streams[0].records == 3);
  CHECK(open_rocks_journal(small_journal(wanted[1].stopped))); // nothing is locked any more
  wanted[0].target = folder.path() / "again";
  const auto refused = backup(wanted).error();
  CHECK(refused.code == errc::not_empty);
  CHECK(refused.message.find(wanted[1].target.string()) != std::string::npos);
}

TEST_CASE("a copy is its owner's to go on with, though nobody may write what was copied; a disk that takes no more is named with its reason, and nothing is left") {
  test::temporary_directory folder;
  const auto kept = folder.path() / "kept", target = folder.path() / "target";
  {
    auto j = std::move(open_rocks_journal(small_journal(kept)).value());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    std::mt19937 random{1};
    REQUIRE(test::append(*j, writer.next(3, test::unpackable(random, 100 << 10))));
  }
  using enum std::filesystem::perms;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{kept})
    if (entry.is_regular_file()) std::filesystem::permissions(entry.path(), owner_read | group_read | others_read);
  error full;
  {
    auto unfinished = unfinished_folder::begin(target);
    REQUIRE(unfinished);
    test::short_files limited{64 << 10}; // no CHECK in here: what it says may go into a file
    if (auto copied = restore(kept, unfinished->path()); !copied) full = copied.error();
  }
  CHECK(full.code == errc::io_error);
  CHECK_MESSAGE(full.message.ends_with(": File too large"), full.message);
  CHECK(full.message.find(".sst to " + target.string()) != std::string::npos);
  CHECK(test::files_below(folder.path()).size() == test::files_below(kept).size());
  REQUIRE(restore(kept, target));
  for (const auto& entry : std::filesystem::recursive_directory_iterator{target})
    if (entry.is_regular_file()) CHECK_MESSAGE(entry.status().permissions() == (owner_read | owner_write), entry.path());
  CHECK(test::contents(*open_rocks_journal(small_journal(target)).value(), {"a"}).value().size() == 3);
}

TEST_CASE("a copy is built beside its target, and the target is there when it is finished and not before") {
  test::temporary_directory folder;
  const auto target = folder.path() / "target", beside = folder.path() / "target.unfinished";
  for (const bool is_there : {false, true}) {
    CAPTURE(is_there);
    if (is_there) std::filesystem::create_directory(target);
    std::filesystem::create_directory(beside);
    test::write_file(beside / "left", "of a copy that was cut off");
    {
      auto given_up = unfinished_folder::begin(target);
      REQUIRE(given_up);
      CHECK(given_up->path() == beside);
      CHECK_FALSE(std::filesystem::exists(beside));
      fill_as_a_copy(given_up->path());
    }
    CHECK_FALSE(std::filesystem::exists(beside));
    CHECK(std::filesystem::exists(target) == is_there);
    auto unfinished = unfinished_folder::begin(target);
    REQUIRE(unfinished);
    fill_as_a_copy(unfinished->path());
    REQUIRE(unfinished->finish());
    CHECK(is_copy(target));
    CHECK_FALSE(std::filesystem::exists(beside));
    CHECK(unfinished_folder::begin(target).error().code == errc::not_empty);
    std::filesystem::remove_all(target);
  }
}

TEST_CASE("a target that is a link is filled where it leads to") {
  test::temporary_directory folder;
  const auto place = folder.path() / "place", target = folder.path() / "target";
  std::filesystem::create_directory(place);
  std::filesystem::create_directory_symlink(place, target);
  { fill_as_a_copy(unfinished_folder::begin(target).value().path()); }
  CHECK(std::filesystem::is_empty(place));
  auto unfinished = unfinished_folder::begin(target);
  REQUIRE(unfinished);
  fill_as_a_copy(unfinished->path());
  CHECK(is_copy(place / ".unfinished"));
  REQUIRE(unfinished->finish());
  CHECK(std::filesystem::is_symlink(target));
  CHECK(is_copy(place));
  CHECK_FALSE(std::filesystem::exists(place / ".unfinished"));
  CHECK(unfinished_folder::begin(target).error().code == errc::not_empty);
}

TEST_CASE("a copy that was killed while it moved into its target is no journal and no empty folder: a start and the next copy say what lies where, and change nothing") {
  test::temporary_directory folder;
  const auto kept = folder.path() / "kept", place = folder.path() / "place", target = folder.path() / "target";
  {
    auto j = std::move(open_rocks_journal(small_journal(kept)).value());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    REQUIRE(test::append(*j, writer.next(3)));
  }
  std::filesystem::create_directory(place);
  std::filesystem::create_directory_symlink(place, target);
  REQUIRE(restore(kept, place / ".unfinished")); // as it is before the last step
  const auto before_it = unfinished_folder::check_whole(target);
  REQUIRE(before_it.has_error());
  CHECK(before_it.error().code == errc::conflict);
  CHECK(before_it.error().message.find("what there is of it lies in " + (target / ".unfinished").string()) != std::string::npos);
  CHECK(open_rocks_journal(small_journal(target)).error().code == errc::conflict); // and begins no new one there
  std::filesystem::rename(place / ".unfinished/db", place / "db"); // and in its midst
  const auto part = test::files_below(place);
  const auto refused = open_rocks_journal(small_journal(target));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::conflict);
  CHECK(refused.error().message.find("was cut off in its last step: db may be a part of it, and the rest lies in " + (target / ".unfinished").string()) != std::string::npos);
  const auto again = unfinished_folder::begin(target);
  REQUIRE(again.has_error());
  CHECK(again.error().code == errc::not_empty);
  CHECK(again.error().message == refused.error().message);
  CHECK(test::files_below(place) == part);
  std::filesystem::rename(place / ".unfinished/frontier", place / "frontier"); // whole, but for an empty folder
  CHECK(unfinished_folder::check_whole(target));
  CHECK(test::contents(*open_rocks_journal(small_journal(target)).value(), {"a"}).value().size() == 3);
}

TEST_CASE("a copy that was killed beside its target keeps a journal from being begun anew there, but not one that is there from going on") {
  test::temporary_directory folder;
  const auto kept = folder.path() / "kept", target = folder.path() / "target", beside = folder.path() / "target.unfinished";
  {
    auto j = std::move(open_rocks_journal(small_journal(kept)).value());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    REQUIRE(test::append(*j, writer.next(3)));
  }
  std::filesystem::create_directory(beside);
  CHECK(unfinished_folder::check_whole(target)); // nothing was copied yet
  REQUIRE(restore(kept, beside)); // as it is before the last step
  for (const bool is_there : {false, true}) {
    CAPTURE(is_there);
    if (is_there) std::filesystem::create_directory(target);
    const auto refused = open_rocks_journal(small_journal(target));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::conflict);
    CHECK_MESSAGE(refused.error().message.find("what there is of it lies in " + beside.string()) != std::string::npos, refused.error().message);
    CHECK(std::filesystem::exists(target) == is_there);
    CHECK(unfinished_folder::check_whole(target / "").error().message == refused.error().message); // the same folder
  }
  {
    const auto writes = lock_beside(beside, target, "folder");
    REQUIRE(writes);
    CHECK(unfinished_folder::check_whole(target).error().code == errc::unavailable);
  }
  {
    auto again = std::move(unfinished_folder::begin(target).value());
    REQUIRE(restore(kept, again.path()));
    REQUIRE(again.finish());
  }
  CHECK_FALSE(std::filesystem::exists(beside));
  std::filesystem::create_directory(beside);
  test::write_file(beside / "left", "of a copy that somebody tried and was refused");
  CHECK(unfinished_folder::check_whole(target));
  CHECK(test::contents(*open_rocks_journal(small_journal(target)).value(), {"a"}).value().size() == 3);
}

TEST_CASE("a target that is a link which leads nowhere is refused before anything is copied") {
  test::temporary_directory folder;
  const auto target = folder.path() / "target";
  std::filesystem::create_directory_symlink(folder.path() / "nowhere", target);
  const auto refused = unfinished_folder::begin(target);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == target.string() + " is a link that leads nowhere; make the folder that it names, or remove it");
  CHECK(std::filesystem::is_symlink(target));
  CHECK_FALSE(std::filesystem::exists(target.string() + ".unfinished.lock"));
  std::filesystem::create_directory(folder.path() / "nowhere");
  CHECK(unfinished_folder::begin(target));
}

TEST_CASE("while one writes a target a second is refused at once and the first goes on; what a killed one left is taken over") {
  test::temporary_directory folder;
  const auto place = folder.path() / "place", plain = folder.path() / "plain", link = folder.path() / "link";
  std::filesystem::create_directory(place);
  std::filesystem::create_directory_symlink(place, link);
  for (const auto& target : {plain, link, folder.path() / "around" / "deep"}) {
    CAPTURE(target);
    const auto killed_by = test::ended_by([&] {
      const auto killed = unfinished_folder::begin(target);
      fill_as_a_copy(killed.value().path());
      ::raise(SIGKILL);
    });
    REQUIRE(killed_by == SIGKILL);
    auto first = unfinished_folder::begin(target);
    REQUIRE(first);
    CHECK_FALSE(std::filesystem::exists(first->path()));
    fill_as_a_copy(first->path());
    const auto refused = unfinished_folder::begin(target).error();
    CHECK(refused.code == errc::unavailable);
    CHECK_MESSAGE(refused.message.find("somebody else is writing " + target.string()) == 0, refused.message);
    CHECK(is_copy(first->path()));
    REQUIRE(first->finish());
    CHECK(is_copy(target));
    CHECK(unfinished_folder::begin(target).error().code == errc::not_empty);
    for (const auto& around : {target.parent_path(), target})
      for (const auto& entry : std::filesystem::directory_iterator{around})
        CHECK_MESSAGE(entry.path().string().find(".unfinished") == std::string::npos, entry.path());
  }
}

TEST_CASE("while one writes a file a second is refused and the first goes on; what is left of one that was killed, or leads elsewhere, is overwritten where it stands") {
  test::temporary_directory folder;
  const auto target = folder.path() / "file", elsewhere = folder.path() / "elsewhere";
  std::ofstream{elsewhere} << "kept";
  std::filesystem::create_symlink(elsewhere, target.string() + ".unfinished");
  {
    auto first = unfinished_file::begin(target);
    REQUIRE(first);
    CHECK(unfinished_file::begin(target).error().code == errc::unavailable);
    first->out() << "whole";
    REQUIRE(first->finish());
  }
  CHECK(test::read_file(target) == "whole");
  CHECK(test::read_file(elsewhere) == "kept");
  CHECK(std::filesystem::status(target).permissions() == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  CHECK(unfinished_file::begin(target).error().code == errc::not_empty);
  CHECK_FALSE(std::filesystem::exists(target.string() + ".unfinished.lock"));
}

TEST_CASE("a file for a folder that is not there is refused by the name of that folder, and nothing is made") {
  test::temporary_directory folder;
  const auto missing = folder.path() / "missing";
  const auto refused = unfinished_file::begin(missing / "file");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::io_error);
  CHECK(refused.error().message == "there is no folder " + missing.string() + " for file; make it first, or name another place");
  std::ofstream{missing} << "a file";
  CHECK(unfinished_file::begin(missing / "file").error().message.find(missing.string() + " for file") != std::string::npos);
  CHECK(test::files_below(folder.path()).size() == 1);
}

TEST_CASE("folders are made with those around them, and one that cannot be made is named") {
  test::temporary_directory folder;
  const auto deep = folder.path() / "a" / "b" / "c";
  CHECK(make_folders(deep));
  CHECK(make_folders(deep));
  CHECK(make_folders(folder.path() / "d" / ""));
  CHECK(std::filesystem::is_directory(folder.path() / "d"));
  test::write_file(deep / "file", "");
  const auto refused = make_folders(deep / "file" / "e");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "mkdir " + (deep / "file" / "e").string() + ": Not a directory");
}

TEST_CASE("a target that is a file system of its own is filled, not its parent's") {
  if (::geteuid() != 0) TROUPE_SKIP("needs root");
  test::temporary_directory folder;
  const auto target = folder.path() / "target";
  std::filesystem::create_directory(target);
  if (::mount("tmpfs", target.c_str(), "tmpfs", 0, "size=1m") != 0) TROUPE_SKIP("no tmpfs mounts");
  std::filesystem::create_directory(target / "lost+found");
  auto unfinished = unfinished_folder::begin(target);
  CHECK(unfinished);
  if (unfinished) {
    fill_as_a_copy(unfinished->path());
    CHECK(unfinished->finish());
  }
  CHECK(is_copy(target));
  CHECK_FALSE(std::filesystem::exists(target / ".unfinished"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "target.unfinished"));
  CHECK(::umount(target.c_str()) == 0);
  CHECK(std::filesystem::is_empty(target));
}

TEST_CASE("a read-only file system is named as such: a journal there does not open, can be backed up, and is in use only if somebody has it open") {
  if (::geteuid() != 0) TROUPE_SKIP("needs root");
  test::temporary_directory folder;
  const auto disk = folder.path() / "disk", stopped = disk / "journal";
  std::filesystem::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64m") != 0) TROUPE_SKIP("no tmpfs mounts");
  {
    auto written = open_rocks_journal(small_journal(stopped));
    REQUIRE(written);
    test::stream_writer writer{(*written)->open_stream({"a"}).value()};
    CHECK(test::append(**written, writer.next(3)));
    CHECK(backup(stopped, folder.path() / "too-early").error().message == "a node has " + stopped.string() + " open; ask it for the backup, or stop it");
  }
  CHECK(::mount(nullptr, disk.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  {
    const auto before = test::files_below(stopped);
    auto opened = open_rocks_journal(small_journal(stopped));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == errc::io_error);
    CHECK(opened.error().message == "the journal in " + stopped.string() + " cannot be written: Read-only file system; nothing was changed");
    auto report = backup(stopped, folder.path() / "copy");
    REQUIRE_MESSAGE(report, report.error().message);
    CHECK(report->streams[0].records == 3);
    CHECK(test::files_below(stopped) == before);
    CHECK(open_rocks_journal(small_journal(folder.path() / "copy")));
  }
  CHECK(::umount(disk.c_str()) == 0);
}
