// The proof by kill -9: workers, their runners and the orchestrator die at random, and the table is the one of a quiet machine.

#include "tests/nodes/sweep/sweep_hosts.hpp"

#include <csignal>
#include <cstdlib>
#include <random>
#include <set>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("sweep/kill");

namespace {

constexpr const char* fast = "1:20:1"; // with slow 500 trials, of which some are refused
constexpr const char* slow = "2:50:2";
constexpr int rounds = 24;          // then it is left alone

std::string quiet_table(const sweep_hosts& hosts, const std::filesystem::path& feed) {
  auto words = desk_trials(feed, fast, slow);
  words.insert(words.begin(), {"run", "quiet", "--workers", "1"});
  std::string out;
  REQUIRE_MESSAGE(troupe_sweep(hosts.path(), words, out) == 0, out);
  CHECK(out.find("500 trials: ") == 0);
  return table_of(out);
}

} // namespace

TEST_CASE("500 trials over three nodes, workers and the orchestrator killed at random: the table of one undisturbed machine, and no finished trial is run again") {
  const char* given = std::getenv("TROUPE_SEED");
  const auto seed = given ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
  CAPTURE(seed);
  MESSAGE("seed " << seed);
  std::mt19937 random{seed};
  const auto below = [&](int n) { return std::uniform_int_distribution<int>{0, n - 1}(random); };
  sweep_hosts hosts{3};
  const auto feed = write_market(hosts.path(), 150);
  const auto expected = quiet_table(hosts, feed);

  const auto folder = hosts.folder_of("killed");
  auto words = hosts.run_arguments("killed", desk_trials(feed, fast, slow));
  auto run = std::make_unique<program>("troupe", words, hosts.path() / "run.log");
  for (int i = 0; i < 3; ++i) hosts.worker(i).start();
  run->start();
  std::map<std::uint64_t, sweep::trial_result> seen; // rows as they were at some moment
  int kills_of_workers = 0, kills_of_orchestrator = 0;
  std::optional<int> code;
  for (int round = 0; round < rounds && !code; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds{50 + below(500)});
    code = run->join(0ms);
    if (code) break;
    if (round == 2 || below(4) == 0) {
      run->kill();
      ++kills_of_orchestrator;
      for (const auto& r : rows_in(folder)) {
        const auto [at, is_new] = seen.try_emplace(r.index, r);
        if (!is_new) CHECK(at->second == r);
      }
      const bool has_begun = std::filesystem::exists(folder / "sweep.json");
      auto again = has_begun ? std::vector<std::string>{"sweep", "resume", "killed", "--data-dir", folder.string()} : words;
      run = std::make_unique<program>("troupe", again, hosts.path() / "run.log");
      run->start();
    } else {
      auto& w = hosts.worker(below(3));
      w.kill();
      ++kills_of_workers;
      w.start();
    }
  }
  if (!code) code = run->join(120s);
  REQUIRE_MESSAGE(code == 0, run->output());
  MESSAGE(kills_of_workers << " workers and " << kills_of_orchestrator << " orchestrators killed, " << seen.size() << " rows seen on the way");
  CHECK(kills_of_orchestrator > 0);
  CHECK(kills_of_workers > 0);
  CHECK(table_of(run->output()) == expected);
  const auto rows = rows_in(folder);
  REQUIRE(rows.size() == 500);
  std::set<std::string> different;
  for (const auto& r : rows) different.insert(r.journal_hash);
  CHECK(different.size() > 20); // the parameters did make a difference
  for (const auto& [index, r] : seen) CHECK(rows.at(index) == r); // by whom and how long too: nothing took its place
  const auto recorded = recordings_in(folder);
  CHECK(recorded.size() == 500);
  for (const auto& [index, times] : recorded)
    if (times != 1) FAIL_CHECK("trial " << index << " was recorded " << times << " times");
}

TEST_SUITE_END();
