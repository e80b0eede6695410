// The words after troupe-node: each wrong one is told, with its exit code.

#include "tests/nodes/desk/captures.hpp"
#include "tests/support/node_process.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/supervision");

TEST_CASE("arguments: --check, --version, unknown keys and bad values, each with its exit code") {
  std::string output;
  const auto config = (source_dir() / "config/desk.json").string();
  CHECK(run_program("troupe-node", {"--config", config, "--check"}, output) == 0);
  CHECK(run_program("troupe-node", {"--config", (source_dir() / "config/trade2026.json").string(), "--check"}, output) == 0);
  CHECK(run_program("troupe-node", {"--version"}, output) == 0);
  CHECK(output.starts_with("troupe "));
  CHECK(run_program("troupe-node", {"--help"}, output) == 0);
  CHECK(run_program("troupe-node", {"--nonsense"}, output) == 2);
  CHECK(run_program("troupe-node", {"--config", config, "--check", "--set", "risk.lese_ms=5", "--set", "risk.lease_ms=1"}, output) == 2);
  CHECK(output.find("risk.lease_ms") != std::string::npos);
  CHECK(output.find("lese_ms") != std::string::npos);
  CHECK(run_program("troupe-node", {"--config", "/nonexistent.json"}, output) == 2);
  CHECK_MESSAGE(output.find("there is no configuration file /nonexistent.json; --config FILE names another") != std::string::npos, output);
  CHECK(run_program("troupe-node", {"--config", config, "--check", "--set", "edge.listeners.0.address=0.0.0.0"}, output) == 2);
  CHECK(output.find("loopback") != std::string::npos);
  const std::string away = R"(feeds=[{"name":"spot","file":"/nonexistent/binance_spot_btcusdt_20240808.jsonl"}])"; // it may be on another host
  CHECK(run_program("troupe-node", {"--config", config, "--check", "--set", away}, output) == 0);
  CHECK_MESSAGE(output.find("binance_spot_btcusdt_20240808.jsonl of feed spot is not here") != std::string::npos, output);
}

TEST_CASE("arguments: words that contradict each other, or name nothing, are refused instead of dropped") {
  temporary_directory dir;
  std::string output;
  const auto config = (source_dir() / "config/desk.json").string();
  const auto file = write_trades(dir.path(), 3, 1ms).string();
  const std::pair<std::vector<std::string>, const char*> rows[] = {
    {{"--feed", file, "--quotes", "5"}, "--quotes is of the random walk"},
    {{"--feed", file, "--seed", "5"}, "--seed is of the random walk"},
    {{"--data-dir", ""}, "--data-dir is empty"},
    {{"--feed", ""}, "--feed is empty"},
    {{"--set", "node.name="}, "node.name"},
    {{"--set", "node.data_dir="}, "node.data_dir"},
  };
  for (const auto& [words, says] : rows) {
    CAPTURE(says);
    for (const char* how : {"--check", "--until-done"}) {
      std::vector<std::string> all{"--config", config, how};
      all.insert(all.end(), words.begin(), words.end());
      CHECK(run_program("troupe-node", all, output) == 2);
      CHECK_MESSAGE(output.find(says) != std::string::npos, output);
    }
  }
}
