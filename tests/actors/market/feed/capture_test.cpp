#include "actors/market/feed/capture.hpp"
#include "actors/market/feed/capture_decoder.hpp"
#include "actors/market/feed/line_source.hpp"
#include "tests/actors/market/feed/json_oracle.hpp"
#include "tests/support/test.hpp"

#include <algorithm>
#include <random>
#include <string>

#include <nlohmann/json.hpp>

using namespace troupe;

TEST_SUITE_BEGIN("market/feed/capture");

namespace {

const std::string time_in_front = "1723161255088169167 ";

std::string ticker_line(const std::string& bid, const std::string& bid_size, const std::string& ask, const std::string& ask_size,
                        const std::string& id = "7") {
  return time_in_front + R"({"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":)" + id + R"(,"s":"BTCUSDT","b":")" + bid +
         R"(","B":")" + bid_size + R"(","a":")" + ask + R"(","A":")" + ask_size + R"(","T":1723161256313,"E":1723161256313}})";
}

std::string depth_line(const std::string& bids, const std::string& asks, const std::string& ids = R"("U":8,"u":9)") {
  return time_in_front + R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":5,"T":4,"s":"BTCUSDT",)" + ids + R"(,"b":)" +
         bids + R"(,"a":)" + asks + "}}";
}

std::string trade_line(const std::string& fields) {
  return time_in_front + R"({"stream":"btcusdt@trade","data":{"e":"trade","E":2,"T":1,"s":"BTCUSDT",)" + fields + "}}";
}

const std::string good_trade = R"("t":3,"p":"1.5","q":"2","X":"MARKET","m":true)";
const std::string good_snapshot =
  R"({"lastUpdateId":10,"E":5,"T":4,"bids":[["50","5"],["49","4"]],"asks":[["52","2"],["53","3"]]})";

feed::capture_decoder decoder() { return {{"BTCUSDT.BINANCE_USDM"}, "BTCUSDT"}; }

} // namespace

TEST_CASE("a ticker is read exactly") {
  feed::capture_parser parser;
  const auto line = ticker_line("61800.20", "2.507", "61800.30", "2.510", "5123107839020");
  const auto got = parser.parse(line).value();
  CHECK(to_ns(got.received_at) == 1723161255088169167);
  CHECK(got.symbol == "BTCUSDT");
  const auto& t = *std::get<const book::ticker*>(got.message);
  CHECK(t.update_id == 5123107839020u);
  CHECK(t.bid.str() == "61800.2");
  CHECK(t.bid_size.str() == "2.507");
  CHECK(t.ask.str() == "61800.3");
  CHECK(t.ask_size.str() == "2.51");
  CHECK(to_ns(t.event_at) == 1723161256313'000'000);
}

TEST_CASE("a delta is read with its ids, for futures and spot, in any order of fields") {
  feed::capture_parser parser;
  const auto line = depth_line(R"([["58710.20","0.014"],["61510.90","0.000"]])", R"([["61837.64","1.5","ignored"]])", R"("pu":3,"u":9,"U":8)");
  const auto& d = *std::get<const book::depth_delta*>(parser.parse(line).value().message);
  CHECK(d.first_update_id == 8);
  CHECK(d.last_update_id == 9);
  CHECK(d.previous_update_id == 3);
  CHECK(to_ns(d.event_at) == 4'000'000);
  REQUIRE(d.bids.size() == 2);
  CHECK(d.bids[0] == book::level{*price::parse("58710.2"), *quantity::parse("0.014")});
  CHECK(d.bids[1].size.is_zero());
  REQUIRE(d.asks.size() == 1);

  const auto spot = time_in_front + R"({"data":{"a":[],"b":[],"u":9,"U":8,"s":"ETHUSDT","E":6,"e":"depthUpdate"},"stream":"ethusdt@depth@100ms"})";
  const auto got = parser.parse(spot).value();
  const auto& s = *std::get<const book::depth_delta*>(got.message);
  CHECK(got.symbol == "ETHUSDT");
  CHECK(s.previous_update_id == 0); // not left over from the line before
  CHECK(to_ns(s.event_at) == 6'000'000);
  CHECK(s.bids.empty());
  CHECK(s.asks.empty());
}

