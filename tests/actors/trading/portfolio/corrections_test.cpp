// What operators corrected, in positions and cash: to the last unit as a fill at that price, and counted as none.

#include "actors/trading/portfolio/core.hpp"

#include "tests/support/test.hpp"

#include <random>

using namespace troupe;
using namespace troupe::portfolio;

TEST_SUITE_BEGIN("portfolio/corrections");

namespace {

const instrument_id corrected_btc{"BTCUSDT.SIM"};
const actor_name corrected_stream = slot_name(17);

oms::execution filled(quantity change, price at, int128 fee) {
  oms::execution e;
  e.venue = {"SIM"};
  e.tenant = {"main"};
  e.account = {"alpha"};
  e.instrument = corrected_btc;
  e.quote = "USDT";
  e.side = change.is_positive() ? side::buy : side::sell;
  e.report.order = order_id::make(17, 1);
  e.report.type = venue::exec_type::trade;
  e.report.last_quantity = change.is_positive() ? change : -change;
  e.report.last_price = at;
  e.report.fee = {fee, "USDT"};
  return e;
}

oms::position_corrected corrected(quantity change, price at, int128 fee) {
  oms::position_corrected e;
  e.correction.tenant = {"main"};
  e.correction.account = {"alpha"};
  e.correction.id = {"k1"};
  e.correction.instrument = corrected_btc;
  e.correction.quantity = change;
  e.correction.price = at;
  e.correction.fee = {fee, {}}; // whoever names no currency means the instrument's
  e.quote = "USDT";
  return e;
}

struct corrected_books {
  portfolio::core core;
  portfolio::state state;
  std::vector<actor::archive::row> rows;
  std::uint64_t turns = 0;

  void operator()(const oms::event& e) {
    actor::archive open{rows};
    REQUIRE(core.fold(state, corrected_stream, ++turns, std::vector<oms::event>{e}, open) == folded::done);
  }
  [[nodiscard]] const position& held() const { return state.accounts.at({"main"}).at({"alpha"}).positions.at(corrected_btc); }
  [[nodiscard]] money cash() const { return state.accounts.at({"main"}).at({"alpha"}).cash.at("USDT"); }
};

} // namespace

TEST_CASE("a correction changes quantity, basis, realized P&L, fees and cash to the last unit as a fill would, and is no fill") {
  std::mt19937_64 random{17};
  corrected_books by_fills, by_both;
  std::uint64_t fills = 0;
  for (int i = 0; i < 2000; ++i) {
    auto units = static_cast<std::int64_t>(1 + random() % (i % 2 ? 1'000'000'000'000 : 20));
    if (random() % 2) units = -units;
    const price at{static_cast<std::int64_t>(1 + random() % (i % 3 ? 5'000'000'000'000 : 7))};
    const int128 fee = static_cast<int128>(random() % 2001) - 1000;
    by_fills(filled({units}, at, fee));
    if (random() % 2) {
      by_both(corrected({units}, at, fee));
    } else {
      by_both(filled({units}, at, fee));
      ++fills;
    }
    auto expected = by_fills.held();
    expected.fills = fills;
    REQUIRE(by_both.held() == expected);
    REQUIRE(by_both.cash() == by_fills.cash());
  }
  CHECK(fills > 0);
  CHECK(fills < 2000);
  CHECK(by_both.rows.size() == fills); // the table of fills has no correction
  CHECK(by_both.state.recent.size() == fills);
}

TEST_CASE("a correction of a fee alone changes fees and cash and nothing else, also of what was never traded") {
  corrected_books b;
  b(corrected({}, {}, 150'000'000));
  CHECK(b.held() == position{{}, {0, "USDT"}, {0, "USDT"}, {150'000'000, "USDT"}, 0});
  CHECK(b.cash() == money{-150'000'000, "USDT"});
  b(filled(*quantity::parse("1"), *price::parse("100"), 0));
  const auto before = b.held();
  b(corrected({}, {}, -50'000'000));
  CHECK(b.held().quantity == before.quantity);
  CHECK(b.held().cost_basis == before.cost_basis);
  CHECK(b.held().realized == before.realized);
  CHECK(b.held().fees == money{100'000'000, "USDT"});
  CHECK(b.cash() == money{-10'100'000'000, "USDT"});
}

TEST_CASE("a corrected turn is folded once, and a fill in dispute is in no position") {
  corrected_books b;
  b(corrected(*quantity::parse("1"), *price::parse("100"), 0));
  const auto before = b.state;
  std::vector<actor::archive::row> rows;
  actor::archive open{rows};
  CHECK(b.core.fold(b.state, corrected_stream, 1, std::vector<oms::event>{corrected({1}, {1}, 0)}, open) == folded::repeated);
  CHECK(b.state == before);
  oms::fill_disputed disputed;
  disputed.tenant = {"main"};
  disputed.account = {"alpha"};
  disputed.instrument = corrected_btc;
  disputed.report = filled(*quantity::parse("5"), *price::parse("100"), 0).report;
  b(disputed);
  CHECK(b.state.accounts == before.accounts);
}

TEST_SUITE_END();
