#include "actors/trading/portfolio/core.hpp"

#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"

#include <algorithm>
#include <random>

using namespace troupe;
using namespace troupe::portfolio;

TEST_SUITE_BEGIN("portfolio");

namespace {

const instrument_id btc{"BTCUSDT.SIM"};

price px(const char* s) { return *price::parse(s); }
quantity qty(const char* s) { return *quantity::parse(s); }
money usdt(const char* s) { return {*parse_scaled(s), "USDT"}; }

oms::execution trade(quantity signed_quantity, price at, money fee = {0, "USDT"}) {
  oms::execution e;
  e.venue = {"SIM"};
  e.tenant = {"main"};
  e.account = {"alpha"};
  e.instrument = btc;
  e.quote = "USDT";
  e.side = signed_quantity.is_positive() ? side::buy : side::sell;
  e.report.order = order_id::make(17, 1);
  e.report.type = venue::exec_type::trade;
  e.report.last_quantity = signed_quantity.is_positive() ? signed_quantity : -signed_quantity;
  e.report.last_price = at;
  e.report.fee = fee;
  return e;
}

struct folder {
  portfolio::core core;
  portfolio::state state;
  portfolio::view view;
  std::map<std::string, std::string> table;
  std::map<actor_name, std::uint64_t> sequences;

  explicit folder(portfolio::configuration c = {}) : core{c} {}
  folded fold(const actor_name& stream, std::uint64_t sequence, const std::vector<oms::event>& events) {
    std::vector<actor::archive::row> rows;
    actor::archive open{rows};
    const auto what = core.fold(state, stream, sequence, events, open);
    for (auto& r : rows) CHECK(table.emplace(r.key, r.value).second);
    return what;
  }
  void operator()(const oms::execution& e) {
    const auto stream = slot_name(e.report.order.slot());
    REQUIRE(fold(stream, ++sequences[stream], {e}) == folded::done);
  }
  void trade(const char* q, const char* p, const char* fee = "0") { (*this)(::trade(qty(q), px(p), usdt(fee))); }
  const position& held() const { return state.accounts.at({"main"}).at({"alpha"}).positions.at(btc); }
  money cash() const { return state.accounts.at({"main"}).at({"alpha"}).cash.at("USDT"); }
};

} // namespace

TEST_CASE("positions: opening, adding, closing in part, closing whole, crossing zero, on both sides") {
  struct step { const char* q; const char* p; const char* held; const char* basis; const char* realized; };
  struct story { const char* name; std::vector<step> steps; };
  const story stories[] = {
    {"long", {{"1", "100", "1", "100", "0"}, {"1", "200", "2", "300", "0"}, {"-0.5", "160", "1.5", "225", "5"},
              {"-1.5", "140", "0", "0", "-10"}}},
    {"short", {{"-1", "100", "-1", "-100", "0"}, {"-1", "200", "-2", "-300", "0"}, {"0.5", "160", "-1.5", "-225", "-5"},
               {"1.5", "140", "0", "0", "10"}}},
    {"long to short", {{"1", "100", "1", "100", "0"}, {"-3", "110", "-2", "-220", "10"}, {"2", "100", "0", "0", "30"}}},
    {"short to long", {{"-1", "100", "-1", "-100", "0"}, {"3", "110", "2", "220", "-10"}, {"-2", "120", "0", "0", "10"}}},
  };
  for (const auto& s : stories) {
    CAPTURE(s.name);
    folder f;
    for (const auto& t : s.steps) {
      CAPTURE(t.q);
      f.trade(t.q, t.p);
      CHECK(f.held().quantity == qty(t.held));
      CHECK(f.held().cost_basis == usdt(t.basis));
      CHECK(f.held().realized == usdt(t.realized));
    }
  }
}

TEST_CASE("a partial close takes basis x closed / quantity, half-even, and the remainder stays") {
  folder f;
  f.trade("3", "0.00000001");            // basis 3 units
  f.trade("-1.5", "0.00000001");         // 1.5 units: half goes to the even neighbour, 2
  CHECK(f.held().cost_basis.units == 1);
  CHECK(f.held().realized.units == 0);   // 1.5 received, rounded to 2, less 2
  f.trade("-1.5", "0.00000001");
  CHECK(f.held().cost_basis.units == 0);
  CHECK(f.held().realized.units == 2 - 1);
  CHECK(f.cash().units == -3 + 2 + 2);
}

