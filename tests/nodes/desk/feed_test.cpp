// Feeds as actors: real, N-fold and full speed on virtual time, and what they say about a source that is damaged.

#include "runtime/actor/caf_inspect.hpp"

#include "actors/market/tape/reader.hpp"
#include "nodes/desk/feed_actor.hpp"
#include "nodes/desk/feed_file.hpp"
#include "nodes/desk/pace.hpp"
#include "nodes/desk/tape_seal.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tests/nodes/desk/captures.hpp"
#include "tests/support/still_system.hpp"

#include <caf/all.hpp>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// A live feed on a clock that a test moves.
struct feed_house : still_system {
  desk::shared_parts parts;
  std::vector<std::string> warnings;
  std::shared_ptr<desk::feed_progress> progress = std::make_shared<desk::feed_progress>();
  temporary_directory dir;
  std::filesystem::path tape_directory; // none unless a case says where
  caf::strong_actor_ptr feed;

  feed_house() {
    clock.set(time_from_ns(1'800'000'000'000'000'000)); // years after the data
    parts.journal = journal::make_memory_journal();
    parts.board = std::make_shared<desk::mark_board>(10);
    parts.env.clock = &clock;
    parts.env.names = &names;
    parts.env.pulses = &pulses;
    parts.env.log = [this](const actor_name&, const cause_id& cause, std::string_view level, std::string_view said) {
      CHECK(cause.source == text<23>{"main"});
      if (level == "warning") warnings.emplace_back(said);
    };
  }
  ~feed_house() {
    stop();
    names.clear();
    scheduler.run();
  }
  void stop() {
    if (feed) caf::anon_send_exit(feed, caf::exit_reason::user_shutdown);
    feed = nullptr;
    scheduler.run();
  }
  void start(const std::filesystem::path& file, double speed, bool repeat = false) {
    desk::feed_options o;
    o.name = "main";
    o.file = file.string();
    o.speed = speed;
    o.repeat = repeat;
    o.tape_directory = tape_directory;
    auto started = desk::start_feed(system, parts, o, progress);
    REQUIRE(started);
    feed = *started;
    scheduler.run();
  }
  /// Lines taken after `d` more.
  std::uint64_t after(nanoseconds d) {
    constexpr nanoseconds step = 2ms; // of the feed's own timer
    for (nanoseconds passed{}; passed < d; passed += step) {
      clock.set(clock.now() + step);
      scheduler.advance_time(step);
      scheduler.run();
    }
    return progress->lines;
  }
};

} // namespace

TEST_SUITE_BEGIN("desk/feed");

TEST_CASE("pace: the data's time, some times faster, from the first entry with a time; zero is full speed") {
  const auto data = [](nanoseconds d) { return time_from_ns(1'700'000'000'000'000'000) + d; };
  const auto now = [](nanoseconds d) { return boot_ns{1000h + d}; };
  for (const double speed : {1.0, 10.0, 0.5}) {
    CAPTURE(speed);
    desk::pace p{speed};
    p.start(now(0s));
    p.see(time_ns{}); // before the first good line
    CHECK(p.is_due(time_ns{}, now(0s)));
    p.see(data(0s));
    p.see(data(10s));
    CHECK(p.is_due(data(0s), now(0s)));
    const auto due = nanoseconds{static_cast<std::int64_t>(10e9 / speed)};
    CHECK_FALSE(p.is_due(data(10s), now(due - 1ms)));
    CHECK(p.is_due(data(10s), now(due)));
    p.start(now(100s)); // the file begins again
    p.see(data(0s));
    CHECK_FALSE(p.is_due(data(10s), now(100s + due - 1ms)));
    CHECK(p.is_due(data(10s), now(100s + due)));
  }
  desk::pace full{0};
  full.start(now(0s));
  full.see(data(0s));
  CHECK(full.is_due(data(1000h), now(0s)));
}

TEST_CASE_FIXTURE(feed_house, "a feed takes each line when it is due: real time, ten times faster, or all at once") {
  const auto file = write_trades(dir.path(), 5, 100ms); // the last is 400 ms behind the first
  SUBCASE("real time") {
    start(file, 1);
    CHECK(after(2ms) == 1);
    CHECK(after(200ms) == 3);
    CHECK(after(196ms) == 4);
    CHECK_FALSE(progress->ended);
    CHECK(after(4ms) == 5);
  }
  SUBCASE("ten times faster") {
    start(file, 10);
    CHECK(after(2ms) == 1);
    CHECK(after(20ms) == 3);
    CHECK(after(20ms) == 5);
  }
  SUBCASE("full speed") {
    start(file, 0);
    CHECK(after(2ms) == 5);
  }
  CHECK(progress->ended);
}

