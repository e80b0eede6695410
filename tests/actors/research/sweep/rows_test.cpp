#include "actors/research/sweep/grid.hpp"
#include "actors/research/sweep/identity.hpp"
#include "actors/research/sweep/rows.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/actors/research/sweep/results.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::sweep;

TEST_SUITE_BEGIN("sweep/rows");

TEST_CASE("a row says the parameters and what came of them, and nothing of who ran it or for how long") {
  const auto axes = parse_grid({"strategy.ma.fast=5,10"}).value();
  auto r = some_result();
  const std::string expected = R"({"parameters":{"strategy.ma.fast":"10"},"status":"done","reason":"","orders":12,"fills":3,)"
                               R"("realized_pnl":"1.5 USDT","unrealized_pnl":"-2 USDT","fees":"0.1 USDT","journal_hash":"ab12"})";
  CHECK(canonical_row(axes, r) == expected);
  r.worker = node_name{"elsewhere"};
  r.took_us = 77;
  CHECK(canonical_row(axes, r) == expected);
  r.fills = 4;
  CHECK(canonical_row(axes, r) != expected);
  r = some_result();
  r.status = trial_status::refused;
  r.reason = "say \"no\"";
  CHECK(canonical_row(axes, r).find(R"("status":"refused","reason":"say \"no\"")") != std::string::npos);
}

TEST_CASE("net P&L is realized and unrealized less fees, and there is none over several currencies or for a trial that was not done") {
  auto r = some_result();
  CHECK(net_pnl(r)->str() == "-0.6");
  CHECK(net_pnl(r)->ccy == currency{"USDT"});
  r.unrealized_pnl.clear();
  CHECK(net_pnl(r)->str() == "1.4");
  r.fees = "0.1 BNB";
  CHECK_FALSE(net_pnl(r).has_value());
  r.fees = "0.1 USDT, 1 BNB";
  CHECK_FALSE(net_pnl(r).has_value());
  r = some_result();
  r.status = trial_status::refused;
  CHECK_FALSE(net_pnl(r).has_value());
}

TEST_CASE("what is held without a mark at the end leaves no net P&L") {
  auto r = some_result();
  r.unrealized_pnl = "0 USDT, unknown of 2 positions";
  CHECK_FALSE(net_pnl(r).has_value());
}

TEST_CASE("of two currencies with short names there is no net P&L either") {
  auto r = some_result();
  r.realized_pnl = "1 A, 2 B";
  r.unrealized_pnl.clear();
  r.fees.clear();
  CHECK_FALSE(net_pnl(r).has_value());
}

TEST_CASE("a trial without a fill has earned nothing: it stands behind every gain and before every loss") {
  auto idle = some_result();
  idle.realized_pnl.clear();
  idle.unrealized_pnl.clear();
  idle.fees.clear();
  const auto nothing = net_pnl(idle);
  REQUIRE(nothing);
  CHECK(nothing->units == 0);
  const auto usdt = [](std::int64_t n) { return std::optional{money{n, currency{"USDT"}}}; };
  const auto eur = [](std::int64_t n) { return std::optional{money{n, currency{"EUR"}}}; };
  const std::vector<std::vector<std::optional<money>>> best_first{{eur(2)}, {usdt(900)}, {usdt(1)}, {nothing, usdt(0), eur(0)}, {eur(-5)}, {usdt(-1)}, {usdt(-2)}, {std::nullopt}};
  for (std::size_t i = 0; i < best_first.size(); ++i)
    for (std::size_t j = 0; j < best_first.size(); ++j)
      for (const auto& a : best_first[i])
        for (const auto& b : best_first[j]) CHECK(earns_more(a, b) == (i < j));
}

TEST_CASE("a stored row is read again, and what is none is refused") {
  const auto r = some_result();
  std::string bytes;
  wire::encode(r, bytes);
  CHECK(decode_row(bytes).value() == r);
  CHECK_FALSE(decode_row(bytes.substr(1)).has_value());
  CHECK_FALSE(decode_row({}).has_value());
}

TEST_CASE("keys of rows are ordered as the grid is") {
  CHECK(row_key(0) == "0000000000");
  CHECK(row_key(9) < row_key(10));
  CHECK(row_key(99'999) < row_key(100'000));
  CHECK(row_key(trials_max).size() == 10);
}

TEST_CASE("equal descriptions have equal names, and whatever decides the trials changes them") {
  description d;
  d.axes = parse_grid({"a=1,2", "b=3"}).value();
  d.configuration = "{}";
  d.overrides = {"x=1"};
  d.feed = feed_file{"f.jsonl", {"00"}, 7};
  d.build = "1";
  const auto name = identity_of(d);
  CHECK(identity_of(description{d}) == name);
  CHECK(name.value.view().size() == 64);
  const std::vector<std::function<void(description&)>> changes{
    [](auto& x) { x.kind = trial_kind::idle; }, [](auto& x) { x.axes[0].values.pop_back(); }, [](auto& x) { x.configuration += ' '; },
    [](auto& x) { x.overrides[0] = "x=2"; },    [](auto& x) { x.feed->hash = {"01"}; },       [](auto& x) { x.build = "2"; }};
  for (const auto& change : changes) {
    auto other = d;
    change(other);
    CHECK(identity_of(other) != name);
  }
}

TEST_CASE("the same trial has the same name in another grid") {
  description small, large;
  small.axes = parse_grid({"a=2", "b=3"}).value();
  large.axes = parse_grid({"a=1:3:1", "b=3,4"}).value();
  CHECK(identity_of_trial(small, 0) == identity_of_trial(large, 2));
  CHECK(identity_of_trial(large, 2) != identity_of_trial(large, 3));
  large.configuration = "{ }";
  CHECK(identity_of_trial(small, 0) != identity_of_trial(large, 2));
}

TEST_SUITE_END();
