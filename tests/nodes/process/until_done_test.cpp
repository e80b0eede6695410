// The command a person runs on a captured market: exit code, summary, and one hash whatever the surroundings.

#include "tests/support/node_process.hpp"

#include <atomic>

using namespace troupe;
using namespace troupe::test;

namespace {

/// The last line of standard output of a deterministic run.
std::string summary_of(const std::vector<std::string>& more, int& code, const surroundings& where = {}) {
  std::vector<std::string> arguments{"--config", (source_dir() / "config/desk.json").string(), "--until-done"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::string output;
  code = run_program("troupe-node", arguments, output, where);
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output.substr(output.rfind('\n') + 1);
}

/// A thread per core that computes until the end of the scope.
class busy_machine {
public:
  busy_machine() {
    for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
      threads_.emplace_back([this] { while (!leaving_.load(std::memory_order_relaxed)) {} });
  }
  ~busy_machine() {
    leaving_ = true;
    for (auto& t : threads_) t.join();
  }
  busy_machine(const busy_machine&) = delete;
  busy_machine& operator=(const busy_machine&) = delete;

private:
  std::atomic<bool> leaving_{false};
  std::vector<std::thread> threads_;
};

} // namespace

TEST_SUITE_BEGIN("process/until_done");

TEST_CASE("a whole captured market: exit 0, fills, positions equal to fills, one hash on any cores, under load, in any time zone, locale and folder") {
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
  surroundings elsewhere{{{"TZ", "Asia/Kathmandu"}, {"LC_ALL", "tr_TR.UTF-8"}, {"LANG", "tr_TR.UTF-8"}}, dir.path(), true};
  CHECK(summary_of({"--feed", capture, "--data-dir", "elsewhere"}, code, elsewhere) == first);
  CHECK(code == 0);
  CHECK(std::filesystem::exists(dir.path() / "elsewhere/journal")); // it did run there
  busy_machine beside;
  CHECK(summary_of({"--feed", capture}, code) == first);
  CHECK(code == 0);
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