TEST_CASE_FIXTURE(feed_house, "a top is as old as the last line that told it: a quiet market's does not grow old, that of a source which is silent, unreadable, late or tells trades alone does") {
  const auto ticker = [](int update_id, int at_ms) {
    return std::to_string(1723161255088169167 + at_ms * 1'000'000LL) + R"( {"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":)" + std::to_string(update_id) +
           R"(,"s":"BTCUSDT","b":"61800.4","B":"1","a":"61800.6","A":"1"}})";
  };
  const auto file = write_trades(dir.path(), 7, 200ms, {{1, ticker(5, 0)}, {3, ticker(6, 400)}, {4, ticker(5, 600)}, {5, "1723161255888169167 {\"torn\":"}, {6, "no time in front"}});
  start(file, 1);
  const market::instrument_id id{"BTCUSDT.BINANCE_USDM"};
  const auto age = [&] {
    const auto shown = parts.board->quote(id);
    REQUIRE(shown);
    CHECK(shown->update_id == 5);
    return clock.boot() - shown->heard_at;
  };
  after(2ms);
  CHECK(age() <= 2ms);
  after(388ms);
  CHECK(progress->trades == 1); // which tells nothing of the book
  CHECK(age() >= 386ms);
  after(20ms); // the same top once more
  CHECK(age() <= 10ms);
  after(800ms); // a late one, two that cannot be read, and a trade
  CHECK(progress->bad_lines == 2);
  CHECK(progress->trades == 2);
  CHECK(age() >= 790ms);
  CHECK(progress->quotes == 1);
}

TEST_CASE_FIXTURE(feed_house, "bad lines are told by number and reason, once each, and never end a feed") {
  const auto file = write_trades(dir.path(), 5, 1ms, {{2, "no time in front"}, {4, "1723161255088169167 {\"torn\":"}});
  start(file, 0);
  CHECK(after(10ms) == 5);
  CHECK(progress->trades == 3);
  CHECK(progress->bad_lines == 2);
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0].find("line 2: ") != std::string::npos);
  CHECK(warnings[1].find("line 4: ") != std::string::npos);
  CHECK(progress->told_bad_lines() == warnings);
  CHECK_FALSE(progress->failure());
}

