// One table, one build: a worker's program of another one is told at once, and a sweep goes on with the build it began with.

#include "actors/research/sweep/grid.hpp"
#include "nodes/sweep/local_workers.hpp"
#include "nodes/sweep/sweep_run.hpp"
#include "nodes/sweep/worker_build.hpp"
#include "runtime/telemetry/build_info.hpp"
#include "tests/nodes/sweep/sweep_hosts.hpp"

#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::sweep_node;

TEST_SUITE_BEGIN("sweep/build");

namespace {

/// A program that answers `--version` with `text`.
std::filesystem::path program_that_says(const std::filesystem::path& folder, const std::string& text) {
  const auto file = folder / "troupe-worker";
  std::ofstream{file} << "#!/bin/sh\necho '" << text << "'\n";
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  return file;
}

sweep::begin idle_grid(const std::string& build) {
  sweep::begin b;
  b.what.kind = sweep::trial_kind::idle;
  b.what.axes = sweep::parse_grid({"idle.number=0:9:1"}).value();
  b.what.build = build;
  return b;
}

run_options local_run(const std::filesystem::path& folder, const std::filesystem::path& worker) {
  run_options o;
  o.folder = folder;
  o.places.workers = 1;
  o.places.allow_idle = true;
  o.worker_program = worker;
  return o;
}

/// A sweep in `folder` of that build, of which `known` is finished.
void begin_there(const std::filesystem::path& folder, const std::string& build, std::vector<sweep::trial_result> known) {
  temporary_directory certificates;
  REQUIRE(make_certificates(certificates.path() / "c", {node_name{"o"}}));
  orchestrator_options o;
  o.folder = folder;
  o.begin = idle_grid(build);
  o.known = std::move(known);
  o.name = node_name{"o"};
  o.certificates = certificates.path() / "c" / "o";
  o.is_dialed = true;
  std::filesystem::create_directories(folder);
  REQUIRE(orchestrator::open(std::move(o)));
  REQUIRE(sweep_folder{folder}.keep({}));
}

} // namespace

TEST_CASE("a worker's program of another build, or that does not say of which it is, ends the run at once with what to do, and leaves no folder") {
  temporary_directory dir;
  const auto folder = dir.path() / "sweeps" / "x";
  const auto why = [&](const std::filesystem::path& program) {
    auto o = local_run(folder, program);
    o.begin = idle_grid(telemetry::build_id());
    const auto ran = run_sweep(o);
    REQUIRE_FALSE(ran.has_value());
    CHECK(ran.error().code == errc::unavailable);
    CHECK_FALSE(std::filesystem::exists(folder));
    return ran.error().message;
  };
  const auto other = why(program_that_says(dir.path(), "troupe 0.1.0+0123456789ab (gcc 12.2.0, Release)"));
  CHECK(other.find("is of build 0.1.0+0123456789ab, and this program of " + telemetry::build_id()) != std::string::npos);
  CHECK(other.find("side by side") != std::string::npos);
  CHECK(why(program_that_says(dir.path(), "hello")).find("does not say of which build it is") != std::string::npos);
  CHECK(why("/bin/false").find("does not say of which build it is") != std::string::npos);
  CHECK(why(dir.path() / "nothing").find("does not say of which build it is") != std::string::npos);
  CHECK(check_worker_build(binary_dir() / "troupe-worker"));
}

TEST_CASE("a sweep that began with another build is not gone on with, whatever workers there are, and its rows stay as they are; one that is complete is shown") {
  temporary_directory dir;
  const auto worker = binary_dir() / "troupe-worker";
  const auto begun = dir.path() / "begun";
  begin_there(begun, "0.1.0+0123456789ab", {{.index = 3}});
  const auto before = rows_in(begun);
  REQUIRE(before.size() == 1);
  const auto ran = run_sweep(local_run(begun, worker));
  REQUIRE_FALSE(ran.has_value());
  CHECK(ran.error().code == errc::conflict);
  CHECK(ran.error().message.find("began with build 0.1.0+0123456789ab, and this is " + telemetry::build_id()) != std::string::npos);
  CHECK(rows_in(begun) == before);
  const auto complete = dir.path() / "complete";
  std::vector<sweep::trial_result> all(10);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].index = i;
  begin_there(complete, "0.1.0+0123456789ab", all);
  const auto seen = run_sweep(local_run(complete, worker));
  REQUIRE_MESSAGE(seen.has_value(), to_string(seen.error()));
  CHECK(seen->is_complete);
  CHECK(seen->table.has_value());
}

TEST_SUITE_END();