TEST_CASE("the REST snapshot has no symbol") {
  feed::capture_parser parser;
  const auto got = parser.parse(time_in_front + good_snapshot).value();
  CHECK(got.symbol.empty());
  const auto& s = *std::get<const book::depth_snapshot*>(got.message);
  CHECK(s.last_update_id == 10);
  CHECK(s.bids.size() == 2);
  CHECK(s.asks[1] == book::level{price::whole(53), quantity::whole(3)});
}

TEST_CASE("a trade's aggressor is the side that was not the maker") {
  feed::capture_parser parser;
  auto t = std::get<std::span<const feed::trade_raw>>(parser.parse(trade_line(good_trade)).value().message);
  REQUIRE(t.size() == 1);
  CHECK(t[0].aggressor == market::side::sell);
  CHECK(t[0].last.str() == "1.5");
  CHECK(t[0].size.str() == "2");
  CHECK(t[0].trade_id == 3);
  CHECK(to_ns(t[0].event_at) == 1'000'000);
  t = std::get<std::span<const feed::trade_raw>>(parser.parse(trade_line(R"("t":3,"p":"1.5","q":"2","m":false)")).value().message);
  CHECK(t[0].aggressor == market::side::buy);
}

TEST_CASE("Hyperliquid's books are snapshots ordered by time, its trades come many in one message") {
  feed::capture_parser parser;
  const auto book_line = time_in_front +
    R"({"channel":"l2Book","data":{"coin":"BTC","levels":[[{"n":5,"px":"105055.0","sz":"3.03622"}],)"
    R"([{"n":1,"px":"105056.0","sz":"1"},{"n":1,"px":"105057.0","sz":"2"}]],"time":1737918843542}})";
  auto got = parser.parse(book_line).value();
  CHECK(got.symbol == "BTC");
  const auto& s = *std::get<const book::depth_snapshot*>(got.message);
  CHECK(s.last_update_id == 1737918843542u);
  CHECK(s.bids == std::vector<book::level>{{*price::parse("105055"), *quantity::parse("3.03622")}});
  CHECK(s.asks.size() == 2);
  const auto trades_line = time_in_front +
    R"({"channel":"trades","data":[)"
    R"({"coin":"BTC","px":"105056.0","side":"B","sz":"0.00219","tid":9,"time":7,"users":["a","b"]},)"
    R"({"coin":"BTC","px":"105055.0","side":"A","sz":"1","tid":4,"time":8}]})";
  got = parser.parse(trades_line).value();
  CHECK(got.symbol == "BTC");
  const auto trades = std::get<std::span<const feed::trade_raw>>(got.message);
  REQUIRE(trades.size() == 2);
  CHECK(trades[0].aggressor == market::side::buy);
  CHECK(trades[1].aggressor == market::side::sell);
  CHECK_FALSE(got.trade_ids_ascend);
}

