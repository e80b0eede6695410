// troupe sweep on one machine with one command: what it prints, keeps, refuses and takes away.

#include "tests/nodes/sweep/sweep_hosts.hpp"

#include "runtime/config/load.hpp"
#include "runtime/core/hash.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <sstream>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("sweep/local");

namespace {

std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Trials that only wait, `us` each.
std::vector<std::string> idle_trials(const std::string& name, const std::string& us, const std::string& numbers) {
  return {"run", name, "--idle", "--set", "idle.us=" + us, "--set", "idle.number=" + numbers, "--workers", "2"};
}

} // namespace

TEST_CASE("a sweep runs with one command, and its table has one hash whoever runs it; sha256sum of its lines is that hash") {
  temporary_directory dir;
  const auto feed = write_market(dir.path(), 60);
  std::string out;
  REQUIRE_MESSAGE(troupe_sweep(dir.path(), with({"run", "one", "--workers", "1"}, desk_trials(feed, "2:6:2", "3:9:3")), out) == 0, out);
  CHECK(out.find("9 trials: 6 done, 3 refused, 0 failed; 9 of them now") != std::string::npos);
  const auto table = table_of(out);
  CHECK(table.size() == 64);
  // The words in another order, two workers, another feed folder, another name.
  temporary_directory elsewhere;
  std::filesystem::copy_file(feed, elsewhere.path() / feed.filename());
  REQUIRE_MESSAGE(troupe_sweep(dir.path(), {"run", "two", "--again", "--workers", "2", "--set", "strategy.ma.slow=9,6,3", "--set", "strategy.ma.fast=6,2,4", "--feed",
                                            (elsewhere.path() / feed.filename()).string(), "--config", (source_dir() / "config/desk.json").string()},
                               out) == 0, out);
  CHECK(table_of(out) == table);
  REQUIRE(troupe_sweep(dir.path(), {"show", "one", "--json"}, out) == 0);
  CHECK(std::count(out.begin(), out.end(), '\n') == 9);
  CHECK(to_hex(sha256(out)) == table);
  CHECK(out.find(R"({"parameters":{"strategy.ma.fast":"2","strategy.ma.slow":"3"},"status":"done","reason":"","orders":)") == 0);
  CHECK(out.find(R"("status":"refused","reason":)") != std::string::npos);
  REQUIRE(troupe_sweep(dir.path(), {"show", "one", "--limit", "2"}, out) == 0);
  CHECK(out.find("... 7 more rows") != std::string::npos);
  CHECK(table_of(out) == table);
  REQUIRE(troupe_sweep(dir.path(), {"show", "one", "--best", "--limit", "6", "--json"}, out) == 0);
  CHECK(std::count(out.begin(), out.end(), '\n') == 6);
  CHECK(out.find("refused") == std::string::npos); // those have no P&L, and six have one
  REQUIRE(troupe_sweep(dir.path(), {"show", "one", "--csv"}, out) == 0);
  CHECK(std::count(out.begin(), out.end(), '\n') == 10);
  CHECK(out.starts_with("trial,strategy.ma.fast,strategy.ma.slow,status,orders,fills,net_pnl,realized_pnl,unrealized_pnl,fees,currency,journal_hash,worker,reason\n0,2,3,done,"));
  CHECK(out.find(",USDT,") != std::string::npos);
  CHECK(out.find(" USDT") == std::string::npos); // amounts are numbers
  CHECK(out.find(",refused,0,0,,,,,,,local-1,strategies[0].parameters: the strategy ma cannot be built; parameters.slow must be greater than fast\n") != std::string::npos);
  REQUIRE(troupe_sweep(dir.path(), {"show", "one", "--csv", "--best", "--limit", "2"}, out) == 0);
  CHECK(std::count(out.begin(), out.end(), '\n') == 3);
  CHECK(troupe_sweep(dir.path(), {"show", "one", "--csv", "--json"}, out) == 2);
  REQUIRE(troupe_sweep(dir.path(), {"list"}, out) == 0);
  CHECK_MESSAGE(out.find("one    complete       9     6        3       0  0.") != std::string::npos, out);
  CHECK_MESSAGE(out.find("two    complete") != std::string::npos, out);
  REQUIRE(troupe_sweep(dir.path(), {"list", "--json"}, out) == 0);
  CHECK(std::count(out.begin(), out.end(), '\n') == 2);
  CHECK_MESSAGE(out.starts_with(R"({"event":"sweep","sweep":"one","trials":9,"finished":9,"done":6,"refused":3,"failed":0,"state":"complete","process":null,)"), out);
  CHECK(troupe_sweep(dir.path(), {"list", "--data-dir", "nowhere"}, out) == 3);
  REQUIRE(troupe_sweep(dir.path(), {"show", "one", "--best", "--limit", "1"}, out) == 0);
  CHECK(out.find("... 8 more rows") != std::string::npos);
  CHECK(table_of(out) == table);
  REQUIRE(troupe_sweep(dir.path(), {"status", "one"}, out) == 0);
  CHECK(out.find("one is complete: 9 of 9 trials, 6 done, 3 refused, 0 failed") != std::string::npos);
  REQUIRE(troupe_sweep(dir.path(), {"status", "one", "--json"}, out) == 0);
  CHECK(json_field(out, "state") == "complete");
  CHECK(json_field(out, "table_hash") == table);
  CHECK_FALSE(std::filesystem::exists(dir.path() / "sweeps/one/local")); // certificates and cache are gone
}