TEST_CASE("the half of an odd basis goes to the even neighbour also where a unit of quantity cost several units of money, on both sides") {
  struct tie { const char* price; int basis; int left; };
  for (const auto& [price, basis, left] : {tie{"1.5", 3, 1}, tie{"2.5", 5, 3}, tie{"3.5", 7, 3}, tie{"61800.5", 123601, 61801}})
    for (const int sign : {1, -1}) {
      CAPTURE(price);
      CAPTURE(sign);
      folder f;
      const auto at = px(price);
      f(::trade({2 * sign}, at));
      REQUIRE(f.held().cost_basis.units == sign * basis);
      f(::trade({-sign}, at));
      CHECK(f.held().cost_basis.units == sign * left);
      CHECK(f.held().realized.units == 0); // the other half was rounded just so
      CHECK(f.held().realized.units - f.held().cost_basis.units == f.cash().units);
    }
}

TEST_CASE("fees and cash: cash is minus signed notional minus fees, a rebate adds") {
  folder f;
  f.trade("2", "100", "0.5");
  CHECK(f.cash() == usdt("-200.5"));
  f.trade("-1", "110", "-0.25");
  CHECK(f.cash() == usdt("-90.25"));
  CHECK(f.held().fees == usdt("0.25"));
  CHECK(f.held().realized == usdt("10")); // fees not deducted
  CHECK(f.held().fills == 2);
}

TEST_CASE("a turn is folded once: repeats and gaps change nothing, streams are counted apart") {
  folder f;
  const auto one = slot_name(1), two = slot_name(2);
  CHECK(f.fold(one, 1, {trade(qty("1"), px("100"))}) == folded::done);
  auto before = f.state;
  CHECK(f.fold(one, 1, {trade(qty("1"), px("100"))}) == folded::repeated);
  CHECK(f.fold(one, 3, {trade(qty("1"), px("100"))}) == folded::gap);
  CHECK(f.fold(two, 2, {trade(qty("1"), px("100"))}) == folded::gap);
  CHECK(f.state == before);
  CHECK(f.fold(one, 2, {}) == folded::done); // a turn without a fill
  auto elsewhere = trade(qty("1"), px("100"));
  elsewhere.report.order = order_id::make(2, 1);
  CHECK(f.fold(two, 1, {elsewhere}) == folded::done);
  CHECK(f.held().quantity == qty("2"));
}

TEST_CASE("only trades move anything") {
  folder f;
  auto e = trade(qty("1"), px("100"));
  for (auto type : {venue::exec_type::new_, venue::exec_type::canceled, venue::exec_type::replaced, venue::exec_type::rejected,
                    venue::exec_type::expired, venue::exec_type::not_sent}) {
    e.report.type = type;
    f(e);
  }
  CHECK(f.state.accounts.empty());
  CHECK(f.table.empty());
}

TEST_CASE("views: average price, unrealized at the middle of the mark, filters, flat positions on demand") {
  folder f;
  f.trade("1", "100");
  f.trade("2", "103");
  auto other = trade(qty("-1"), px("50"));
  other.account = {"beta"};
  f(other);
  positions_query all;
  auto shown = f.core.answer(f.state, f.view, all).positions;
  REQUIRE(shown.size() == 2);
  CHECK(shown[0].account == account_id{"alpha"});
  CHECK(shown[0].average_price == px("102"));
  CHECK_FALSE(shown[0].unrealized);
  CHECK_FALSE(shown[0].mark);
  CHECK(shown[1].average_price == px("50"));
  CHECK(shown[1].quantity == qty("-1"));

  market::quote q;
  q.instrument = btc;
  q.bid = px("109");
  q.ask = px("111");
  f.core.observe(f.view, q);
  q.bid = q.ask = {}; // nobody quotes: the mark stays
  f.core.observe(f.view, q);
  shown = f.core.answer(f.state, f.view, all).positions;
  CHECK(shown[0].mark == px("110"));
  CHECK(shown[0].unrealized == usdt("24"));
  CHECK(shown[1].unrealized == usdt("-60"));

  f.trade("-3", "110");
  CHECK(f.core.answer(f.state, f.view, all).positions.size() == 1);
  all.flat.value = true;
  all.account = account_id{"alpha"};
  shown = f.core.answer(f.state, f.view, all).positions;
  REQUIRE(shown.size() == 1);
  CHECK_FALSE(shown[0].average_price);
  CHECK(shown[0].realized == usdt("24"));
  const auto cash = f.core.answer(f.state, f.view, cash_query{}).cash;
  REQUIRE(cash.size() == 2);
  CHECK(cash[0].amount == usdt("24"));
  CHECK(cash[1].amount == usdt("50"));
}

