// What a look at a journal makes beside it, and what is left of one that was killed.
#include "runtime/journal/scratch_folder.hpp"
#include "runtime/journal/tool.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/runtime/journal/short_files.hpp"
#include "tests/support/ended_by.hpp"
#include "tests/support/test.hpp"

#include <cstdlib>
#include <optional>

using namespace troupe;
using namespace troupe::journal;

TEST_SUITE_BEGIN("journal/scratch_folder");

namespace {

/// Temporary folders are made in a folder of the test's own meanwhile.
class temporary_place {
public:
  temporary_place() {
    if (const char* set = std::getenv("TMPDIR")) before_ = set;
    ::setenv("TMPDIR", folder_.path().c_str(), 1);
  }
  ~temporary_place() {
    if (before_) ::setenv("TMPDIR", before_->c_str(), 1);
    else ::unsetenv("TMPDIR");
  }
  temporary_place(const temporary_place&) = delete;
  temporary_place& operator=(const temporary_place&) = delete;

  [[nodiscard]] std::set<std::filesystem::path> entries() const {
    std::set<std::filesystem::path> all;
    for (const auto& entry : std::filesystem::directory_iterator{folder_.path()}) all.insert(entry.path());
    return all;
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path(); }

private:
  test::temporary_directory folder_; // made before the place is
  std::optional<std::string> before_;
};

} // namespace

TEST_CASE("what a killed process left is removed by the next that looks, and what a living one uses is not") {
  const temporary_place place;
  const auto killed_by = test::ended_by([] {
    const scratch_folder killed;
    test::write_file(killed.path() / "copied", "left");
    ::raise(SIGKILL);
  });
  REQUIRE(killed_by == SIGKILL);
  REQUIRE(place.entries().size() == 1);
  const auto left = *place.entries().begin(), elsewhere = place.path() / "elsewhere", link = place.path() / "troupe-look-link";
  CHECK(std::filesystem::exists(left / "copied"));
  std::filesystem::create_directory(elsewhere);
  std::filesystem::create_directory_symlink(elsewhere, link);
  {
    const scratch_folder first;
    REQUIRE(first);
    CHECK_FALSE(std::filesystem::exists(left));
    test::write_file(first.path() / "copied", "used");
    const scratch_folder second;
    REQUIRE(second);
    CHECK(place.entries() == std::set<std::filesystem::path>{elsewhere, link, first.path(), second.path()});
    CHECK(test::read_file(first.path() / "copied") == "used");
  }
  CHECK(place.entries() == std::set<std::filesystem::path>{elsewhere, link});
}

TEST_CASE("a look for which there is no room says so: it finds no damage, and leaves nothing") {
  test::temporary_directory folder;
  {
    auto j = std::move(open_rocks_journal(test::small_journal(folder.path())).value());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    REQUIRE(test::append(*j, writer.next(3)));
  }
  const temporary_place place;
  error full;
  {
    test::short_files limited{8}; // no CHECK in here: what it says may go into a file
    if (auto report = verify(folder.path()); !report) full = report.error();
  }
  CHECK(full.code == errc::io_error);
  CHECK_MESSAGE(full.message.find(" to " + place.path().string()) != std::string::npos, full.message);
  CHECK(place.entries().empty());
  CHECK(verify(folder.path())->is_clean());
}

TEST_SUITE_END();
