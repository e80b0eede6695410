// What the venues did: executions, opens, and fills that no order or market could have had.

#include "tests/tools/journals.hpp"

using namespace troupe;
using namespace troupe::check;
using namespace troupe::check::test;
using enum venue::exec_type;

TEST_SUITE_BEGIN("tools/check");

TEST_CASE("venues: an execution no venue made is found") {
  auto d = honest_desk();
  const auto r = d.request("c2");
  d.accept(2, r);
  const auto opened = d.report("4", 2, new_, "0", "0", "2");
  const auto v = d.venue_opens(r, opened);
  d.apply(d.execution(r, opened, order_status::new_, "0", "2"), v);
  d.apply(d.execution(r, d.report("5", 2, trade, "1", "1", "1"), order_status::partially_filled, "1", "1"), v + 1);
  const auto found = d.check();
  CHECK(violated(found) == "V1");
  CHECK(says(found.venues, "execution SIM/5"));
}

TEST_CASE("venues: a fill on its way is no violation until the node has drained; one that was heard and not counted is") {
  auto d = honest_desk();
  const auto r = d.request("c2");
  d.accept(2, r);
  const auto opened = d.report("4", 2, new_, "0", "0", "2");
  auto v = d.venue_opens(r, opened);
  d.apply(d.execution(r, opened, order_status::new_, "0", "2"), v);
  v = d.venue_fills(d.report("5", 2, trade, "1", "1", "1"));
  auto found = d.check();
  CHECK(violated(found) == "");
  CHECK(found.fills_under_way == 1);
  check_options drained;
  drained.drained = true;
  CHECK(says(d.check(drained).venues, "has not heard"));

  oms_turn heard; // folded, and nothing came of it
  heard.inbox = actor::inbox_mark{actor_name{"venue/SIM"}, 1, v};
  heard.command = actor::batch<venue::report>{};
  d.write<oms_stored>(*d.desk, slot_name(slot()), heard);
  CHECK(says(d.check().venues, "has heard and not counted"));
}

TEST_CASE("venues: an order that is opened twice, that no slot accepted, or that took more than was displayed is found") {
  auto d = honest_desk();
  const auto r = d.request("c2");
  d.accept(2, r);
  d.venue_opens(r, d.report("4", 2, new_, "0", "0", "2"));
  CHECK(violated(d.check()) == "");
  d.accept(3, d.request("c3"));
  d.venue_opens(r, d.report("5", 2, new_, "0", "0", "2"));
  CHECK(says(d.check().venues, "is opened twice"));

  auto e = honest_desk();
  e.accept(2, r);
  e.venue_opens(r, e.report("4", 7, new_, "0", "0", "2"));
  CHECK(says(e.check().venues, "was never accepted by its slot"));

  desk_journals f;
  f.accept(1, r);
  f.venue_opens(r, f.report("1", 1, new_, "0", "0", "2"));
  f.venue_fills(f.report("2", 1, trade, "2", "2", "0"), "1.5");
  CHECK(says(f.check().venues, "took 2 at 100, displayed were 1.5 at 100"));
}

TEST_CASE("venues: a fill that is worse than its order's limit, as replaced last, or of a public trade that did not reach the order or was smaller is found") {
  using enum venue::exec_type;
  const auto opened = [](desk_journals& d, side s) {
    auto r = d.request("c1");
    r.side = s;
    d.accept(1, r);
    d.venue_opens(r, d.report("1", 1, new_, "0", "0", "2"));
  };
  const auto trade_at = [](const char* at) {
    auto said = desk_journals::report("2", 1, trade, "2", "2", "0");
    said.last_price = px(at);
    return said;
  };
  struct row { side s; const char* at; const char* wrong; };
  for (const auto& [s, at, wrong] : {row{side::buy, "100.1", "is filled at 100.1, its limit is 100"}, row{side::buy, "99.9", nullptr},
                                     row{side::sell, "99.9", "is filled at 99.9, its limit is 100"}, row{side::sell, "100.1", nullptr}}) {
    CAPTURE(at);
    desk_journals d;
    opened(d, s);
    d.venue_fills(trade_at(at));
    if (wrong) CHECK(says(d.check().venues, wrong));
    else CHECK(d.check().venues.violations == 0);
  }

  const auto by_trade = [&](side s, const char* traded_at, const char* size) {
    desk_journals d;
    opened(d, s);
    venue_turn t;
    t.command = actor::cited{};
    t.events.push_back(venue::resting_filled{trade_at("100"), px(traded_at), qty(size), 9});
    d.write<venue_stored>(*d.venues, actor_name{"venue/SIM"}, t);
    return d.check().venues;
  };
  CHECK(by_trade(side::buy, "99.9", "2").violations == 0);
  CHECK(by_trade(side::sell, "100.1", "2").violations == 0);
  CHECK(says(by_trade(side::buy, "100.1", "2"), "was filled 2 at 100 by a public trade of 2 at 100.1"));
  CHECK(says(by_trade(side::sell, "99.9", "2"), "was filled 2 at 100 by a public trade of 2 at 99.9"));
  CHECK(says(by_trade(side::buy, "100", "1.5"), "was filled 2 at 100 by a public trade of 1.5 at 100"));
}
