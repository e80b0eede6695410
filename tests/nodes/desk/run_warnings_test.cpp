// What a run that could not trade says about it.

#include "nodes/desk/run_warnings.hpp"
#include "tests/support/test.hpp"

#include <algorithm>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

const market::instrument_id bitcoin{"BTCUSDT.SIM"}, ether{"ETHUSDT.SIM"};

/// Of the shipped desk with a strategy that waits for bars of a second and one that waits for none, both of the first instrument.
std::vector<std::string> warned(const desk::told_market& told, const std::string& strategies =
                                                                 R"(strategies=[{"name":"ma","parameters":["quantity=1","bar_seconds=1"]},)"
                                                                 R"({"name":"mm","kind":"quoter","parameters":["size=1","position_max=1"]}])") {
  const auto config = config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", {strategies}, desk::cross_checks());
  REQUIRE_MESSAGE(config, to_string(config.error()));
  return desk::warnings_of(*config, bitcoin, told);
}

} // namespace

TEST_SUITE_BEGIN("desk/run_warnings");

TEST_CASE("a run whose strategies had what they need warns of nothing") {
  CHECK(warned({{bitcoin, {10, 1, {1s}}}}).empty());
  CHECK(warned({{bitcoin, {10, 1, {1s, 60s}}}, {ether, {5, 5, {}}}}).empty()); // of what nobody trades
}

TEST_CASE("bars of a length that never came are named with those that did, and only for who waits for them") {
  const auto minutes = warned({{bitcoin, {10, 10, {60s}}}});
  REQUIRE(minutes.size() == 1);
  CHECK(minutes[0] == "strategy ma waits for bars of 1 s of BTCUSDT.SIM, and none came: those that came are of 60 s; see its bar_seconds, bars.interval_ms and the feed");
  const auto none = warned({{bitcoin, {10, 10, {}}}});
  REQUIRE(none.size() == 1);
  CHECK(none[0].find("there were no bars at all") != std::string::npos);
}

TEST_CASE("quotes without a size are told by instrument, once, also of what nobody trades") {
  CHECK(warned({{bitcoin, {10, 0, {1s}}}}) == std::vector<std::string>{"none of the 10 quotes of BTCUSDT.SIM had a size, so nothing could be filled"});
  CHECK(warned({{bitcoin, {10, 3, {1s}}}, {ether, {7, 0, {}}}}).size() == 1);
}

TEST_CASE("every strategy whose instrument was never quoted is told of, whatever else was quoted") {
  const auto all = warned({{bitcoin, {10, 10, {1s}}}}, R"(strategies=[{"name":"mm","kind":"quoter","instrument":"ETHUSDT.SIM","parameters":["size=1","position_max=1"]}])");
  CHECK(all == std::vector<std::string>{"strategy mm trades ETHUSDT.SIM, which was never quoted, so it could not be filled"});
  const auto unquoted = warned({{bitcoin, {0, 0, {1s}}}}); // trades alone
  CHECK(unquoted.size() == 2);
  CHECK(std::ranges::count_if(unquoted, [](const auto& w) { return w.find("which was never quoted") != std::string::npos; }) == 2);
}

TEST_CASE("before it starts a desk warns of strategies on bars of another length than their feed has, and of what no feed shows; those that are shipped need no warning") {
  for (const char* shipped : {"config/desk.json", "config/trade2026.json", "config/beyond_loopback.json", "config/cluster/a.json"}) {
    const auto config = config::load_file<desk::configuration>(test::source_dir() / shipped, {}, desk::cross_checks());
    REQUIRE_MESSAGE(config, to_string(config.error()));
    CHECK_MESSAGE(desk::warnings_of(*config).empty(), shipped);
  }
  const auto before = [](std::vector<std::string> sets) {
    const auto config = config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", std::move(sets), desk::cross_checks());
    REQUIRE_MESSAGE(config, to_string(config.error()));
    return desk::warnings_of(*config);
  };
  const std::string as_declared = R"(strategies=[{"name":"ma","parameters":["quantity=1"]}])";
  CHECK(before({as_declared}) ==
        std::vector<std::string>{"strategy ma waits for bars of 60 s of BTCUSDT.SIM, and feed walk has those of 1 s: it will not trade; see its bar_seconds and bars.interval_ms"});
  CHECK(before({as_declared, "bars.interval_ms=60000"}).empty());
  const std::string minutes = R"(feeds=[{"name":"file","file":"20221213_btcusdt_minute_quote.csv","instrument":"BTCUSDT.SIM"}])";
  CHECK(before({as_declared, minutes}).empty());
  CHECK(before({as_declared, minutes, R"(strategies.0.parameters=["quantity=1","bar_seconds=1"])"}).size() == 1);
  CHECK(before({R"(strategies=[{"name":"mm","kind":"quoter","instrument":"BTCUSDT.BINANCE_SPOT","parameters":["size=1","position_max=1"]}])"}) ==
        std::vector<std::string>{"strategy mm trades BTCUSDT.BINANCE_SPOT, which no feed shows, so it cannot be filled"});
}
