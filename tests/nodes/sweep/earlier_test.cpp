// Trials that another sweep has on record are taken over: those that are the same in everything that decides what they give.

#include "actors/research/sweep/grid.hpp"
#include "nodes/sweep/earlier_results.hpp"
#include "nodes/sweep/feed_contents.hpp"
#include "nodes/sweep/local_workers.hpp"
#include "nodes/sweep/orchestrator.hpp"
#include "nodes/sweep/sweep_folder.hpp"
#include "nodes/sweep/sweep_table.hpp"
#include "runtime/config/load.hpp"
#include "tests/support/test.hpp"

#include <algorithm>
#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::sweep_node;

TEST_SUITE_BEGIN("sweep/earlier");

namespace {

sweep::description grid_of(const std::vector<std::string>& words, const std::string& build = "0.1.0+0123456789ab") {
  sweep::description d;
  d.axes = sweep::parse_grid(words).value();
  d.configuration = "{}";
  d.build = build;
  return d;
}

/// What a worker would bring for every trial: orders say which parameters it had.
std::vector<sweep::trial_result> results_of(const sweep::description& what) {
  std::vector<sweep::trial_result> all;
  for (std::uint64_t i = 0; i < sweep::size_of(what.axes); ++i) {
    sweep::trial_result r;
    r.index = i;
    for (const auto& [key, value] : sweep::trial_at(what.axes, i)) r.orders = r.orders * 100 + std::stoull(value);
    all.push_back(std::move(r));
  }
  return all;
}

class sweeps {
public:
  sweeps() { REQUIRE(make_certificates(dir_.path() / "certificates", {node_name{"o"}})); }
  [[nodiscard]] std::filesystem::path folder(const std::string& name) const { return dir_.path() / "sweeps" / name; }

  /// A sweep in its folder that has `known` on record. Returns what is finished of it.
  std::uint64_t record(const std::string& name, const sweep::description& what, std::vector<sweep::trial_result> known) {
    orchestrator_options o;
    o.folder = folder(name);
    o.begin = sweep::begin{what, {}};
    o.known = std::move(known);
    o.name = node_name{"o"};
    o.certificates = dir_.path() / "certificates" / "o";
    o.is_dialed = true;
    std::filesystem::create_directories(o.folder);
    auto opened = orchestrator::open(std::move(o));
    REQUIRE_MESSAGE(opened.has_value(), to_string(opened.error()));
    REQUIRE(sweep_folder{folder(name)}.keep({}));
    for (const auto& r : all_rows((*opened)->store())) CHECK(r.worker == node_name{"earlier"});
    return (*opened)->counts().finished();
  }
  [[nodiscard]] std::vector<sweep::trial_result> earlier(const std::string& name, const sweep::description& what) const {
    return earlier_results(folder(name), what, [](const std::string& why) { FAIL_CHECK(why); });
  }

private:
  static std::vector<sweep::trial_result> all_rows(const journal::journal& store) {
    std::vector<sweep::trial_result> all;
    REQUIRE(for_each_row(store, [&](const sweep::trial_result& r) { return all.push_back(r), true; }));
    return all;
  }
  temporary_directory dir_;
};

} // namespace

TEST_CASE("what two grids have in common is taken over, at its place in the new one") {
  sweeps s;
  const auto first = grid_of({"fast=1,2,3", "slow=10,20"});
  CHECK(s.record("first", first, results_of(first)) == 6);
  const auto wider = grid_of({"fast=2,3,4", "slow=5,10,20"});
  const auto known = s.earlier("wider", wider);
  CHECK(known.size() == 4);
  const auto expected = results_of(wider);
  for (const auto& r : known) CHECK(r.orders == expected[r.index].orders);
  CHECK(s.record("wider", wider, known) == 4);
  CHECK(s.earlier("third", grid_of({"fast=3", "slow=20"})).size() == 1); // both have it: once
}

TEST_CASE("a file that the configuration or a parameter names is known by what is in it: with other content nothing is taken over") {
  temporary_directory dir;
  sweeps s;
  const auto file = dir.path() / "today.jsonl";
  const auto described = [&](const std::vector<std::string>& words, const std::string& text) {
    std::ofstream{file} << text;
    auto d = grid_of(words);
    d.configuration = config::read_source((source_dir() / "config/desk.json").string(), {}).value().text;
    d.overrides = {"feeds.0.file=" + file.string()};
    file_hashes hashes;
    REQUIRE(record_contents(d, hashes));
    return d;
  };
  const auto named = described({"fast=1,2"}, "one");
  CHECK(s.record("named", named, results_of(named)) == 2);
  CHECK(s.earlier("next", named).size() == 2);
  CHECK(s.earlier("next", described({"fast=1,2"}, "two")).empty());
  const auto chosen = described({"feeds.0.file=" + file.string()}, "one");
  CHECK(s.record("chosen", chosen, {{.index = 0}}) == 1);
  CHECK(s.earlier("next", chosen).size() == 1);
  CHECK(s.earlier("next", described({"feeds.0.file=" + file.string()}, "two")).empty());
}

TEST_CASE("another build, configuration, override or feed, other parameters, or a build that is no commit: nothing is taken over; nor is what failed") {
  sweeps s;
  auto first = grid_of({"fast=1,2,3"});
  auto results = results_of(first);
  results[1].status = sweep::trial_status::failed;
  results[2].status = sweep::trial_status::refused;
  CHECK(s.record("first", first, results) == 3);
  CHECK(s.earlier("x", first).size() == 2);
  CHECK(s.earlier("first", first).empty()); // its own folder
  auto other = first;
  other.build = "0.1.0+ba9876543210";
  CHECK(s.earlier("x", other).empty());
  other = first;
  other.configuration = "{ }";
  CHECK(s.earlier("x", other).empty());
  other = first;
  other.overrides = {"risk.lease_ms=2000"};
  CHECK(s.earlier("x", other).empty());
  other = first;
  other.feed = sweep::feed_file{"a.jsonl", {"00"}, 1};
  CHECK(s.earlier("x", other).empty());
  CHECK(s.earlier("x", grid_of({"slow=1,2,3"})).empty());
  CHECK(s.earlier("x", grid_of({"fast=1,2,3", "slow=1"})).empty());
  for (const char* build : {"0.1.0+0123456789ab-dirty.b8e7997c2de1", "0.1.0+unknown"}) {
    const auto unsure = grid_of({"fast=1,2,3"}, build);
    s.record(build, unsure, results_of(unsure));
    CHECK(s.earlier("x", unsure).empty());
  }
}

TEST_SUITE_END();