TEST_CASE("bad lines are refused with the reason, change nothing, and the stream goes on") {
  struct row { std::string line; const char* reason; };
  const std::string levels = R"([["51","1"]])";
  const row rows[] = {
    {"", "receive time"},
    {"{}", "receive time"},
    {"0 {}", "receive time"},
    {"-5 {}", "receive time"},
    {"99999999999999999999 {}", "receive time"},
    {"1723161255088169167{}", "receive time"},
    {"7258118400000000001 {}", "beyond the year 2200"},
    {"9223372036854775807 {}", "beyond the year 2200"}, // it would be taken for the end of the feed
    {time_in_front, "an object is expected"},
    {time_in_front + "[]", "an object is expected"},
    {ticker_line("NaN", "1", "52", "1"), "b must be a decimal number"},
    {ticker_line("-50", "1", "52", "1"), "b must be a decimal number"},
    {ticker_line("50", "-1", "52", "1"), "B must be a decimal number"},
    {ticker_line("50", "1", "1e300", "1"), "a must be a decimal number"},
    {ticker_line("50", "1", "92233720369", "1"), "a must be a decimal number"},
    {ticker_line("50", "1", "52.000000001", "1"), "exact at 1e-8"},
    {ticker_line("50", "92233720369", "52", "1"), "B must be a decimal number between 0 and 92233720368"}, // as coins of small value have
    {ticker_line("50", "1", "Infinity", "1"), "a must be"},
    {ticker_line("", "1", "52", "1"), "b must be"},
    {ticker_line("52", "1", "52", "1"), "not below"},
    {ticker_line("53", "1", "52", "1"), "not below"},
    {ticker_line("50", "1", "52", "1", "-7"), "u must be a whole number"},
    {ticker_line("50", "1", "52", "1", "7.5"), "u must be a whole number"},
    {ticker_line("50", "1", "52", "1", "\"7\""), "u must be a whole number"},
    {ticker_line("50", "1", "52", "1", "18446744073709551616"), "u must be a whole number"},
    {time_in_front + R"({"stream":"x@bookTicker","data":{"u":7,"s":"BTCUSDT","b":"50","B":"1","a":"52"}})", "A is missing"},
    {time_in_front + R"({"stream":"x@bookTicker","data":{"u":7,"b":"50","B":"1","a":"52","A":"1"}})", "s is missing"},
    {time_in_front + R"({"stream":"x@bookTicker","data":{"u":7,"s":"BTCUSDT","b":true,"B":"1","a":"52","A":"1"}})", "a string or a number"},
    {time_in_front + R"({"stream":"x@bookTicker","data":{"u":7,"u":8,"s":"BTCUSDT","b":"50","B":"1","a":"52","A":"1"}})", "twice"},
    {time_in_front + R"({"stream":"x@bookTicker","data":[]})", "missing"},
    {time_in_front + R"({"stream":"x@bookTicker"})", "missing"},
    {depth_line(levels, R"([["52","1"],["0","1"]])"), "a level's price"},
    {depth_line(levels, R"([["-52","1"]])"), "a level's price"},
    {depth_line(levels, R"([["52","-1"]])"), "a level's size"},
    {depth_line(levels, R"([["52","92233720369"]])"), "a level's size must be a decimal number between 0 and 92233720368"},
    {depth_line(levels, R"([["92233720369","1"]])"), "at most 92233720368"},
    {depth_line(levels, R"([["52"]])"), "a level's size"},
    {depth_line(levels, R"([[]])"), "a level's price"},
    {depth_line(levels, R"([[["52"],"1"]])"), "a string or a number"},
    {depth_line(levels, R"({})"), "a string or a number"},
    {depth_line(levels, R"("52")"), "asks are missing"},
    {depth_line(levels, levels, R"("U":8)"), "u is missing"},
    {depth_line(levels, levels, R"("U":10,"u":9)"), "U must not be above u"},
    {depth_line(levels, levels, R"("U":8,"u":9,"pu":"x")"), "pu must be a whole number"},
    {depth_line(levels, "[]").substr(0, 100), "the text ends"},
    {trade_line(R"("t":3,"p":"0","q":"2","m":true)"), "p must be greater than 0"},
    {trade_line(R"("t":3,"p":"1","q":"0","m":true)"), "q must be greater than 0"},
    {trade_line(R"("t":3,"p":"1","q":"2")"), "m is missing"},
    {trade_line(R"("t":3,"p":"1","q":"2","m":"true")"), "true or false"},
    {trade_line(R"("p":"1","q":"2","m":true)"), "t is missing"},
    {time_in_front + R"({"stream":"x@trade","data":{"T":9223372036855,"s":"BTCUSDT",)" + good_trade + "}}", "no time in milliseconds"},
    {time_in_front + R"({"lastUpdateId":30,"bids":[["60","1"]],"asks":[["59","1"]]})", "not below"},
    {time_in_front + R"({"lastUpdateId":30,"bids":[["50","1"]]})", "asks are missing"},
    {time_in_front + R"({"channel":"l2Book","data":{"coin":"BTCUSDT","levels":[[]],"time":7}})", "two lists"},
    {time_in_front + R"({"channel":"l2Book","data":{"coin":"BTCUSDT","levels":[[],[],[]],"time":7}})", "two lists"},
    {time_in_front + R"({"channel":"trades","data":[{"coin":"BTCUSDT","px":"1","side":"C","sz":"1","tid":1,"time":1}]})", "side must be A or B"},
    {time_in_front + good_snapshot + "x", "text follows"},
  };
  auto d = decoder();
  std::vector<market::event> out;
  d.line(time_in_front + good_snapshot, 1, {}, out);
  REQUIRE(out.size() == 1);
  std::uint64_t number = 1;
  for (const auto& r : rows) {
    CAPTURE(r.line);
    out.clear();
    d.line(r.line, ++number, {}, out);
    REQUIRE(out.empty());
    REQUIRE(d.counts().bad_lines == number - 1);
    REQUIRE(d.counts().first_bad_lines.back().number == number);
    CAPTURE(d.counts().first_bad_lines.back().reason);
    REQUIRE(d.counts().first_bad_lines.back().reason.find(r.reason) != std::string::npos);
    REQUIRE(d.levels().bids(9).size() == 2);
    REQUIRE(d.levels().asks(9).size() == 2);
    REQUIRE(d.levels().merged().bid == price::whole(50));
  }
  d.line(depth_line(R"([["51","1"]])", "[]", R"("U":8,"u":11,"pu":7)"), ++number, {}, out);
  REQUIRE(out.size() == 1);
  CHECK(std::get<market::quote>(out[0]).bid == price::whole(51));
  CHECK(d.counts().lines == number);
}