TEST_CASE("fills: the newest are kept and shown by their time, also when a slot with a long past is folded behind the others") {
  folder f{{10}};
  const auto at = [&](std::uint32_t slot, std::int64_t second) {
    auto e = trade(quantity::whole(second), px("100"));
    e.decided_at = time_from_ns(1'000'000'000LL * second);
    e.report.order = order_id::make(slot, static_cast<std::uint64_t>(second));
    f(e);
  };
  for (std::int64_t second = 101; second <= 105; ++second) at(1, second);
  for (std::int64_t second = 1; second <= 60; ++second) at(2, second); // moved in
  at(2, 103);
  const auto newest = f.core.answer(f.state, f.view, fills_query{}).fills;
  REQUIRE(newest.size() >= 6);
  CHECK(newest[0].quantity == quantity::whole(105));
  CHECK(newest[1].quantity == quantity::whole(104));
  CHECK(newest[2].order.slot() == 2); // of two at one time the one that came later
  CHECK(newest[3].order.slot() == 1);
  CHECK(newest[5].quantity == quantity::whole(101));
}

TEST_CASE("fills: bounded in memory, newest first, all of them in the table in order of time") {
  folder f{{10}};
  for (int i = 1; i <= 50; ++i) {
    auto e = trade(quantity::whole(i), px("100"));
    e.decided_at = time_from_ns(1'000'000'000LL * i);
    e.report.order = order_id::make(static_cast<std::uint32_t>(i % 3), static_cast<std::uint64_t>(i));
    f(e);
    CHECK(f.state.recent.size() <= 20);
  }
  const auto newest = f.core.answer(f.state, f.view, fills_query{}).fills;
  REQUIRE(newest.size() >= 10);
  CHECK(newest[0].quantity == quantity::whole(50));
  CHECK(newest[1].quantity == quantity::whole(49));
  fills_query one;
  one.order = order_id::make(50 % 3, 50);
  CHECK(f.core.answer(f.state, f.view, one).fills.size() == 1);
  REQUIRE(f.table.size() == 50);
  int n = 0;
  for (const auto& [key, value] : f.table) CHECK(wire::decode<fill>(value).value().quantity == quantity::whole(++n));
  CHECK(wire::decode<fill>(f.table.lower_bound(fills_from(time_from_ns(20'000'000'000)))->second).value().quantity ==
        quantity::whole(20));
}

TEST_CASE("random trades: every unit is in basis, realized, cash or fees") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (int run = 0; run < 40; ++run) {
    folder f;
    int128 quantity_sum = 0, notional_sum = 0, fee_sum = 0; // the checker's own
    for (int i = 0; i < 200; ++i) {
      auto q = static_cast<std::int64_t>(1 + random() % (run % 2 ? 1'000'000'000'000 : 20));
      if (random() % 2) q = -q;
      const price at{static_cast<std::int64_t>(1 + random() % (run % 3 ? 5'000'000'000'000 : 7))};
      const int128 fee = static_cast<int128>(random() % 2001) - 1000;
      const int128 before_quantity = f.sequences.empty() ? 0 : int128{f.held().quantity.units};
      const auto before = f.sequences.empty() ? position{} : f.held();
      f(trade({q}, at, {fee, "USDT"}));
      quantity_sum += q;
      fee_sum += fee;
      const int128 exact = notional(at, {q < 0 ? -q : q}, "USDT").units;
      notional_sum += q < 0 ? -exact : exact;
      const auto& p = f.held();
      REQUIRE(p.quantity.units == quantity_sum);
      REQUIRE(p.realized.units - p.cost_basis.units == -notional_sum);
      REQUIRE(p.fees.units == fee_sum);
      REQUIRE(f.cash().units == -notional_sum - fee_sum);
      if (p.quantity.is_zero()) REQUIRE(p.cost_basis.units == 0);
      REQUIRE((p.quantity.is_positive() ? p.cost_basis.units >= 0 : p.cost_basis.units <= 0));
      const bool adds = before_quantity == 0 || (before_quantity > 0) == (q > 0);
      if (adds) REQUIRE(p.realized.units == before.realized.units);
    }
    std::string snapshot;
    wire::encode(f.state, snapshot);
    REQUIRE(wire::decode<portfolio::state>(snapshot).value() == f.state);
  }
}
