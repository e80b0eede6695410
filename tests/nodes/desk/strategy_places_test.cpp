// A strategy whose instrument or account is changed on the same data folder: on the whole desk, over restarts.

#include "runtime/actor/turn.hpp"
#include "tests/nodes/desk/quoting_desk.hpp"

#include <map>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("desk/strategy_places");

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
    REQUIRE(open_orders_of(d, "a").size() == 1);
  }
  {
    small_desk d{data, {quoting("a", "ETHUSDT.SIM")}};
    d.start(noon + 1h);
    d.pass(2s);
    CHECK(open_orders_of(d, "a").empty());
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
  CHECK(open_orders_of(d, "a").empty());
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
    REQUIRE(!open_orders_of(d, "a").empty());
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
  CHECK(open_orders_of(d, "a").empty());
  CHECK(mm_of(d).position.is_zero());
  quote_market(d, "BTCUSDT.SIM", "44999", "45001");
  CHECK(open_orders_of(d, "other").size() == 2);
  CHECK(books_of(d, "a") == std::map<std::string, std::string>{{"BTCUSDT.SIM", "0.01"}});
}
