#include "actors/trading/venue/fills_page.hpp"
#include "tests/actors/trading/venue/venue_run.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::test;
using troupe::market::side;

TEST_SUITE_BEGIN("trading/venue");

TEST_CASE("takers: a market order takes what is displayed, each size once, and waits for the next refresh") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  CHECK(told(v.send(market_order(1, side::buy, "5"))) == "1 new_; 1 trade 2@100 taker left 3");
  CHECK(told(v.quote("99", "2", "100", "2")) == "");            // nothing new is displayed
  CHECK(told(v.quote("98.9", "9", "100", "2")) == "");          // the other side moved
  CHECK(told(v.quote("98.9", "9", "100.1", "1")) == "1 trade 1@100.1 taker left 2");
  CHECK(told(v.quote("98.9", "9", "100", "4")) == "1 trade 2@100 taker left 0");
  CHECK(told(v.send(market_order(2, side::buy, "3"))) == "2 new_; 2 trade 2@100 taker left 1"); // the rest of the four
  CHECK(v.state == v.replayed());
}

TEST_CASE("takers: a market order takes nothing beyond the price that protects it, and waits for the market to come back") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  auto order = market_order(1, side::buy, "5");
  order.limit = px("100.5");
  auto unprotected = market_order(2, side::buy, "1");
  CHECK(told(v.send(order)) == "1 new_; 1 trade 2@100 taker left 3");
  CHECK(told(v.quote("99", "2", "100.6", "1")) == "");
  CHECK(v.state.open.begin()->second.taking);
  CHECK(told(v.send(unprotected)) == "2 new_; 2 trade 1@100.6 taker left 0");
  CHECK(told(v.quote("99", "2", "100.5", "1")) == "1 trade 1@100.5 taker left 2");
  auto at_once = market_order(3, side::sell, "1", time_in_force::ioc);
  at_once.limit = px("99.5");
  CHECK(told(v.send(at_once)) == "3 new_; 3 canceled (remainder of an IOC order)");
  auto whole = market_order(4, side::sell, "1", time_in_force::fok);
  whole.limit = px("99.5");
  CHECK(told(v.send(whole)) == "4 new_; 4 canceled (not enough displayed to fill it whole)");
  CHECK(v.state == v.replayed());
}

TEST_CASE("takers: market orders take in the order they came, whatever protects them") {
  venue_run v;
  v.quote("99", "2", "100", "1");
  auto first = market_order(1, side::buy, "2"), second = market_order(2, side::buy, "2"), third = market_order(3, side::buy, "2");
  first.limit = px("100.5");
  third.limit = px("109");
  v.send(first);
  v.send(second);
  v.send(third);
  CHECK(told(v.quote("99", "2", "100.4", "4")) == "1 trade 1@100.4 taker left 0; 2 trade 2@100.4 taker left 0; 3 trade 1@100.4 taker left 1");
}

TEST_CASE("takers: IOC cancels its remainder, FOK takes all or nothing, a limit never pays more") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  CHECK(told(v.send(limit_order(1, side::buy, "3", "100", time_in_force::fok))) ==
        "1 new_; 1 canceled (not enough displayed to fill it whole)");
  CHECK(told(v.send(limit_order(2, side::buy, "1", "100", time_in_force::fok))) == "2 new_; 2 trade 1@100 taker left 0");
  CHECK(told(v.send(market_order(3, side::buy, "3", time_in_force::ioc))) ==
        "3 new_; 3 trade 1@100 taker left 2; 3 canceled (remainder of an IOC order)");
  CHECK(told(v.send(limit_order(4, side::sell, "1", "99.1", time_in_force::ioc))) ==
        "4 new_; 4 canceled (remainder of an IOC order)");
  CHECK(told(v.send(limit_order(5, side::sell, "1", "98", time_in_force::ioc))) == "5 new_; 5 trade 1@99 taker left 0");
  CHECK(v.state.open.empty());
}

TEST_CASE("takers: a marketable limit takes up to its limit and rests once the market moves away") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  CHECK(told(v.send(limit_order(1, side::buy, "5", "100.5"))) == "1 new_; 1 trade 2@100 taker left 3");
  CHECK(told(v.quote("99", "2", "100.5", "1")) == "1 trade 1@100.5 taker left 2");
  CHECK(v.state.open.begin()->second.taking);
  CHECK(told(v.quote("100.5", "4", "100.6", "1")) == "");
  CHECK_FALSE(v.state.open.begin()->second.taking);
  CHECK(v.look(1).order->queue_ahead == qty("4"));
  // It rests now: a book that crosses it is not proof that it traded, a trade is.
  CHECK(told(v.quote("100.3", "4", "100.4", "9")) == "");
  CHECK(told(v.trade(side::sell, "1", "100.4")) == "1 trade 1@100.5 maker left 1");
}

