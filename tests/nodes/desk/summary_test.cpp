// What a person reads: the line while the node runs, and the report at the end.

#include "nodes/desk/profit.hpp"
#include "nodes/desk/summary.hpp"
#include "tests/support/test.hpp"

using namespace troupe;

namespace {

portfolio::position_view position(const char* account, const char* size, const char* realized, const char* unrealized, const char* fees) {
  const auto usdt = [](const char* units) { return money{price::parse(units)->units, currency{"USDT"}}; };
  portfolio::position_view p;
  p.account.value = std::string_view{account};
  p.instrument.value = "BTCUSDT.SIM";
  p.quantity = *quantity::parse(size);
  p.realized = usdt(realized);
  if (*unrealized) p.unrealized = usdt(unrealized);
  p.fees = usdt(fees);
  return p;
}

desk::activity some() {
  desk::activity a;
  a.quotes = 3000;
  a.trades = 40;
  a.orders = 25;
  a.fills = 7;
  a.turns = 90;
  a.flushes = 30;
  a.waiting = 2;
  a.positions.positions = {position("ma", "0.01", "1.5", "-0.25", "0.1"), position("mm", "0", "10", "", "0.2")};
  return a;
}

} // namespace

TEST_SUITE_BEGIN("desk/summary");

TEST_CASE("the report has every total; P&L counts closed positions, the list shows open ones") {
  CHECK(desk::report_text(some(), 10) ==
        "ran 10.0 s: 3000 quotes (300/s), 40 trades, 25 orders, 7 fills\n"
        "positions: ma 0.01 BTCUSDT.SIM (-0.25)\n"
        "P&L: 11.5 USDT realized, -0.25 USDT unrealized, 0.3 USDT fees\n"
        "journal: 90 durable turns in 30 flushes, 2 waiting\n");
  auto damaged = some();
  damaged.bad_lines = 4;
  CHECK(desk::report_text(damaged, 10).find("bad lines: 4\n") != std::string::npos);
  CHECK(desk::report_text({}, 0).find("positions: flat\nP&L: 0 realized, 0 unrealized, 0 fees\n") != std::string::npos);
}

TEST_CASE("what is held without a mark is said to be unknown, and not worth nothing") {
  auto lost = some();
  lost.positions.positions.push_back(position("a", "3", "0", "", "0"));
  CHECK(desk::report_text(lost, 10).find("P&L: 11.5 USDT realized, -0.25 USDT, unknown of 1 position unrealized, 0.3 USDT fees\n") != std::string::npos);
  lost.positions.positions = {position("a", "-3", "2", "", "0"), position("b", "1", "0", "", "0"), position("c", "0", "0", "", "0")};
  CHECK(desk::profit_of(lost.positions).unrealized == "0 USDT, unknown of 2 positions");
}

TEST_CASE("the live line shows the rate since the last one, and stays a line") {
  auto before = some();
  before.quotes = 2000;
  CHECK(desk::live_line(before, some(), 0.5) ==
        "2000 quotes/s  25 orders  7 fills  P&L 11.5 USDT realized, -0.25 USDT open  lag 2 turns  ma 0.01 BTCUSDT.SIM (-0.25)");
  auto silent = some();
  silent.feeds = {{"a", desk::feed_status::streaming, {}, {}}, {"main", desk::feed_status::failed, "corrupt: torn", {}}};
  CHECK(desk::live_line(before, silent, 0.5).starts_with("feed main FAILED  2000 quotes/s"));
  CHECK(desk::report_text(silent, 10).find("feed main failed: corrupt: torn\n") != std::string::npos);
  auto crowded = some();
  for (int i = 0; i < 20; ++i) crowded.positions.positions.push_back(position("another_account", "1", "0", "1", "0"));
  const auto line = desk::live_line(before, crowded, 0.5);
  CHECK(line.size() == 200);
  CHECK(line.ends_with("..."));
  CHECK(desk::report_text(crowded, 1).find("; and 13 more") != std::string::npos);
}
