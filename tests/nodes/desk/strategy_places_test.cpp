// A strategy whose instrument or account is changed on the same data folder: on the whole desk, over restarts.

#include "actors/trading/portfolio/messages.hpp"
#include "actors/trading/strategy/messages.hpp"
#include "runtime/actor/turn.hpp"
#include "tests/nodes/desk/small_desk.hpp"

#include <map>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("desk/strategy_places");

namespace {

const actor_name mm_stream{"strategy/mm"};

/// A desk whose only strategy is the quoter `mm`, for this account in this instrument. Its position stays within 0.02.
std::string quoting(const char* account, const char* instrument) {
  return std::string{R"(strategies=[{"name":"mm","kind":"quoter","account":")"} + account + R"(","instrument":")" + instrument +
         R"(","parameters":["spread_ticks=200","size=0.01","position_max=0.02"]}])";
}

/// The market of one instrument, as venue, strategy and marks hear it.
void show_market(small_desk& d, const market::event& said) {
  const market::market_batch batch{{said}};
  if (std::holds_alternative<market::quote>(said)) d.node().parts().board->take(batch, {d.node().driver_clock().boot()});
  for (const auto& to : {actor_name{"venue/SIM"}, mm_stream})
    d.node().parts().env.names->ref(to)->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, batch), nullptr);
  d.pass(100ms);
}
void quote_market(small_desk& d, const char* instrument, const char* bid, const char* ask) {
  market::quote q;
  q.instrument = {text<31>::make(instrument).value()};
  q.bid = *price::parse(bid);
  q.ask = *price::parse(ask);
  q.bid_size = q.ask_size = quantity::whole(5);
  q.received_at = d.node().driver_clock().now();
  show_market(d, q);
}
/// Somebody sells through the strategy's bid.
void sell_through(small_desk& d, const char* instrument, const char* at) {
  market::trade t;
  t.instrument = {text<31>::make(instrument).value()};
  t.aggressor = market::side::sell;
  t.last = *price::parse(at);
  t.size = quantity::whole(1);
  t.received_at = d.node().driver_clock().now();
  show_market(d, t);
}

strategy::strategy_view mm_of(small_desk& d) { return d.ask<strategy::strategy_view>(mm_stream, strategy::strategy_query{}); }

/// What the books say of the account.
std::map<std::string, std::string> books_of(small_desk& d, const char* account) {
  d.pass(1s);
  portfolio::positions_query q;
  q.account = trading::account_id{std::string_view{account}};
  std::map<std::string, std::string> all;
  for (const auto& p : d.ask<portfolio::positions_view>(desk::portfolio_name, q).positions) all[p.instrument.value.str()] = p.quantity.str();
  return all;
}

std::size_t open_orders_of(small_desk& d, const char* account) {
  oms::orders_query q;
  q.account = trading::account_id{std::string_view{account}};
  return d.ask<oms::orders_view>(trading::slot_name(trading::slot_of({"main"}, *q.account)), q).orders.size();
}

} // namespace

TEST_CASE("a strategy that is given another instrument on the same folder begins flat there, its open orders are withdrawn, and what it held is there when it comes back") {
  temporary_directory dir;
  const auto data = dir.path() / "data";
  {
    small_desk d{data, {quoting("a", "BTCUSDT.SIM")}};
    d.start(noon);
    quote_market(d, "BTCUSDT.SIM", "44999", "45001");
    sell_through(d, "BTCUSDT.SIM", "44900");
    quote_market(d, "BTCUSDT.SIM", "44999", "45001");
    sell_through(d, "BTCUSDT.SIM", "44900");
    REQUIRE(mm_of(d).position.str() == "0.02");
    REQUIRE(mm_of(d).orders.size() == 1); // it may only sell now
    REQUIRE(open_orders_of(d, "a") == 1);
  }
  {
    small_desk d{data, {quoting("a", "ETHUSDT.SIM")}};
    d.start(noon + 1h);
    d.pass(2s);
    CHECK(open_orders_of(d, "a") == 0);
    auto mm = mm_of(d);
    CHECK(mm.position.is_zero());
    REQUIRE(mm.elsewhere.size() == 1);
    CHECK(mm.elsewhere.front().instrument.value == "BTCUSDT.SIM");
    CHECK(mm.elsewhere.front().position.str() == "0.02");
    CHECK(mm.elsewhere.front().orders.empty());
    quote_market(d, "ETHUSDT.SIM", "2499", "2501");
    CHECK(mm_of(d).orders.size() == 2); // with the old position it could only sell
    sell_through(d, "ETHUSDT.SIM", "2400");
    CHECK(mm_of(d).position.str() == "0.01");
    CHECK(books_of(d, "a") == std::map<std::string, std::string>{{"BTCUSDT.SIM", "0.02"}, {"ETHUSDT.SIM", "0.01"}});
  }
  small_desk d{data, {quoting("a", "BTCUSDT.SIM")}};
  d.start(noon + 2h);
  d.pass(2s);
  CHECK(mm_of(d).position.str() == "0.02");
  REQUIRE(mm_of(d).elsewhere.size() == 1);
  CHECK(mm_of(d).elsewhere.front().position.str() == "0.01");
  CHECK(open_orders_of(d, "a") == 0);
}

TEST_CASE("a strategy that is given another account sends that one's slot nothing of the old, whose open orders are withdrawn") {
  temporary_directory dir;
  const auto data = dir.path() / "data";
  REQUIRE(trading::slot_of({"main"}, {"a"}) != trading::slot_of({"main"}, {"other"}));
  {
    small_desk d{data, {quoting("a", "BTCUSDT.SIM")}};
    d.start(noon);
    quote_market(d, "BTCUSDT.SIM", "44999", "45001");
    sell_through(d, "BTCUSDT.SIM", "44900");
    REQUIRE(mm_of(d).position.str() == "0.01");
    REQUIRE(open_orders_of(d, "a") > 0);
  }
  small_desk d{data, {quoting("other", "BTCUSDT.SIM")}};
  d.start(noon + 1h);
  d.pass(2s);
  const auto theirs = trading::slot_name(trading::slot_of({"main"}, {"other"}));
  CHECK(d.node().parts().journal->read(theirs, 1, [](const journal::record_view& r) {
    const auto turn = actor::decode_outcome<oms::core>(r.header.schema, r.payload);
    REQUIRE(turn);
    CHECK_FALSE((turn->inbox && turn->inbox->from == mm_stream));
    return true;
  }));
  CHECK(open_orders_of(d, "a") == 0);
  CHECK(mm_of(d).position.is_zero());
  quote_market(d, "BTCUSDT.SIM", "44999", "45001");
  CHECK(open_orders_of(d, "other") == 2);
  CHECK(books_of(d, "a") == std::map<std::string, std::string>{{"BTCUSDT.SIM", "0.01"}});
}