TEST_CASE("queue: size displayed ahead trades first; through the price it does not matter") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  v.send(limit_order(1, side::buy, "5", "99"));
  CHECK(v.look(1).order->queue_ahead == qty("2"));
  CHECK(told(v.trade(side::buy, "9", "99")) == "");       // the buyer was the aggressor: our side was not hit
  CHECK(told(v.trade(side::sell, "1.5", "99")) == "");
  CHECK(v.look(1).order->queue_ahead == qty("0.5"));
  CHECK(told(v.trade(side::sell, "1", "99")) == "1 trade 0.5@99 maker left 4.5");
  CHECK(told(v.trade(side::sell, "1", "99.1")) == "");    // above our bid
  CHECK(told(v.trade(side::sell, "1", "98.9")) == "1 trade 1@99 maker left 3.5");
  CHECK(told(v.trade(side::sell, "90", "99")) == "1 trade 3.5@99 maker left 0");
  CHECK(v.state == v.replayed());
}

TEST_CASE("queue: an improving order has nobody ahead; one behind the best learns its place when its price leads") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  v.send(limit_order(1, side::sell, "1", "99.5"));
  v.send(limit_order(2, side::sell, "1", "100.5"));
  CHECK(told(v.trade(side::buy, "1", "100.5")) == "1 trade 1@99.5 maker left 0"); // 2 has no place yet
  v.quote("99", "2", "100.5", "3");
  CHECK(v.look(2).order->queue_ahead == qty("3"));
  v.quote("99", "2", "100.4", "8"); // somebody improves: the place stays
  CHECK(v.look(2).order->queue_ahead == qty("3"));
  v.quote("99", "2", "100.6", "8"); // what was displayed at 100.5 is gone
  CHECK(v.look(2).order->queue_ahead == qty("0"));
  CHECK(told(v.trade(side::buy, "1", "100.5")) == "2 trade 1@100.5 maker left 0");
}

TEST_CASE("queue: own orders share a trade by price, then time, and never more than its size") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  v.send(limit_order(1, side::buy, "1", "99"));
  v.quote("99", "5", "100", "2");
  v.send(limit_order(2, side::buy, "4", "99"));   // five ahead, two of them also ahead of 1
  v.send(limit_order(3, side::buy, "1", "99.2")); // better
  CHECK(told(v.trade(side::sell, "8", "99")) ==
        "3 trade 1@99.2 maker left 0; 1 trade 1@99 maker left 0; 2 trade 1@99 maker left 3");
}

TEST_CASE("no book, no fills: takers are rejected, limit orders wait, trades fill nothing") {
  for (const bool lost : {false, true}) {
    CAPTURE(lost);
    venue_run v;
    if (lost) {
      v.quote("99", "2", "100", "2");
      v.lose_book();
    }
    CHECK(told(v.send(market_order(1, side::buy, "1"))) == "1 rejected (no book)");
    CHECK(told(v.send(market_order(2, side::buy, "1", time_in_force::ioc))) == "2 rejected (no book)");
    CHECK(told(v.send(limit_order(3, side::buy, "1", "100", time_in_force::fok))) == "3 rejected (no book)");
    CHECK(told(v.send(limit_order(4, side::buy, "1", "100.5", time_in_force::day))) == "4 new_");
    CHECK(told(v.trade(side::sell, "5", "90")) == "");
    CHECK(told(v.quote("99", "2", "100", "3")) == "4 trade 1@100 taker left 0");
  }
}

TEST_CASE("gateway: too late for the market is not_sent and works nothing; a cancel is never too late") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  auto late = limit_order(1, side::buy, "1", "99");
  late.valid_until = v.boot - nanoseconds{1};
  CHECK(told(v.send(late)) == "1 not_sent (lease or order age ran out)");
  CHECK(v.state.open.empty());
  auto just = limit_order(2, side::buy, "1", "99");
  just.valid_until = v.boot;
  CHECK(told(v.send(just)) == "2 new_");
  const auto before = v.state.open;
  auto reports = v.send(replace{just.id, 1, qty("1"), px("98"), v.boot - nanoseconds{1}});
  CHECK(told(reports) == "2 not_sent (lease or order age ran out)");
  CHECK(reports[0].revision == 1);
  CHECK(v.state.open == before);
  CHECK(told(v.send(cancel{just.id})) == "2 canceled (by request)");
}

