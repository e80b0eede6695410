// Runners in processes of their own: what they give, and what becomes of a trial that ends one or never ends.

#include "actors/research/sweep/grid.hpp"
#include "nodes/desk/file_stamp.hpp"
#include "nodes/sweep/trial_pool.hpp"
#include "tests/support/node_process.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include <sys/wait.h>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::sweep_node;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("sweep/pool");

namespace {

pool_options options_of(const std::vector<std::string>& words) {
  pool_options o;
  o.what.kind = sweep::trial_kind::idle;
  o.what.axes = sweep::parse_grid(words).value();
  o.runner = {(binary_dir() / "troupe-worker").string(), "--runner"};
  o.runners = 2;
  return o;
}

/// Collects until `n` outcomes are there.
std::vector<outcome> outcomes(trial_pool& pool, std::size_t n) {
  std::vector<outcome> all;
  CHECK(eventually([&] {
    auto some = pool.take().outcomes;
    std::ranges::move(some, std::back_inserter(all));
    return all.size() >= n;
  }, 20s));
  return all;
}

const sweep::crash* crash_in(const std::vector<outcome>& all) {
  for (const auto& o : all)
    if (const auto* c = std::get_if<sweep::crash>(&o)) return c;
  return nullptr;
}

} // namespace

TEST_CASE("every trial that is added comes back once, and nothing is left") {
  trial_pool pool{options_of({"idle.us=0", "idle.number=0:999:1"})};
  std::vector<std::uint64_t> trials(1000);
  for (std::size_t i = 0; i < trials.size(); ++i) trials[i] = i;
  pool.add(trials);
  std::vector<std::uint64_t> came;
  for (const auto& o : outcomes(pool, 1000)) came.push_back(std::get<sweep::trial_result>(o).index);
  std::ranges::sort(came);
  CHECK(came == trials);
  CHECK(pool.unfinished_count() == 0);
  CHECK(pool.deaths() == 0);
}

TEST_CASE("a trial that ends its runner is told with the signal, and all others are done") {
  auto o = options_of({"idle.die=0,1", "idle.number=0:19:1"}); // 0 to 19 live, 20 to 39 die
  o.runners = 1;
  trial_pool pool{std::move(o)};
  pool.add({0, 1, 2, 20, 3, 4, 5});
  const auto all = outcomes(pool, 7);
  REQUIRE(all.size() == 7);
  const auto* died = crash_in(all);
  REQUIRE(died != nullptr);
  CHECK(died->index == 20);
  CHECK(died->reason.find("signal 6") != std::string::npos);
  CHECK(std::ranges::count_if(all, [](const auto& x) { return std::holds_alternative<sweep::crash>(x); }) == 1);
  CHECK(pool.deaths() == 1);
}

TEST_CASE("a trial that never ends is ended and told, and the next ones are done") {
  auto o = options_of({"idle.hang=0,1", "idle.number=0,1"}); // 0 and 1 end, 2 and 3 hang
  o.runners = 1;
  o.timeout = 300ms;
  trial_pool pool{std::move(o)};
  pool.add({2, 0, 1});
  const auto all = outcomes(pool, 3);
  const auto* late = crash_in(all);
  REQUIRE(late != nullptr);
  CHECK(*late == sweep::crash{2, "not done after 300 ms"});
  CHECK(all.size() == 3);
}

TEST_CASE("a feed that is removed, shortened, written to or replaced under the trials is told once; what they say then is no outcome, and no trial is lost") {
  temporary_directory dir;
  const auto feed = dir.path() / "feed.jsonl";
  const std::vector<std::function<void()>> harms{[&] { std::filesystem::remove(feed); }, [&] { std::filesystem::resize_file(feed, 3); },
                                                 [&] { std::ofstream{feed, std::ios::app} << "more"; }, [&] {
    const auto other = dir.path() / "other.jsonl"; // of the same size and time
    std::ofstream{other} << "a dead";
    std::filesystem::last_write_time(other, std::filesystem::last_write_time(feed));
    std::filesystem::rename(other, feed);
  }};
  for (const auto& harm : harms) {
    std::ofstream{feed, std::ios::trunc} << "a feed";
    auto o = options_of({"idle.us=0", "idle.number=0:9:1"});
    o.feed = feed;
    o.files = {{feed, desk::stamp_of(feed)}};
    std::atomic<int> told{0};
    o.feed_lost = [&](const std::filesystem::path& which) { told += which == feed ? 1 : 100; };
    trial_pool pool{std::move(o)};
    pool.add({0, 1});
    CHECK(outcomes(pool, 2).size() == 2);
    harm();
    pool.add({2, 3, 4, 5});
    CHECK(eventually([&] { return told == 1; }, 20s));
    const auto t = pool.take();
    CHECK(t.outcomes.empty());
    CHECK(std::set<std::uint64_t>{t.unfinished.begin(), t.unfinished.end()} == std::set<std::uint64_t>{2, 3, 4, 5});
    CHECK(told == 1);
  }
}

TEST_CASE("a pool that is closed while a trial hangs ends at once, its runner too") {
  auto o = options_of({"idle.hang=1"});
  {
    trial_pool pool{std::move(o)};
    pool.add({0});
    CHECK(eventually([&] { return pool.unfinished_count() == 1; }));
  }
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1); // there is no child
  CHECK(errno == ECHILD);
}

TEST_CASE("a pool that is closed while its runners die and give their trials back leaves none of them") {
  auto o = options_of({"idle.number=0:99:1"});
  o.runner = {"/bin/false"};
  o.runners = 8;
  std::vector<std::uint64_t> trials(100);
  for (std::size_t i = 0; i < trials.size(); ++i) trials[i] = i;
  for (int round = 0; round < 20; ++round) {
    trial_pool pool{o};
    pool.add(trials);
  }
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1); // there is no child
  CHECK(errno == ECHILD);
}

TEST_CASE("a runner that does not come up is no trial's fault: it is told, and no trial is blamed") {
  auto o = options_of({"idle.us=0"});
  o.runner = {"/bin/false"};
  o.runners = 1;
  std::atomic<int> told{0};
  std::string why;
  o.broken = [&](const std::string& w) {
    why = w;
    ++told;
  };
  trial_pool pool{std::move(o)};
  pool.add({0});
  CHECK(eventually([&] { return told == 1; }, 30s));
  CHECK(why.find("exit code 1") != std::string::npos);
  const auto t = pool.take();
  CHECK(t.outcomes.empty());
  CHECK(t.unfinished == std::vector<std::uint64_t>{0});
}

TEST_SUITE_END();