TEST_CASE("of many bad lines the first hundred are kept") {
  auto d = decoder();
  std::vector<market::event> out;
  for (std::uint64_t i = 1; i <= 250; ++i) d.line("nonsense", i, {}, out);
  CHECK(d.counts().bad_lines == 250);
  CHECK(d.counts().first_bad_lines.size() == 100);
  CHECK(d.counts().first_bad_lines.back().number == 100);
}

TEST_CASE("valid messages that are none of ours are counted and left out") {
  auto d = decoder();
  std::vector<market::event> out;
  const std::string ignored[] = {
    R"({"result":null,"id":1})", R"({})", R"({"stream":"btcusdt@aggTrade","data":{"p":"1"}})",
    R"({"stream":"btcusdt@depth20@100ms","data":{"lastUpdateId":1,"bids":[],"asks":[]}})", R"({"stream":"","data":{}})",
    R"({"stream":"btcusdt@markPrice","data":"whatever"})", R"({"channel":"subscriptionResponse","data":{"method":"subscribe"}})"};
  for (const auto& message : ignored) {
    CAPTURE(message);
    d.line(time_in_front + message, 1, {}, out);
  }
  CHECK(d.counts().ignored == std::size(ignored));
  d.line(trade_line(R"("t":3,"p":"0","q":"0","X":"NA","m":true)"), 1, {}, out); // no market trade
  CHECK(d.counts().ignored == std::size(ignored) + 1);
  d.line(time_in_front + R"({"stream":"ethusdt@trade","data":{"T":1,"s":"ETHUSDT","t":3,"p":"1.5","q":"2","m":true}})", 1, {}, out);
  CHECK(d.counts().other_symbols == 1);
  CHECK(d.counts().bad_lines == 0);
  CHECK(out.empty());
}

TEST_CASE("events carry the instrument, both times and the tape position; repeated trades are left out") {
  auto d = decoder();
  std::vector<market::event> out;
  const market::tape_position at{"feed/usdm", 42};
  d.line(trade_line(good_trade), 1, at, out);
  d.line(trade_line(good_trade), 2, at, out);
  d.line(ticker_line("50", "1", "52", "2"), 3, at, out);
  d.line(ticker_line("50", "1", "52", "2", "8"), 4, at, out); // nothing changed
  REQUIRE(out.size() == 2);
  const auto& t = std::get<market::trade>(out[0]);
  CHECK(t.instrument.value == "BTCUSDT.BINANCE_USDM");
  CHECK(to_ns(t.event_at) == 1'000'000);
  CHECK(to_ns(t.received_at) == 1723161255088169167);
  CHECK(t.tape == at);
  const auto& q = std::get<market::quote>(out[1]);
  CHECK(q.update_id == 7);
  CHECK(q.ask_size.str() == "2");
  CHECK(q.tape == at);
  CHECK(d.counts().repeated_trades == 1);
  CHECK(d.counts().quotes == 1);
}

TEST_CASE("a gap is told once, and the quote after the next snapshot ends it") {
  auto d = decoder();
  std::vector<market::event> out;
  d.line(time_in_front + good_snapshot, 1, {}, out);
  d.line(depth_line("[]", "[]", R"("U":50,"u":51,"pu":49)"), 2, {}, out);
  d.line(depth_line("[]", "[]", R"("U":60,"u":61,"pu":59)"), 3, {}, out);
  d.line(ticker_line("50", "1", "52", "2", "70"), 4, {}, out);
  REQUIRE(out.size() == 2);
  CHECK(std::holds_alternative<market::book_lost>(out[1]));
  d.line(time_in_front + R"({"lastUpdateId":80,"bids":[["50","5"]],"asks":[["52","2"]]})", 5, {}, out);
  REQUIRE(out.size() == 3);
  CHECK(std::get<market::quote>(out[2]).update_id == 80);
  CHECK(d.counts().books_lost == 1);
}