TEST_CASE("what is wrong with the command line has its exit code, says what to do, and begins nothing") {
  temporary_directory dir;
  const auto feed = write_market(dir.path(), 10);
  std::string out;
  const auto sweep = [&](const std::vector<std::string>& words) { return troupe_sweep(dir.path(), words, out); };
  const auto says = [&](const std::string& text) { return out.find(text) != std::string::npos; };
  const auto config = std::vector<std::string>{"--config", (source_dir() / "config/desk.json").string()};
  CHECK(sweep(with({"run", "x", "--set", "strategy.ma.fast=9:1:1", "--feed", feed.string()}, config)) == 2);
  CHECK(says("end before it begins"));
  CHECK(sweep(with({"run", "x", "--set", "risk.leese_ms=1,2", "--feed", feed.string()}, config)) == 2);
  CHECK(says("lease_ms"));
  CHECK(sweep(with({"run", "x", "--set", "strategy.nobody.fast=1", "--feed", feed.string()}, config)) == 2);
  CHECK(says("there are ma, mm"));
  CHECK(sweep(with({"run", "x", "--set", "strategy.ma.fast=1:2000:1", "--set", "strategy.ma.slow=1:2000:1", "--feed", feed.string()}, config)) == 2);
  CHECK(says("more than 1000000 trials"));
  CHECK(sweep(with({"run", "x", "--feed", feed.string(), "--quotes", "5"}, config)) == 2);
  CHECK(sweep(with({"run", "x", "--feed", feed.string(), "--nodes", "127.0.0.1:1", "--workers", "1"}, config)) == 2);
  CHECK(sweep(with({"run", "x", "--feed", feed.string(), "--nodes", "127.0.0.1:1"}, config)) == 2);
  CHECK(says("troupe ca issue"));
  CHECK(sweep(with({"run", "x", "--feed", (dir.path() / "none.jsonl").string()}, config)) == 3);
  CHECK(sweep({"run", "x", "--config", "none.json"}) == 3);
  CHECK(sweep({"run", "x", "--trial-timeout", "0"}) == 2);
  CHECK(sweep({"run", "--idle", "--set", "idle.number=1", "behind", "--workers", "1"}) == 0); // the name may come last
  CHECK(std::filesystem::exists(dir.path() / "sweeps/behind/journal"));
  for (const auto* command : {"status", "show", "resume", "stop"}) {
    CHECK(sweep({command, "x"}) == 3);
    CHECK_MESSAGE(says("there is no sweep in sweeps/x; there are behind\n"), out);
  }
  CHECK_FALSE(std::filesystem::exists(dir.path() / "sweeps/x/journal"));
  REQUIRE_MESSAGE(sweep(with({"run", "walk", "--set", "strategy.ma.fast=5", "--workers", "1"}, config)) == 0, out); // ends, although nobody said after how many quotes
  CHECK(says("1 trial: 1 done"));
}

