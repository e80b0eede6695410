// The command a person runs on a captured market: exit code, summary, and one hash whatever the surroundings.

#include "tests/nodes/desk/captures.hpp"
#include "tests/support/node_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <csignal>
#include <fstream>

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

TEST_CASE("a run opens no edge: on a port that is taken, where no node could serve, it is done, over 100,000 events of the walk unless told otherwise") {
  using tcp = boost::asio::ip::tcp;
  boost::asio::io_context io;
  tcp::acceptor taken{io, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
  const auto listeners = R"(edge.listeners=[{"name":"edge","port":)" + std::to_string(taken.local_endpoint().port()) + R"(,"surfaces":["v1","ops"]}])";
  temporary_directory dir;
  std::string output;
  CHECK(run_program("troupe-node", {"--config", (source_dir() / "config/desk.json").string(), "--data-dir", (dir.path() / "data").string(), "--set", listeners}, output) == 3);
  CHECK_MESSAGE(output.find("cannot listen") != std::string::npos, output);
  int code = -1;
  const auto line = summary_of({"--set", listeners}, code);
  CAPTURE(line);
  CHECK(code == 0);
  CHECK(json_field(line, "event") == "done");
  CHECK(std::stoull(json_field(line, "quotes")) + std::stoull(json_field(line, "trades")) == 100'000);
  CHECK(json_field(line, "positions_equal_fills") == "true");
}

TEST_CASE("without a file on the command line: feeds of the configuration that end are run, endless ones give way to a bounded walk, both at once are refused") {
  int code = -1;
  const auto walk = summary_of({"--quotes", "3000", "--seed", "4"}, code);
  CHECK(summary_of({"--set", R"(feeds=[{"name":"walk","seed":4,"quotes":3000}])"}, code) == walk);
  CHECK(code == 0);
  temporary_directory dir;
  const auto both = R"(feeds=[{"name":"file","file":")" + write_trades(dir.path(), 10, std::chrono::milliseconds{1}).string() + R"("},{"name":"other","seed":5}])";
  for (const auto& command : {std::vector<std::string>{"--set", both}, {"--check", "--set", both}}) {
    CHECK(summary_of(command, code).find("the random walk of feed other never ends") != std::string::npos);
    CHECK(code == 2);
  }
  std::string output; // a file that the configuration names is opened, so its absence is told
  CHECK(run_program("troupe-node", {"--config", (source_dir() / "config/desk.json").string(), "--until-done", "--set",
                                    "feeds=[{\"name\":\"mine\",\"file\":\"" + (dir.path() / "missing.jsonl.gz").string() + "\",\"instrument\":\"BTCUSDT.SIM\"}]"},
                    output) != 0);
  CHECK(output.find("missing.jsonl.gz") != std::string::npos);
}

TEST_CASE("a run until done obeys TROUPE_CRASH_AT when it was started with --allow-faults, and only then") {
  const surroundings armed{.environment = {{"TROUPE_CRASH_AT", "shell.durable:3"}}};
  std::vector<std::string> run{"--config", (source_dir() / "config/desk.json").string(), "--until-done", "--quotes", "2000"};
  std::string output;
  CHECK(run_program("troupe-node", run, output, armed) == 0);
  run.push_back("--allow-faults");
  CHECK(run_program("troupe-node", run, output, armed) == -SIGKILL);
  const surroundings misspelt{.environment = {{"TROUPE_CRASH_AT", "nowhere:3"}}};
  CHECK(run_program("troupe-node", run, output, misspelt) == 2);
  CHECK(output.find("shell.durable") != std::string::npos); // the names there are
  const surroundings of_the_disk{.environment = {{"TROUPE_CRASH_AT", "journal.committed:1"}}};
  CHECK(run_program("troupe-node", run, output, of_the_disk) == 2); // it would never be passed
}

TEST_CASE("every capture and bar file of the data folder runs until it is done, configured or not") {
  const auto data = market_data();
  if (data.empty()) TROUPE_SKIP("no market data");
  for (const char* file : {"ticks/binance_spot_ethusdt_20240808.jsonl.gz", "ticks/hyperliquid_btcusd_20250126.jsonl.gz",
                           "minute_bars/coinbase/ethusd/20180405_ethusd_minute_quote.csv", "minute_bars/oanda/eurusd/20140501_eurusd_minute_quote.csv",
                           "minute_bars/bybit/btcusdt/20221213_btcusdt_minute_trade.csv", "minute_bars/binance/btcbusd/20221213_btcbusd_minute_trade.csv",
                           "minute_bars/india/yesbank/20190709_yesbank_minute_trade.csv", "fx_crypto_daily/oanda_eurgbp_daily_quote.csv.gz",
                           "fx_crypto_daily/coinbase_btcusd_daily_trade.csv.gz", "fx_crypto_daily/oanda_xauusd_daily_quote.csv.gz"}) {
    CAPTURE(file);
    int code = -1;
    const auto line = summary_of({"--feed", (data / file).string()}, code);
    CAPTURE(line);
    CHECK(code == 0);
    CHECK(json_field(line, "event") == "done");
    CHECK(json_field(line, "bad_lines") == "0");
    CHECK(json_field(line, "positions_equal_fills") == "true");
    CHECK((json_field(line, "quotes") != "0" || json_field(line, "bars") != "0"));
  }
}

TEST_CASE("a folder that holds something is refused: what it holds would be part of the run") {
  temporary_directory dir;
  const auto folder = (dir.path() / "run").string();
  int code = -1;
  for (const auto& how : {std::vector<std::string>{"--data-dir", folder}, std::vector<std::string>{"--set", "node.data_dir=" + folder}}) {
    auto with = [&](std::vector<std::string> more) {
      more.insert(more.end(), how.begin(), how.end());
      return summary_of(more, code);
    };
    (void)with({"--quotes", "500"});
    CHECK(code == 0);
    CHECK(std::filesystem::exists(folder + "/journal"));
    CHECK(with({"--quotes", "500"}).find("is not empty") != std::string::npos);
    CHECK(code == 3);
    std::filesystem::remove_all(folder);
  }
}

TEST_CASE("a damaged file fails the run with the line where it ends; bad lines are told and counted, and the run goes on") {
  temporary_directory dir;
  std::string output;
  const auto config = (source_dir() / "config/desk.json").string();
  const auto cut = cut_gzip(write_trades(dir.path(), 20'000, std::chrono::milliseconds{1}));
  CHECK(run_program("troupe-node", {"--config", config, "--until-done", "--feed", cut.string()}, output) == 1);
  CHECK(output.find("behind line ") != std::string::npos);
  CHECK(output.find("\"event\":\"done\"") == std::string::npos);
  const auto torn = write_trades(dir.path(), 10, std::chrono::milliseconds{1}, {{7, "torn"}});
  CHECK(run_program("troupe-node", {"--config", config, "--until-done", "--feed", torn.string()}, output) == 0);
  CHECK(output.find("line 7: ") != std::string::npos);
  CHECK(json_field(output, "bad_lines") == "1");
  CHECK(json_field(output, "trades") == "9");
}

TEST_CASE("a file that tells nothing of its feed's instrument fails the run; one that tells also of others runs, and says how many lines it left out") {
  temporary_directory dir;
  std::string output;
  const auto config = (source_dir() / "config/desk.json").string();
  const auto file = write_trades(dir.path(), 10, std::chrono::milliseconds{1}).string();
  const std::vector<std::string> run{"--config", config, "--until-done", "--feed", file};
  auto wrong = run;
  wrong.insert(wrong.end(), {"--set", "feeds.0.instrument=ETHUSDT.BINANCE_USDM"});
  CHECK(run_program("troupe-node", wrong, output) == 1);
  CHECK(output.find("feed/main told no quote, trade or bar of its instrument, and 10 lines of other symbols") != std::string::npos);
  CHECK(output.find("\"event\":\"done\"") == std::string::npos);
  const char* other = R"(1723161255000000000 {"stream":"ethusdt@trade","data":{"e":"trade","E":1723161255000,"T":1723161255000,"s":"ETHUSDT","t":1,"p":"2500","q":"1","X":"MARKET","m":true}})";
  write_trades(dir.path(), 10, std::chrono::milliseconds{1}, {{7, other}});
  CHECK(run_program("troupe-node", run, output) == 0);
  CHECK(output.find("1 lines were of other symbols") != std::string::npos);
  CHECK(json_field(output, "trades") == "9");
}

TEST_CASE("a file whose name tells no instrument is refused with the words that help, and runs with them") {
  temporary_directory dir;
  const auto file = dir.path() / "capture.jsonl";
  std::filesystem::rename(write_trades(dir.path(), 10, std::chrono::milliseconds{1}), file);
  int code = -1;
  CHECK(summary_of({"--feed", file.string()}, code).find("--set feeds.0.instrument=SYMBOL.VENUE") != std::string::npos);
  CHECK(code == 2);
  for (const char* instrument : {"BTCUSDT.BINANCE_USDM", "BTCUSDT.ELSEWHERE"}) { // listed, and brought along
    CAPTURE(instrument);
    const auto line = summary_of({"--feed", file.string(), "--set", std::string{"feeds.0.instrument="} + instrument}, code);
    CHECK(code == 0);
    CHECK(json_field(line, "trades") == "10");
  }
  CHECK(summary_of({"--feed", (dir.path() / "capture.bin").string()}, code).find("feeds.0.instrument") == std::string::npos); // would not help
  CHECK(code == 2);
}

TEST_CASE("a run that could not trade says why, on standard error and in its last line, and one that could says nothing") {
  temporary_directory dir;
  const auto minutes_of = [&](const char* size) {
    const auto file = dir.path() / "oanda/eurusd/20140501_eurusd_minute_quote.csv";
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out{file};
    for (int minute = 0; minute < 40; ++minute) { // up, then down, so that averages cross
      const auto bid = std::to_string(100 + std::min(minute, 40 - minute));
      out << minute * 60'000;
      for (const auto& side : {bid, bid + ".01"}) out << ',' << side << ',' << side << ',' << side << ',' << side << ',' << size;
      out << '\n';
    }
    return file.string();
  };
  const auto run = [&](const char* size, const char* seconds, std::string& output) {
    return run_program("troupe-node", {"--config", (source_dir() / "config/desk.json").string(), "--until-done", "--feed", minutes_of(size), "--set", R"(strategies=[{"name":"ma","parameters":["fast=2","slow=3","quantity=1","bar_seconds=)" +
                                       std::string{seconds} + R"("]}])"}, output);
  };
  std::string output;
  CHECK(run("100", "60", output) == 0);
  CAPTURE(output);
  CHECK(json_field(output, "fills") != "0");
  CHECK(output.find("\"warnings\":[]") != std::string::npos);
  CHECK(output.find("troupe-node:") == std::string::npos);

  const auto said_twice = [](const std::string& all, const std::string& words) {
    const auto first = all.find("troupe-node: " + words), listed = all.find("\"warnings\":[");
    return first != std::string::npos && listed != std::string::npos && first < listed && all.find(words, listed) != std::string::npos;
  };
  std::string of_seconds;
  CHECK(run("100", "1", of_seconds) == 0);
  CHECK_MESSAGE(json_field(of_seconds, "orders") == "0", of_seconds);
  CHECK_MESSAGE(said_twice(of_seconds, "strategy ma waits for bars of 1 s of EURUSD.OANDA, and none came: those that came are of 60 s"), of_seconds);
  std::string without_size;
  CHECK(run("0", "60", without_size) == 0);
  CHECK_MESSAGE(json_field(without_size, "orders") == "0", without_size);
  CHECK_MESSAGE(said_twice(without_size, "none of the 40 quotes of EURUSD.OANDA had a size, so nothing could be filled"), without_size);
}