TEST_CASE("ids: a repeated submit is answered with its first report and changes nothing") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  const auto first = v.send(limit_order(7, side::buy, "1", "99"));
  auto before = v.state;
  const auto again = v.send(limit_order(7, side::buy, "1", "99"));
  before.sequence = v.state.sequence;
  CHECK(v.state == before);
  REQUIRE(again.size() == 1);
  CHECK(again[0].id == first[0].id);
  CHECK(again[0].type == exec_type::new_);
  v.send(cancel{order_id::make(3, 7)});
  for (const auto number : {7u, 6u}) {
    CHECK(told(v.send(limit_order(number, side::buy, "1", "99"))) ==
          std::to_string(number) + " rejected (order id is not above the highest received)");
    CHECK(v.state.open.empty());
  }
}

TEST_CASE("submits the venue cannot work are rejected by name and leave no order") {
  struct row { const char* reason; void (*change)(submit&); };
  const row rows[] = {
    {"unknown instrument", [](submit& s) { s.instrument.value = "DOGE.SIM"; }},
    {"impossible order id", [](submit& s) { s.id = order_id::make(64, 1); }},
    {"quantity must be greater than 0", [](submit& s) { s.quantity = {}; }},
    {"quantity is not a multiple of the lot", [](submit& s) { s.quantity = qty("0.0015"); }},
    {"a limit order needs a limit", [](submit& s) { s.limit.reset(); }},
    {"limit is not a multiple of the tick", [](submit& s) { s.type = order_type::market; s.limit = px("99.05"); }},
    {"limit must be greater than 0", [](submit& s) { s.limit = px("-1"); }},
    {"limit is not a multiple of the tick", [](submit& s) { s.limit = px("99.05"); }},
  };
  for (const auto& r : rows) {
    CAPTURE(r.reason);
    venue_run v;
    v.quote("99", "2", "100", "2");
    auto s = limit_order(1, side::buy, "1", "99");
    r.change(s);
    const auto reports = v.send(s);
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].type == exec_type::rejected);
    CHECK(reports[0].reason == r.reason);
    CHECK(v.state.open.empty());
  }
  auto config = venue_config();
  config.open_orders_max = 1;
  venue_run v{config};
  v.send(limit_order(1, side::buy, "1", "99"));
  CHECK(told(v.send(limit_order(2, side::buy, "1", "99"))) == "2 rejected (too many open orders)");
  v.has_space = false;
  CHECK(told(v.send(limit_order(3, side::buy, "1", "99"))) == "3 rejected (the venue's disk is full)");
  CHECK(told(v.send(cancel{order_id::make(3, 1)})) == "1 canceled (by request)");
}

TEST_CASE("replace: the queue place stays only when the price stays and the quantity shrinks") {
  struct row { const char* q; const char* p; bool kept; };
  for (const auto& r : {row{"4", "99", true}, row{"4", nullptr, true}, row{"6", "99", false}, row{"5", "98.9", false}}) {
    CAPTURE(r.q);
    venue_run v;
    v.quote("99", "2", "100", "2");
    v.send(limit_order(1, side::buy, "5", "99"));
    v.trade(side::sell, "3", "99"); // queue gone, one filled
    v.quote("99", "7", "100", "2");
    std::optional<price> limit;
    if (r.p) limit = px(r.p);
    const auto reports = v.send(replace{order_id::make(3, 1), 1, qty(r.q), limit, boot_ns::max()});
    REQUIRE(told(reports) == "1 replaced");
    CHECK(reports[0].leaves == qty(r.q) - qty("1"));
    CHECK(v.look(1).order->revision == 1);
    CHECK(v.look(1).order->request.quantity == qty(r.q));
    CHECK((v.look(1).order->queue_ahead.is_zero() && v.state.open.begin()->second.placed) == r.kept);
    CHECK(v.state == v.replayed());
  }
}