TEST_CASE("a trial that ends its process or never ends has failed with the reason, is not tried for ever, and holds up nobody") {
  temporary_directory dir;
  std::string out;
  CHECK(troupe_sweep(dir.path(), {"run", "bad", "--idle", "--workers", "2", "--trial-timeout", "1", "--attempts", "2", "--set", "idle.number=0:9:1", "--set",
                                  "idle.die=0,1", "--set", "idle.hang=0"}, out) == 1);
  CHECK(out.find("20 trials: 10 done, 0 refused, 10 failed") != std::string::npos);
  REQUIRE(troupe_sweep(dir.path(), {"show", "bad", "--limit", "0"}, out) == 0);
  CHECK(out.find("2 attempts, the last one: signal 6") != std::string::npos);
  CHECK(troupe_sweep(dir.path(), {"run", "late", "--idle", "--workers", "1", "--trial-timeout", "1", "--attempts", "1", "--set", "idle.hang=0,1"}, out) == 1);
  REQUIRE(troupe_sweep(dir.path(), {"show", "late", "--json"}, out) == 0);
  CHECK(out.find("1 attempt, the last one: not done after 1000 ms") != std::string::npos);
  CHECK(out.find(R"("status":"done")") != std::string::npos);
}

TEST_CASE("a running sweep is seen, is not run twice, stops when asked, and goes on from there") {
  temporary_directory dir;
  const auto folder = (dir.path() / "sweep").string();
  auto words = with(idle_trials("s", "40000", "0:299:1"), {"--data-dir", folder, "--json"});
  words.insert(words.begin(), "sweep");
  program run{"troupe", words, dir.path() / "run.log"};
  run.start();
  REQUIRE_MESSAGE(eventually([&] { return rows_in(folder).size() > 10; }, 30s), run.output());
  std::string out;
  REQUIRE(troupe_sweep(dir.path(), {"status", "s", "--data-dir", folder, "--json"}, out) == 0);
  CHECK(json_field(out, "state") == "running");
  CHECK(troupe_sweep(dir.path(), {"resume", "s", "--data-dir", folder}, out) == 1);
  CHECK(out.find("runs already, in process ") != std::string::npos);
  CHECK(troupe_sweep(dir.path(), with(idle_trials("s", "0", "0"), {"--data-dir", folder}), out) == 1); // as --help says: there is a sweep of this name
  CHECK_MESSAGE(troupe_sweep(dir.path(), {"stop", "s", "--data-dir", folder}, out) == 0, out);
  CHECK(run.join(10s) == 1);
  CHECK(run.output().find(R"({"event":"progress","sweep":"s","trials":300,)") != std::string::npos);
  CHECK(run.output().find(R"({"event":"stopped","sweep":"s",)") != std::string::npos);
  CHECK(troupe_sweep(dir.path(), {"stop", "s", "--data-dir", folder}, out) == 1); // it does not run
  CHECK(troupe_sweep(dir.path(), with(idle_trials("s", "0", "0"), {"--data-dir", folder}), out) == 1);
  CHECK(out.find("resume it") != std::string::npos);
  const auto before = rows_in(folder);
  REQUIRE(before.size() < 300);
  REQUIRE_MESSAGE(troupe_sweep(dir.path(), {"resume", "s", "--data-dir", folder}, out) == 0, out);
  const auto after = rows_in(folder);
  REQUIRE(after.size() == 300);
  for (const auto& r : before) CHECK(after.at(r.index) == r); // who ran it and how long it took too
  CHECK(troupe_sweep(dir.path(), {"resume", "s", "--data-dir", folder}, out) == 0); // nothing is left to do
  CHECK(out.find("; 0 of them now") != std::string::npos);
}

