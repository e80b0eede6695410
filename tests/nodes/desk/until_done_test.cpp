#include "tests/support/test.hpp"

#include "nodes/desk/until_done.hpp"

#include <fstream>

#include <zlib.h>

using namespace troupe;

namespace {

/// The whole desk, run over its feeds on virtual time, as `tools/run --until-done` does.
desk::run_summary run(std::vector<std::string> overrides, const std::filesystem::path& data_dir = {}) {
  auto config = config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", std::move(overrides), desk::cross_checks());
  REQUIRE_MESSAGE(config.has_value(), to_string(config.error()));
  desk::desk_options o;
  o.config = &*config;
  o.deterministic = true;
  o.data_dir = data_dir;
  auto node = desk::desk::open(o);
  REQUIRE_MESSAGE(node.has_value(), to_string(node.error()));
  const auto begin = desk::begin_of(*config);
  REQUIRE(begin);
  (*node)->driver_clock().set(*begin);
  REQUIRE((*node)->start());
  auto summary = desk::run_until_done(**node, [](std::uint64_t) {});
  REQUIRE_MESSAGE(summary.has_value(), to_string(summary.error()));
  return *summary;
}

std::vector<std::string> walk(int quotes, int seed) {
  return {"feeds=[{\"name\":\"walk\",\"quotes\":" + std::to_string(quotes) + ",\"seed\":" + std::to_string(seed) + "}]"};
}

/// Copies a gz capture up to `lines` lines, with `change` applied to each line.
void copy_capture(const std::filesystem::path& from, const std::filesystem::path& to, int lines, const std::function<void(int, std::string&)>& change) {
  gzFile in = gzopen(from.c_str(), "rb");
  REQUIRE(in != nullptr);
  std::ofstream out{to};
  std::vector<char> buffer(1 << 20);
  for (int n = 1; n <= lines && gzgets(in, buffer.data(), static_cast<int>(buffer.size())); ++n) {
    std::string line = buffer.data();
    change(n, line);
    out << line;
  }
  gzclose(in);
}

} // namespace

TEST_SUITE_BEGIN("desk/until_done");

TEST_CASE("a run over the random walk trades, adds up, and has one hash per seed") {
  const auto first = run(walk(20'000, 7));
  CAPTURE(first.json());
  CHECK(first.quotes + first.trades == 20'000);
  CHECK(first.fills > 0);
  CHECK(first.positions_equal_fills);
  CHECK(run(walk(20'000, 7)).json() == first.json());
  CHECK(run(walk(20'000, 8)).hash != first.hash);
}

TEST_CASE("the hash does not depend on where the journal lies: memory and disk agree") {
  test::temporary_directory dir;
  CHECK(run(walk(5'000, 3), dir.path() / "data").json() == run(walk(5'000, 3)).json());
}

TEST_CASE("a captured market: fills, positions equal to fills, one hash; one digit of one traded quantity makes another") {
  const auto data = test::market_data();
  if (data.empty()) TROUPE_SKIP("no market data");
  const auto capture = data / "ticks/binance_usdm_btcusdt_20240808.jsonl.gz";
  test::temporary_directory dir;
  const auto plain = dir.path() / "binance_usdm_btcusdt_20240808.jsonl";
  const auto feed = [&](const std::filesystem::path& file) {
    return std::vector<std::string>{"feeds=[{\"name\":\"main\",\"file\":\"" + file.string() + "\"}]"};
  };
  constexpr int lines = 30'000; // the whole file is the job of tools/run's test
  copy_capture(capture, plain, lines, [](int, std::string&) {});
  const auto first = run(feed(plain));
  CAPTURE(first.json());
  CHECK(first.fills > 0);
  CHECK(first.orders > first.rejected);
  CHECK(first.positions_equal_fills);
  CHECK(run(feed(plain)).json() == first.json());

  bool changed = false;
  std::filesystem::create_directory(dir.path() / "other");
  const auto other = dir.path() / "other/binance_usdm_btcusdt_20240808.jsonl";
  copy_capture(capture, other, lines, [&](int n, std::string& line) {
    const auto at = line.find("\"e\":\"trade\"");
    if (n < 15'000 || changed || at == std::string::npos) return;
    const auto q = line.find("\"q\":\"", at);
    auto& digit = line[line.find('"', q + 5) - 1];
    digit = digit == '9' ? '8' : static_cast<char>(digit + 1);
    changed = true;
  });
  REQUIRE(changed);
  CHECK(run(feed(other)).hash != first.hash);
}

TEST_CASE("what is held when a book is lost until the end is worth nobody knows what: the sum says so, and a warning names the instrument") {
  const auto data = test::market_data();
  if (data.empty()) TROUPE_SKIP("no market data");
  test::temporary_directory dir;
  const auto file = dir.path() / "binance_usdm_btcusdt_20240808.jsonl";
  constexpr int lines = 15'000;
  bool dropped = false;
  copy_capture(data / "ticks/binance_usdm_btcusdt_20240808.jsonl.gz", file, lines, [&](int n, std::string& line) {
    if (n < lines - 1000 || dropped || line.find("\"e\":\"depthUpdate\"") == std::string::npos) return;
    line.clear();
    dropped = true;
  });
  REQUIRE(dropped);
  const auto s = run({"feeds=[{\"name\":\"main\",\"file\":\"" + file.string() + "\"}]"});
  CAPTURE(s.json());
  CHECK(s.books_lost == 1);
  CHECK(s.positions_equal_fills);
  CHECK(s.earned.unrealized.find("unknown of ") != std::string::npos);
  REQUIRE(s.warnings.size() == 1);
  CHECK(s.warnings.front() == "at the end the book of BTCUSDT.BINANCE_USDM was not known, so unrealized_pnl is without what is held there");
}
