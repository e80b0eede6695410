#include "actors/market/feed/replay.hpp"
#include "tests/actors/market/feed/files.hpp"

#include <map>
#include <string>
#include <vector>

using namespace troupe;

TEST_SUITE_BEGIN("market/feed/replay");

namespace {

struct replayed {
  feed::counters counts;
  std::vector<market::event> events;
};

replayed run(const feed::replay_options& options) {
  auto r = feed::replay::open(options).value();
  replayed out;
  time_ns last{};
  std::uint64_t line = 0;
  for (;;) {
    const auto* step = r.next().value();
    if (step == nullptr) break;
    REQUIRE(step->line == ++line);
    REQUIRE(step->position == options.first_position + line - 1);
    REQUIRE(step->received_at >= last);
    last = step->received_at;
    out.events.insert(out.events.end(), step->events.begin(), step->events.end());
  }
  out.counts = r.counts();
  return out;
}

feed::replay_options at(const std::filesystem::path& path) {
  feed::replay_options options;
  options.path = path;
  return options;
}

} // namespace

TEST_CASE("the captures replay completely: every line understood, no gap, the same events every time") {
  const auto data = test::market_data();
  if (data.empty()) TROUPE_SKIP("no market data");
  struct row { const char* file; std::uint64_t lines; std::uint64_t trades; };
  const row rows[] = {{"binance_usdm_btcusdt_20240808.jsonl.gz", 93'954, 21'313},
                      {"binance_spot_btcusdt_20240808.jsonl.gz", 41'249, 9'757},
                      {"binance_spot_ethusdt_20240808.jsonl.gz", 33'618, 6'106},
                      {"hyperliquid_btcusd_20250126.jsonl.gz", 55, 64}};
  for (const auto& r : rows) {
    CAPTURE(r.file);
    const auto first = run(at(data / "ticks" / r.file));
    CHECK(first.counts.lines == r.lines);
    CHECK(first.counts.trades == r.trades);
    CHECK(first.counts.bad_lines == 0);
    CHECK(first.counts.ignored == 0);
    CHECK(first.counts.other_symbols == 0);
    CHECK(first.counts.repeated_trades == 0);
    CHECK(first.counts.books_lost == 0);
    CHECK(first.counts.clock_steps_back == 0);
    CHECK(first.counts.quotes + first.counts.trades == first.events.size());
    CHECK(run(at(data / "ticks" / r.file)).events == first.events);
  }
}

TEST_CASE("every bar file of the data folder is understood, but for one crossed day") {
  const auto data = test::market_data();
  if (data.empty()) TROUPE_SKIP("no market data");
  std::uint64_t files = 0;
  std::uint64_t bars = 0;
  std::map<std::string, std::vector<feed::bad_line>> bad;
  for (const char* folder : {"minute_bars", "fx_crypto_daily"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator{data / folder}) {
      if (!entry.is_regular_file()) continue;
      CAPTURE(entry.path().string());
      const auto got = run(at(entry.path()));
      ++files;
      bars += got.counts.bars;
      CHECK(got.counts.bars + got.counts.bad_lines == got.counts.lines);
      if (got.counts.bad_lines > 0) bad[entry.path().filename().string()] = got.counts.first_bad_lines;
    }
  CHECK(files > 40);
  CHECK(bars > 60'000);
  REQUIRE(bad.size() == 1);
  CHECK(bad.begin()->first == "coinbase_btcusd_daily_quote.csv.gz");
  CHECK(bad.begin()->second == std::vector<feed::bad_line>{{369, "the closing bid is not below the closing ask"}});
}

TEST_CASE("bad lines cost nothing but themselves and are reported by number") {
  const auto data = test::market_data();
  if (data.empty()) TROUPE_SKIP("no market data");
  const auto capture = data / "ticks" / "binance_spot_ethusdt_20240808.jsonl.gz";
  auto source = feed::line_source::open(capture).value();
  feed::source_line line;
  std::string content;
  std::vector<std::uint64_t> bad;
  std::uint64_t number = 0;
  for (int i = 0; i < 3000; ++i) {
    REQUIRE(source.next(line).value());
    content += std::string{line.text} + "\n";
    ++number;
    if (i % 500 == 0) {
      content += i % 1000 == 0 ? "garbage\n" : std::string(70'000, 'x') + "\n";
      bad.push_back(++number);
    }
  }
  test::temporary_directory dir;
  auto options = at(test::write_gzip(dir.path() / "binance_spot_ethusdt_20240808.jsonl.gz", content));
  options.line_bytes_max = 65'536;
  const auto got = run(options);
  std::vector<std::uint64_t> reported;
  for (const auto& b : got.counts.first_bad_lines) reported.push_back(b.number);
  CHECK(reported == bad);
  CHECK(got.counts.first_bad_lines.at(1).reason == "the line is longer than 65536 bytes");
  CHECK(got.counts.books_lost == 0);

  // The same without the bad lines says the same; only the positions on the tape differ.
  auto whole = run(at(capture)).events;
  REQUIRE(whole.size() > got.events.size());
  whole.resize(got.events.size());
  auto ours = got.events;
  for (auto* list : {&whole, &ours})
    for (auto& event : *list) std::visit([](auto& e) { e.tape = {}; }, event);
  CHECK(whole == ours);
}

TEST_CASE("a lost depth line loses the book until a snapshot; nothing is quoted in between") {
  const auto data = test::market_data();
  if (data.empty()) TROUPE_SKIP("no market data");
  auto source = feed::line_source::open(data / "ticks" / "binance_usdm_btcusdt_20240808.jsonl.gz").value();
  feed::source_line line;
  std::string content;
  int depth_lines = 0;
  while (source.next(line).value() && line.number < 5000) {
    if (line.text.find("@depth@") != std::string_view::npos && ++depth_lines == 100) continue;
    content += std::string{line.text} + "\n";
  }
  test::temporary_directory dir;
  const auto got = run(at(test::write_plain(dir.path() / "binance_usdm_btcusdt_20240808.jsonl", content)));
  CHECK(got.counts.books_lost == 1);
  bool lost = false;
  std::uint64_t trades_after = 0;
  for (const auto& event : got.events) {
    REQUIRE_FALSE((lost && std::holds_alternative<market::quote>(event)));
    lost = lost || std::holds_alternative<market::book_lost>(event);
    trades_after += lost && std::holds_alternative<market::trade>(event);
  }
  CHECK(lost);
  CHECK(trades_after > 0);
}

TEST_CASE("events name the tape and the position their line gets there") {
  test::temporary_directory dir;
  auto options = at(test::write_plain(
    dir.path() / "binance_spot_btcusdt_20240808.jsonl",
    "5 nonsense\n6 {\"stream\":\"x@trade\",\"data\":{\"T\":1,\"s\":\"BTCUSDT\",\"t\":3,\"p\":\"1.5\",\"q\":\"2\",\"m\":true}}\n"));
  options.tape = "feed/spot";
  options.first_position = 1000;
  const auto got = run(options);
  REQUIRE(got.events.size() == 1);
  CHECK(std::get<market::trade>(got.events[0]).tape == market::tape_position{"feed/spot", 1001});
  CHECK(to_ns(std::get<market::trade>(got.events[0]).received_at) == 6);
}

TEST_CASE("a file that is not there or tells nothing is refused before anything is read") {
  CHECK(feed::replay::open(at("binance_spot_btcusdt_20240808.jsonl")).error().code == errc::not_found);
  CHECK(feed::replay::open(at("what.bin")).error().code == errc::invalid_argument);
}

TEST_SUITE_END();