TEST_CASE("replace: to a crossing price it takes; what cannot be is refused and changes nothing; a repeat is silent") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  v.send(limit_order(1, side::buy, "5", "99"));
  const auto id = order_id::make(3, 1);
  CHECK(told(v.send(replace{id, 1, qty("5"), px("100"), boot_ns::max()})) == "1 replaced; 1 trade 2@100 taker left 3");
  const auto before = v.state.open;
  CHECK(v.send(replace{id, 1, qty("9"), px("98"), boot_ns::max()}).empty());
  CHECK(told(v.send(replace{id, 2, qty("2"), px("98"), boot_ns::max()})) ==
        "1 replace_rejected (quantity is not above what is filled)");
  CHECK(told(v.send(replace{id, 3, qty("5"), px("98.01"), boot_ns::max()})) ==
        "1 replace_rejected (limit is not a multiple of the tick)");
  CHECK(told(v.send(replace{order_id::make(3, 9), 1, qty("5"), px("98"), boot_ns::max()})) ==
        "9 replace_rejected (unknown or finished order)");
  CHECK(told(v.send(cancel{order_id::make(3, 9)})) == "9 cancel_rejected (unknown or finished order)");
  CHECK(v.state.open == before);
}

TEST_CASE("DAY orders accepted before the end of the day expire, once; others stay") {
  venue_run v;
  v.send(limit_order(1, side::buy, "1", "99", time_in_force::day));
  v.send(limit_order(2, side::buy, "1", "99", time_in_force::gtc));
  const auto closed_at = v.now += nanoseconds{10};
  v.send(limit_order(3, side::buy, "1", "99", time_in_force::day));
  CHECK(told(venue_run::reports(v.turn(day_closed{closed_at}))) == "1 expired (end of the day)");
  CHECK(v.turn(day_closed{closed_at}).empty());
  CHECK(v.state.open.size() == 2);
}

TEST_CASE("DAY orders of a full venue expire in several turns, none of which is too large for a message") {
  venue_run v;
  constexpr int orders = 2 * int{closed_in_a_turn_max} + 1;
  for (int i = 1; i <= orders; ++i) v.send(limit_order(static_cast<std::uint64_t>(i), side::buy, "1", "99", time_in_force::day));
  const auto closed_at = v.now += nanoseconds{10};
  int turns = 0, expired = 0;
  for (std::size_t in_turn = 1; in_turn > 0; expired += static_cast<int>(in_turn), ++turns) {
    in_turn = v.turn(day_closed{closed_at}).size();
    CHECK(in_turn <= closed_in_a_turn_max);
  }
  CHECK(expired == orders);
  CHECK(turns == 4); // the last one finds nothing
  CHECK(v.state.open.empty());
}

TEST_CASE("a mass cancel withdraws everything of one slot and nothing of another, some orders a turn, and says how many are left") {
  venue_run v;
  v.turn(slot_opened{3, 7});
  constexpr auto orders = closed_in_a_turn_max + 1;
  for (std::uint64_t i = 1; i <= orders; ++i) v.send(limit_order(i, side::buy, "1", "99"));
  auto other = limit_order(1, side::buy, "1", "99");
  other.id = order_id::make(4, 1);
  v.send(other);
  v.quote("98", "2", "100", "2");
  const auto before = v.state;
  CHECK(v.ask(mass_cancel{3, 6, {"given up"}}) == mass_cancel_report{}); // of a life before this one
  CHECK(v.state == before);
  v.market.heard = 8; // an order of a life after it
  CHECK(v.ask(mass_cancel{3, 7, {"given up"}}) == mass_cancel_report{});
  CHECK(v.state == before);
  v.market.heard = 7;
  CHECK(v.ask(mass_cancel{3, 7, {"given up"}}) == mass_cancel_report{closed_in_a_turn_max, 1});
  const auto reports = venue_run::reports(v.newest);
  REQUIRE(reports.size() == closed_in_a_turn_max);
  CHECK(told({reports.front()}) == "1 canceled (given up)");
  CHECK(reports.front().leaves.is_zero());
  CHECK(v.ask(mass_cancel{3, 9, {"given up"}}) == mass_cancel_report{1, 0});
  CHECK(v.ask(mass_cancel{3, 7, {"given up"}}) == mass_cancel_report{});
  CHECK(v.newest.empty());
  REQUIRE(v.state.open.size() == 1);
  CHECK(v.state.open.begin()->first == other.id);
  CHECK(v.replayed() == v.state);
  CHECK(v.ask(mass_cancel{259, 7, {"no such slot"}}) == mass_cancel_report{}); // 259 is 3 in eight bits
}

