// The journal's files beside the records: frontier, snapshot, archive, as version 1 wrote them.
#include "runtime/journal/archive.hpp"
#include "runtime/journal/frontier.hpp"
#include "runtime/journal/layout.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/support/golden.hpp"

using namespace troupe;
using namespace troupe::journal;
using test::check_golden;
using test::golden_file;

TEST_SUITE_BEGIN("journal/golden");

namespace {

snapshot sample_state() { return {2, sha256("the second record"), 0x01020304, "what two turns add up to"}; }

/// Two records of "oms/17" and a snapshot behind them, in a journal of its own.
void write_two(const std::filesystem::path& folder) {
  auto j = std::move(open_rocks_journal(test::small_journal(folder)).value());
  test::stream_writer writer{j->open_stream({"oms/17"}).value()};
  auto request = writer.next(2, "golden payload");
  request.state = sample_state();
  request.state->chain = writer.head().chain;
  REQUIRE(test::append(*j, std::move(request)));
}

} // namespace

TEST_CASE("frontier, version 1: the released file is read, and today's is the same") {
  test::temporary_directory folder;
  const auto file = folder.path() / "frontier";
  {
    auto frontier = frontier_file::create(file, {41, {"oms/17"}, 4711});
    REQUIRE(frontier);
    REQUIRE(frontier->write({42, {"risk"}, 8}));
    REQUIRE(frontier->sync());
  }
  check_golden("journal/frontier_v1.bin", test::read_file(file));
  CHECK(read_frontier(test::source_dir() / "tests/golden/journal/frontier_v1.bin").value() == frontier_mark{42, {"risk"}, 8});
}

TEST_CASE("snapshot and commit, version 1: the released values are read, and today's are the same") {
  check_golden("journal/snapshot_v1.bin", layout::encode_snapshot(sample_state()));
  const auto state = layout::decode_snapshot(2, golden_file("journal/snapshot_v1.bin"));
  REQUIRE(state);
  CHECK(state->chain == sample_state().chain);
  CHECK(state->schema == sample_state().schema);
  CHECK(state->state == sample_state().state);
  check_golden("journal/commit_v1.bin", layout::encode_commit({42, {"risk"}, 8}));
  CHECK(layout::decode_commit(golden_file("journal/commit_v1.bin")) == frontier_mark{42, {"risk"}, 8});
}

TEST_CASE("archive, version 1: the released file is read whole, and today's is the same") {
  test::temporary_directory folder;
  write_two(folder.path() / "journal");
  const auto written = write_archive(folder.path() / "journal", {"oms/17"}, UINT64_MAX, folder.path() / "archive");
  REQUIRE(written);
  check_golden("journal/archive_v1.bin", test::read_file(folder.path() / "archive"));
  std::vector<std::pair<std::uint64_t, std::string>> visited;
  const auto released = read_archive(test::source_dir() / "tests/golden/journal/archive_v1.bin", [&](const record_view& r) {
    visited.emplace_back(r.header.sequence, std::string{r.payload});
  });
  REQUIRE(released);
  CHECK(*released == *written);
  CHECK(visited == std::vector<std::pair<std::uint64_t, std::string>>{{1, "golden payload"}, {2, "golden payload"}});
}