namespace {

/// As spot sends them.
std::string spot_delta(std::uint64_t first, std::uint64_t last, const std::string& bids = "[]") {
  return depth_line(bids, "[]", R"("U":)" + std::to_string(first) + R"(,"u":)" + std::to_string(last));
}

constexpr std::uint64_t far_too_large = 9'000'000'000'000'000'000;

} // namespace

TEST_CASE("a trade's id that is far too large does not end the trades: its line is told as a bad one, and what follows is believed again") {
  auto d = decoder();
  std::vector<market::event> out;
  std::uint64_t number = 0;
  const auto count = feed::id_order::in_doubt_max;
  const auto trade = [&](std::uint64_t id) { d.line(trade_line(R"("t":)" + std::to_string(id) + R"(,"p":"1.5","q":"2","X":"MARKET","m":true)"), ++number, {}, out); };
  for (std::uint64_t id = 101; id <= 110; ++id) trade(id);
  trade(far_too_large);
  for (std::uint64_t id = 111; id < 111 + count; ++id) trade(id);
  CHECK(d.counts().trades == 10 + 1 + 1); // the last of them is the first that is believed
  CHECK(d.counts().repeated_trades == count - 1);
  trade(111 + count);
  trade(111 + count);
  CHECK(d.counts().trades == 10 + 1 + 2);
  CHECK(d.counts().repeated_trades == count);
  REQUIRE(d.counts().bad_lines == 1);
  CHECK(d.counts().first_bad_lines[0].number == 11);
  CHECK(d.counts().first_bad_lines[0].reason.find("the id 9000000000000000000 is too large") != std::string::npos);
}

TEST_CASE("an update id that is far too large does not freeze the top: its line is told as a bad one, and what follows is believed again") {
  auto d = decoder();
  std::vector<market::event> out;
  std::uint64_t number = 0;
  const auto line = [&](const std::string& text) { d.line(text, ++number, {}, out); };
  const auto count = feed::id_order::in_doubt_max;
  line(time_in_front + R"({"lastUpdateId":100,"bids":[["50","5"],["49","4"]],"asks":[["52","2"]]})");
  SUBCASE("a ticker's") {
    line(ticker_line("50", "7", "52", "2", std::to_string(far_too_large)));
    for (std::uint64_t id = 101; id < 101 + count; ++id) line(ticker_line("50.5", "1", "51", "1", std::to_string(id)));
  }
  SUBCASE("a change's") {
    line(spot_delta(101, far_too_large));
    for (std::uint64_t id = 102; id < 102 + count - 1; ++id) line(spot_delta(id, id, R"([["50","1"]])"));
    line(ticker_line("50.5", "1", "51", "1", "134"));
    CHECK(d.counts().bad_lines == 0);
    line(spot_delta(135, 135));
    line(ticker_line("50.5", "1", "51", "1", "136"));
  }
  SUBCASE("a change's that is kept for a snapshot") {
    line(spot_delta(far_too_large, far_too_large)); // a gap
    for (std::uint64_t id = 102; id < 102 + count; ++id) line(spot_delta(id, id));
    line(time_in_front + R"({"lastUpdateId":140,"bids":[["50.5","1"]],"asks":[["51","1"]]})");
  }
  REQUIRE(d.counts().bad_lines == 1);
  CHECK(d.counts().first_bad_lines[0].number == 2);
  CHECK(d.counts().books_lost == 1);
  REQUIRE(d.levels().known());
  CHECK(d.levels().merged().bid.str() == "50.5");
  REQUIRE(std::holds_alternative<market::quote>(out.back()));
  CHECK(std::get<market::quote>(out.back()).ask.str() == "51");
}

