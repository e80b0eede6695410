// The command a person runs on a captured market: exit code, summary, and one hash whatever the surroundings.

#include "tests/support/node_process.hpp"

#include <cstdlib>

using namespace troupe;
using namespace troupe::test;

namespace {

/// The last line of standard output of a deterministic run.
std::string summary_of(const std::vector<std::string>& more, int& code) {
  std::vector<std::string> arguments{"--config", (source_dir() / "config/desk.json").string(), "--until-done"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::string output;
  code = run_program("troupe-node", arguments, output);
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output.substr(output.rfind('\n') + 1);
}

} // namespace

TEST_SUITE_BEGIN("process/until_done");

TEST_CASE("a whole captured market: exit 0, fills, positions equal to fills, one hash in any time zone, locale and folder") {
  const auto data = market_data();
  if (data.empty()) TROUPE_SKIP("no market data");
  const auto capture = (data / "ticks/binance_usdm_btcusdt_20240808.jsonl.gz").string();
  int code = -1;
  const auto first = summary_of({"--feed", capture}, code);
  CAPTURE(first);
  CHECK(code == 0);
  CHECK(json_field(first, "event") == "done");
  CHECK(json_field(first, "fills") != "0");
  CHECK(json_field(first, "positions_equal_fills") == "true");
  CHECK(json_field(first, "journal_hash").size() == 64);
  temporary_directory dir;
  ::setenv("TZ", "Asia/Kathmandu", 1);
  ::setenv("LC_ALL", "tr_TR.UTF-8", 1);
  const auto second = summary_of({"--feed", capture, "--data-dir", (dir.path() / "elsewhere").string()}, code);
  ::unsetenv("TZ");
  ::unsetenv("LC_ALL");
  CHECK(code == 0);
  CHECK(second == first);
}

TEST_CASE("without a file: the random walk by number of quotes and seed") {
  int code = -1;
  const auto first = summary_of({"--quotes", "5000", "--seed", "9"}, code);
  CHECK(code == 0);
  CHECK(summary_of({"--quotes", "5000", "--seed", "9"}, code) == first);
  CHECK(summary_of({"--quotes", "5000", "--seed", "10"}, code) != first);
  (void)summary_of({"--feed", "/nonexistent/binance_usdm_btcusdt_20240808.jsonl.gz"}, code);
  CHECK(code != 0);
}