TEST_CASE_FIXTURE(feed_house, "a gzip file that ends early ends the feed with an error that names the line") {
  const auto file = cut_gzip(write_trades(dir.path(), 20'000, 1us));
  start(file, 0);
  (void)after(2s);
  CHECK(progress->ended);
  REQUIRE(progress->failure());
  CHECK(progress->failure()->code == errc::corrupt);
  CHECK(progress->failure()->message.find("behind line " + std::to_string(progress->lines.load())) != std::string::npos);
  CHECK(progress->status() == desk::feed_status::failed);
}

TEST_CASE_FIXTURE(feed_house, "a feed says how its source is: connecting, streaming, a gap until a snapshot fits, ended") {
  using enum desk::feed_status;
  const auto snapshot = [](const char* at, int update) {
    return std::string{at} + " {\"lastUpdateId\":" + std::to_string(update) + ",\"E\":1,\"T\":1,\"bids\":[[\"100.0\",\"1\"]],\"asks\":[[\"100.5\",\"1\"]]}";
  };
  const auto depth = [](const char* at, int first, int last, int previous) {
    return std::string{at} + " {\"stream\":\"btcusdt@depth@0ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":2,\"T\":1,\"s\":\"BTCUSDT\",\"U\":" +
           std::to_string(first) + ",\"u\":" + std::to_string(last) + ",\"pu\":" + std::to_string(previous) + ",\"b\":[[\"100.1\",\"2\"]],\"a\":[]}}";
  };
  constexpr const char *begin = "1723161255088169167", *lost = "1723161255188169167", *back = "1723161255488169167"; // 0, 100, 400 ms
  const auto file = write_trades(dir.path(), 7, 100ms, {{1, snapshot(begin, 10)}, {2, depth(begin, 9, 11, 8)}, {3, depth(lost, 50, 51, 49)},
                                                        {5, snapshot(back, 60)}, {6, depth(back, 59, 61, 58)}});
  start(file, 1);
  const auto seen_after = [&](nanoseconds d) {
    (void)after(d);
    return progress->status();
  };
  CHECK(progress->status() == connecting);
  CHECK(seen_after(2ms) == streaming);
  CHECK(seen_after(100ms) == gap);
  CHECK(seen_after(200ms) == gap); // a trade alone closes none
  CHECK(seen_after(100ms) == streaming);
  CHECK(seen_after(200ms) == ended);
  CHECK(progress->bad_lines == 0);
  CHECK(progress->books_lost == 1);
}

TEST_CASE_FIXTURE(feed_house, "a repeated file that is gone at its second reading fails the feed and says so") {
  const auto file = write_trades(dir.path(), 3, 10ms);
  start(file, 1, true);
  CHECK(progress->status() == desk::feed_status::connecting);
  CHECK(after(12ms) == 2);
  CHECK(progress->status() == desk::feed_status::streaming);
  std::filesystem::remove(file);
  (void)after(20ms);
  CHECK(progress->status() == desk::feed_status::failed);
  CHECK(progress->ended);
  REQUIRE(progress->failure());
  CHECK(progress->failure()->code == errc::not_found);
}

TEST_CASE_FIXTURE(feed_house, "a file that begins again takes its books away behind its last quotes: no price of its end is shown at its beginning") {
  const auto file = write_trades(dir.path(), 3, 10ms,
                                 {{2, R"(1723161255098169167 {"lastUpdateId":10,"E":1,"T":1,"bids":[["100.0","1"]],"asks":[["100.5","1"]]})"},
                                  {3, R"(1723161255108169167 {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":2,"T":1,"s":"BTCUSDT","U":9,"u":11,"pu":8,"b":[["100.1","2"]],"a":[]}})"}});
  const market::instrument_id btc{"BTCUSDT.BINANCE_USDM"};
  start(file, 1, true);
  CHECK(after(12ms) == 2);
  REQUIRE(parts.board->quote(btc));
  CHECK(after(10ms) == 4);
  CHECK_FALSE(parts.board->quote(btc));
  CHECK(after(10ms) == 5);
  REQUIRE(parts.board->quote(btc));
  CHECK(parts.board->quote(btc)->bid == price::whole(100));
}

TEST_CASE_FIXTURE(feed_house, "a file that begins again gives its bars again") {
  std::map<int, std::string> lines;
  for (int n = 1; n <= 4; ++n)
    lines[n] = std::to_string(1723161255088169167 + n) + R"( {"stream":"btcusdt@trade","data":{"e":"trade","E":2,"T":)" + std::to_string(1723161255000 + 600 * (n - 1)) +
               R"(,"s":"BTCUSDT","t":)" + std::to_string(n) + R"(,"p":"61800.5","q":"0.002","X":"MARKET","m":true}})";
  start(write_trades(dir.path(), 4, 1ns, lines), 0, true);
  for (std::uint64_t times = 1; times <= 3; ++times) {
    CAPTURE(times);
    CHECK(after(2ms) == 4 * times);
    CHECK(progress->bars == times);
  }
}

TEST_CASE_FIXTURE(feed_house, "a trade of a capture whose time is far ahead of when it was received closes no bar, however old the capture is") {
  std::map<int, std::string> lines;
  int n = 0;
  for (const int at : {0, 3'600'000, 1'200, 2'400, 3'600}) {
    ++n;
    lines[n] = std::to_string(1723161255088169167 + n) + R"( {"stream":"btcusdt@trade","data":{"e":"trade","E":2,"T":)" + std::to_string(1723161255000 + at) +
                 R"(,"s":"BTCUSDT","t":)" + std::to_string(n) + R"(,"p":"61800.5","q":"0.002","X":"MARKET","m":true}})";
  }
  start(write_trades(dir.path(), n, 1ns, lines), 0);
  CHECK(after(2ms) == 5);
  CHECK(progress->trades == 5);
  CHECK(progress->bars == 3);
}

TEST_CASE_FIXTURE(feed_house, "a repeated file of which nothing can be replayed is read once, and the feed fails and says so") {
  const auto file = write_trades(dir.path(), 2, 1ms, {{1, "no time in front"}, {2, "nor here"}});
  start(file, 0, true);
  CHECK(after(20ms) == 2);
  CHECK(warnings.size() == 2);
  CHECK(progress->status() == desk::feed_status::failed);
  REQUIRE(progress->failure());
  CHECK(progress->failure()->message.find("nothing in it can be replayed") != std::string::npos);
}

TEST_CASE_FIXTURE(feed_house, "the bad lines of a repeated file are told once and counted each time") {
  const auto file = write_trades(dir.path(), 3, 10ms, {{2, "no time in front"}});
  start(file, 1, true);
  (void)after(90ms);
  CHECK(progress->trades >= 6);
  CHECK(progress->bad_lines >= 3);
  CHECK(warnings.size() == 1);
  CHECK(progress->told_bad_lines() == warnings);
  CHECK_FALSE(progress->failure());
}

TEST_CASE_FIXTURE(feed_house, "what was received goes to the tape, byte for byte and with the time it was taken, and what is sealed is its SHA-256") {
  constexpr int count = 5000; // more than one stretch
  const auto file = write_trades(dir.path(), count, 1us, {{2, "no time in front"}, {4, "1723161255088169167 {\"torn\":"}});
  tape_directory = dir.path() / "tape";
  start(file, 0);
  REQUIRE(after(100ms) == count);
  CHECK(progress->tape_position == count);
  stop();
  std::vector<std::string> taken;
  std::uint64_t last = 0;
  time_ns at{};
  REQUIRE(tape::reader{tape_directory}.read(1, [&](std::uint64_t position, time_ns received_at, std::string_view raw) {
    CHECK(position == ++last);
    CHECK(received_at >= std::max(at, time_from_ns(1'800'000'000'000'000'000)));
    at = received_at;
    taken.emplace_back(raw);
    return true;
  }));
  CHECK(at <= clock.now());
  std::vector<std::string> lines;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  REQUIRE(lines.size() == count);
  CHECK(taken == lines);

  const auto seals = desk::seals_of(*parts.journal, actor_name{"feed/main"});
  REQUIRE(seals);
  REQUIRE(seals->size() == 2);
  CHECK(seals->back().last == count);
  std::uint64_t next = 1;
  for (const auto& s : *seals) {
    CHECK(s.tape == text<23>{"main"});
    REQUIRE(s.first == next);
    std::string sealed;
    for (; next <= s.last; ++next) sealed += lines[next - 1] + '\n';
    CHECK(s.digest.str() == to_hex(sha256(sealed)));
  }
}

TEST_CASE_FIXTURE(feed_house, "an inspection past its deadline is dropped and counted by a feed") {
  start(write_trades(dir.path(), 5, 100ms), 1);
  caf::scoped_actor self{system};
  const auto is_shown = [&](boot_ns deadline) {
    context c;
    c.request = 1;
    c.deadline = deadline;
    actor::send_to(*self.ptr(), feed, lane::data, c, actor::inspect_request{});
    scheduler.run();
    bool shown = false;
    self->receive([&](std::uint64_t, const actor::inspected&) { shown = true; }, caf::after(caf::timespan{0}) >> [] {});
    return shown;
  };
  CHECK(is_shown(clock.boot()));
  CHECK_FALSE(is_shown(clock.boot() - 1ns));
  CHECK(pulses.of(actor_name{"feed/main"})->expired == 1);
}

TEST_CASE("a file nobody configured brings its instrument and venue along, as coarse as its data") {
  const auto data = market_data();
  if (data.empty()) TROUPE_SKIP("no market data");
  const auto sets_for = [&](const char* file) {
    auto config = config::load_file<desk::configuration>(source_dir() / "config/desk.json", {});
    REQUIRE(config);
    desk::feed_section feed;
    feed.file.set((data / file).string());
    auto sets = desk::overrides_for(*config, feed);
    REQUIRE(sets);
    std::string all;
    for (const auto& s : *sets) all += s + "\n";
    return all;
  };
  CHECK(sets_for("ticks/binance_usdm_btcusdt_20240808.jsonl.gz").empty());
  CHECK(sets_for("ticks/hyperliquid_btcusd_20250126.jsonl.gz") ==
        "venues.3={\"name\":\"HYPERLIQUID\"}\n"
        "instruments.6={\"id\":\"BTCUSD.HYPERLIQUID\",\"tick_size\":\"1\",\"lot_size\":\"0.00001\",\"quote\":\"USD\"}\n");
  CHECK(sets_for("minute_bars/india/yesbank/20190709_yesbank_minute_trade.csv").find("\"quote\":\"INR\"") != std::string::npos);
}