TEST_CASE("a snapshot whose id is far too large, the first line of all, is given up when a book's changes have long gone on below it") {
  auto d = decoder();
  std::vector<market::event> out;
  d.line(time_in_front + R"({"lastUpdateId":9000000000000000000,"bids":[["50","5"]],"asks":[["52","2"]]})", 1, {}, out);
  for (std::uint64_t i = 1; i < feed::id_order::behind_other_max; ++i) d.line(spot_delta(100 + i, 100 + i), 1 + i, {}, out);
  CHECK(d.counts().bad_lines == 0);
  CHECK(d.levels().known());
  d.line(spot_delta(400, 400), 300, {}, out);
  REQUIRE(d.counts().bad_lines == 1);
  CHECK(d.counts().first_bad_lines[0].number == 1);
  CHECK_FALSE(d.levels().known());
  d.line(time_in_front + R"({"lastUpdateId":401,"bids":[["50","6"]],"asks":[["52","2"]]})", 301, {}, out);
  CHECK(d.levels().merged().bid_size.str() == "6");
}

TEST_CASE("time never goes back, also when the capturing clock did") {
  auto d = decoder();
  std::vector<market::event> out;
  CHECK(to_ns(d.line("200 {}", 1, {}, out)) == 200);
  CHECK(to_ns(d.line("100 {}", 2, {}, out)) == 200);
  CHECK(to_ns(d.line("garbage", 3, {}, out)) == 200);
  CHECK(to_ns(d.line("300 {}", 4, {}, out)) == 300);
  CHECK(d.counts().clock_steps_back == 1);
}

TEST_CASE("a line that was received far ahead of all behind it is told: time goes on when they have reached it") {
  auto d = decoder();
  std::vector<market::event> out;
  std::uint64_t number = 0;
  const auto receive = [&](std::uint64_t ns) { return to_ns(d.line(std::to_string(ns) + " {}", ++number, {}, out)); };
  for (std::uint64_t ns = 101; ns <= 110; ++ns) receive(ns);
  CHECK(receive(200) == 200);
  for (std::uint64_t ns = 111; ns < 111 + feed::id_order::in_doubt_max - 1; ++ns) CHECK(receive(ns) == 200);
  CHECK(d.counts().bad_lines == 0);
  for (std::uint64_t ns = 150; ns < 200; ++ns) CHECK(receive(ns) == 200);
  REQUIRE(d.counts().bad_lines == 1);
  CHECK(d.counts().first_bad_lines[0].number == 11);
  CHECK(d.counts().first_bad_lines[0].reason.starts_with("the receive time is ahead of those of many lines behind it"));
  CHECK(receive(201) == 201);
}

TEST_CASE("mutated lines never get past the grammar and never leave something half applied") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const std::string seeds[] = {
    ticker_line("50", "1", "52", "2", "11"), trade_line(good_trade), time_in_front + good_snapshot,
    depth_line(R"([["51","1"],["50","0"]])", R"([["52","4"]])", R"("U":11,"u":12)")};
  const std::string alphabet = "{}[]:,\"\\0123456789.eE+-truefalsn@ \x01\x7f\x80\xff";
  for (int i = 0; i < 30'000; ++i) {
    auto line = seeds[random() % std::size(seeds)];
    for (auto n = 1 + random() % 3; n > 0; --n) {
      const auto at = random() % line.size();
      if (random() % 3 == 0) line.erase(at, 1 + random() % 20);
      else line[at] = alphabet[random() % alphabet.size()];
      if (line.empty()) line.push_back(' ');
    }
    CAPTURE(line);
    auto d = decoder();
    std::vector<market::event> out;
    d.line(time_in_front + good_snapshot, 1, {}, out);
    out.clear();
    d.line(line, 2, {}, out);
    const auto space = line.find(' ');
    const auto json = space == std::string::npos ? std::string{} : line.substr(space + 1);
    const bool ascii = std::ranges::all_of(json, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (ascii && !test::has_huge_exponent(json) && !nlohmann::json::accept(json)) REQUIRE(d.counts().bad_lines == 1);
    if (d.counts().bad_lines == 1) {
      REQUIRE(out.empty());
      REQUIRE(d.levels().depth_update_id() == 10);
      REQUIRE(d.levels().bids(9).size() == 2);
    }
    for (const auto& event : out)
      if (const auto* q = std::get_if<market::quote>(&event)) {
        const bool both = q->bid.is_positive() && q->ask.is_positive();
        REQUIRE((!both || q->bid < q->ask));
      }
  }
}

TEST_SUITE_END();