TEST_CASE("fees: hundredths of a basis point, by maker and taker, half to even, rebates negative") {
  venue_run v{venue_config(-150, 400)};
  v.quote("99", "2", "100", "2");
  auto taker = v.send(market_order(1, side::buy, "1")).back();
  CHECK(taker.fee == money{4'000'000, "USDT"}); // 100 x 0.0004
  v.send(limit_order(2, side::buy, "1", "99.5"));
  CHECK(v.trade(side::sell, "1", "99.5").back().fee == money{-1'492'500, "USDT"});
}

TEST_CASE("own orders that cross each other do not trade") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  v.send(limit_order(1, side::buy, "1", "99.5"));
  CHECK(told(v.send(limit_order(2, side::sell, "1", "99.5"))) == "2 new_");
  CHECK(told(v.quote("99", "3", "100", "3")) == "");
  CHECK(v.state.open.size() == 2);
}

TEST_CASE("restart: displayed size that was used stays used until the side shows something else") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  v.send(market_order(1, side::buy, "2"));
  v.restart();
  CHECK(told(v.send(market_order(2, side::buy, "1"))) == "2 rejected (no book)");
  v.quote("99", "2", "100", "2");
  CHECK(told(v.send(market_order(3, side::buy, "1"))) == "3 new_");
  CHECK(told(v.quote("99", "2", "100", "1")) == "3 trade 1@100 taker left 0");
}

TEST_CASE("queries: open orders by slot, what became of an id, and lower epochs are fenced") {
  venue_run v;
  v.send(limit_order(5, side::buy, "1", "99"));
  auto other = limit_order(9, side::buy, "1", "99");
  other.id = order_id::make(4, 9);
  v.send(other);
  v.turn(slot_opened{3, 7});
  CHECK(v.turn(slot_opened{3, 6}).empty());
  auto reply = v.core().answer(v.state, v.market, open_orders_query{3, 7});
  REQUIRE(reply.orders.size() == 1);
  CHECK(reply.orders[0].request.id == order_id::make(3, 5));
  CHECK(reply.highest_number == 5);
  CHECK(reply.sequence == v.sequence);
  reply = v.core().answer(v.state, v.market, open_orders_query{3, 6});
  CHECK(reply.fenced);
  CHECK(reply.orders.empty());
  CHECK(v.look(5).standing == order_standing::open);
  CHECK(v.look(5, 6).fenced);
  CHECK_FALSE(v.look(5, 6).order);
  CHECK(v.look(6).standing == order_standing::never_received);
  v.send(cancel{order_id::make(3, 5)});
  CHECK(v.look(5).standing == order_standing::finished);
}

TEST_CASE("fills_since: one slot's orders and reports behind a position, whole turns, in pages") {
  venue_run v;
  std::vector<std::vector<simulator_event>> turns;
  turns.push_back(v.turn(command{limit_order(1, side::buy, "1", "99")}));
  auto other = limit_order(2, side::buy, "1", "99");
  other.id = order_id::make(4, 2);
  turns.push_back(v.turn(command{other}));
  turns.push_back(v.turn(command{limit_order(2, side::buy, "1", "99")}));
  turns.push_back(v.turn(command{cancel{order_id::make(3, 1)}}));
  const auto read = [&](std::uint64_t from, std::uint32_t limit) {
    fills_since_query q{3, 5, 0, from};
    q.limit.value = limit;
    fills_page page{q};
    for (std::size_t i = 0; i < turns.size() && page.add(i + 1, turns[i]);) ++i;
    return page.page();
  };
  CHECK(told(read(0, 100).reports) == "1 new_; 2 new_; 1 canceled (by request)");
  CHECK_FALSE(read(0, 100).more);
  CHECK(told(read(1, 1).reports) == "2 new_");
  CHECK(read(1, 1).more);
  CHECK(read(1, 1).sequence == 3);
  CHECK(told(read(3, 1).reports) == "1 canceled (by request)");
  const auto ids = [](const fills_since& page) {
    std::vector<order_id> all;
    for (const auto& o : page.orders) all.push_back(o.id);
    return all;
  };
  CHECK(ids(read(0, 100)) == std::vector{order_id::make(3, 1), order_id::make(3, 2)});
  CHECK(ids(read(2, 100)) == std::vector{order_id::make(3, 2)});
  CHECK(read(2, 100).after == 2);

  turns.push_back(v.turn(command{replace{order_id::make(3, 2), 1, qty("2"), std::nullopt, boot_ns::max()}}));
  REQUIRE(ids(read(4, 100)) == std::vector{order_id::make(3, 2)});
  const auto changed = read(4, 100).orders[0];
  CHECK(changed.account.value.empty());
  CHECK(changed.quantity == qty("2"));
  CHECK(changed.limit == px("99")); // as it is from then on, also when the replace did not name it
}