TEST_CASE("a worker whose copy of the feed is removed under its trials fetches it again: no trial has failed for that, and the table is the same") {
  temporary_directory dir;
  const auto feed = write_market(dir.path(), 400);
  std::string out;
  REQUIRE_MESSAGE(troupe_sweep(dir.path(), with({"run", "quiet", "--workers", "1"}, desk_trials(feed, "2:20:3", "31:50:3")), out) == 0, out);
  const auto table = table_of(out);
  const auto folder = dir.path() / "harmed";
  auto words = with({"sweep", "run", "harmed", "--workers", "1", "--data-dir", folder.string()}, desk_trials(feed, "2:20:3", "31:50:3"));
  program run{"troupe", words, dir.path() / "run.log"};
  run.start();
  REQUIRE_MESSAGE(eventually([&] { return !rows_in(folder).empty(); }, 30s), run.output());
  int removed = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder / "local/cache"})
    if (entry.path().filename() == feed.filename()) removed += std::filesystem::remove(entry.path()) ? 1 : 0;
  CHECK(removed == 1);
  CHECK_MESSAGE(run.join(180s) == 0, run.output());
  CHECK(table_of(run.output()) == table);
  CHECK(run.output().find("it is fetched again") != std::string::npos);
}

TEST_CASE("a sweep whose configuration names a feed that is not here, from another folder say, or is another one now, is not gone on with, and what is left of it is not failed") {
  temporary_directory dir;
  const auto feed = write_market(dir.path(), 400);
  const auto config = dir.path() / "named.json";
  auto text = nlohmann::json::parse(config::read_source((source_dir() / "config/desk.json").string(), {}).value().text, nullptr, true, true);
  text["feeds"] = {{{"name", "main"}, {"file", feed.filename().string()}}};
  std::ofstream{config} << text;
  const auto folder = (dir.path() / "sweeps/n").string();
  std::string out;
  const std::vector<std::string> grid{"--config", config.string(), "--set", "strategy.ma.fast=2", "--set", "strategy.ma.slow=31,32", "--workers", "1"};
  temporary_directory elsewhere;
  CHECK(troupe_sweep(elsewhere.path(), with({"run", "n", "--data-dir", folder}, grid), out) == 3);
  CHECK_MESSAGE(out.find("is not here, seen from ") != std::string::npos, out);
  REQUIRE_MESSAGE(troupe_sweep(dir.path(), with({"run", "n", "--data-dir", folder}, grid), out) == 0, out); // the name was not taken
  CHECK(out.find("2 trials: 2 done") != std::string::npos);
  const auto rows = rows_in(folder);
  CHECK(troupe_sweep(dir.path(), {"status", "n", "--data-dir", folder, "--json"}, out) == 0);
  CHECK_MESSAGE(out.find(R"("files":[{"file":")" + feed.filename().string() + R"(","sha256":")" + sweep_node::hash_file(feed).value().hash.value.str() + "\"}]") != std::string::npos, out);
  write_market(dir.path(), 401); // the same name, and another market
  CHECK(troupe_sweep(dir.path(), {"resume", "n", "--data-dir", folder}, out) == 1);
  CHECK_MESSAGE(out.find(feed.filename().string() + " is not the one this sweep began with") != std::string::npos, out);
  CHECK(rows_in(folder) == rows);
  REQUIRE_MESSAGE(troupe_sweep(dir.path(), with({"run", "other", "--data-dir", (dir.path() / "sweeps/other").string()}, grid), out) == 0, out);
  CHECK(out.find("on record") == std::string::npos); // of what stood in that file before
}

TEST_CASE("a feed that is another one at the resume is refused, and nothing is run") {
  temporary_directory dir;
  const auto feed = write_market(dir.path(), 400);
  const auto folder = (dir.path() / "sweep").string();
  auto words = with({"run", "f", "--workers", "1", "--data-dir", folder}, desk_trials(feed, "2:30:1", "31:60:1"));
  words.insert(words.begin(), "sweep");
  program run{"troupe", words, dir.path() / "run.log"};
  run.start();
  REQUIRE_MESSAGE(eventually([&] { return !rows_in(folder).empty(); }, 30s), run.output());
  run.kill();
  const auto before = rows_in(folder);
  write_market(dir.path(), 401);
  std::string out;
  CHECK(troupe_sweep(dir.path(), {"resume", "f", "--data-dir", folder}, out) == 1);
  CHECK(out.find("is not the one this sweep began with") != std::string::npos);
  CHECK(rows_in(folder) == before);
}

TEST_SUITE_END();