TEST_CASE("fills_since: a page looks at a bounded number of turns, whosever they are") {
  fills_page page{fills_since_query{3, 5, 0, 7}};
  std::uint64_t sequence = 7;
  while (page.add(++sequence, {})) {}
  CHECK(page.page().more);
  CHECK(page.page().sequence == 7 + fills_page::turns_max);
}

TEST_CASE("fills_since: the answer names the venue and the highest number it ever received, and fences an older epoch") {
  venue_run v;
  v.turn(slot_opened{3, 7});
  v.send(limit_order(5, side::buy, "1", "99"));
  v.market.missed.sequence = 12;
  const auto reply = v.core().answer(v.state, v.market, fills_since_query{3, 7, 4, 12});
  CHECK(reply.venue == venue_config().venue);
  CHECK(reply.highest_number == 5);
  CHECK(reply.sequence == 12);
  CHECK_FALSE(reply.fenced);
  CHECK(v.core().answer(v.state, v.market, fills_since_query{3, 6, 4, 12}).fenced);
  v.market.heard = 8; // a command of that epoch: an older life is fenced by it, this one may have sent it
  CHECK(v.core().answer(v.state, v.market, fills_since_query{3, 7, 4, 12}).fenced);
  CHECK(v.core().answer(v.state, v.market, fills_since_query{3, 7, 4, 12}).epoch == 8);
  CHECK(v.core().answer(v.state, v.market, fills_since_query{3, 8, 4, 12}).epoch == 7);
  CHECK(v.core().answer(v.state, v.market, fills_since_query{3, 8, 0, 0}).epoch == 8); // but not one that has nothing on record
  CHECK(v.core().answer(v.state, v.market, fills_since_query{3, 8, 0, 12}).epoch == 7); // it withdraws what came back already, before its numbers are known
}

TEST_CASE("reports go to the slot of the order, and a command's turn cites the book it read") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  const auto events = v.turn(command{market_order(1, side::buy, "1")});
  REQUIRE(v.inputs.books.size() == 1);
  CHECK(v.inputs.books[0].ask_left == qty("2"));
  CHECK(v.inputs.books[0].tape == market::tape_position{"tape", 1});
  std::vector<std::string> receivers;
  for (const auto& e : events)
    v.core().react(v.state, e, [&](const actor_name& to, const report&) { receivers.push_back(to.value.str()); });
  CHECK(receivers == std::vector<std::string>{"oms/3", "oms/3"});
}

TEST_CASE("configuration: a venue whose instruments are taken away withdraws what is open in them, fills nothing of it and takes nothing new") {
  venue_run before;
  before.quote("99", "2", "100", "2");
  before.send(limit_order(1, side::buy, "1", "98"));
  auto without = venue_config();
  without.instruments.clear();
  CHECK(violations(without).empty());
  venue_run v{without};
  v.state = before.state;
  CHECK(v.quote("96", "2", "97", "2").empty());
  CHECK(v.trade(side::sell, "5", "96").empty());
  CHECK(v.state.open.size() == 1);
  CHECK(told(v.send(limit_order(2, side::buy, "1", "98"))).starts_with("2 rejected"));
  CHECK(told(v.send(cancel{order_id::make(3, 1)})) == "1 canceled (by request)");
  CHECK(v.state.open.empty());
}

TEST_CASE("configuration: every violation is reported with its field") {
  simulator_config c;
  c.instruments[btc] = {};
  c.maker_fee = -fee_limit - 1;
  c.open_orders_max = 0;
  std::string fields;
  for (const auto& f : violations(c)) fields += f.field + ' ';
  CHECK(fields == "venue instruments.BTCUSDT.SIM.id instruments.BTCUSDT.SIM.tick_size instruments.BTCUSDT.SIM.lot_size "
                  "instruments.BTCUSDT.SIM.quote maker_fee open_orders_max ");
  CHECK(violations(venue_config()).empty());
}
