#include "tests/actors/trading/oms/slot.hpp"

#include <algorithm>
#include <string>

using namespace troupe;
using namespace troupe::oms;
using namespace troupe::oms::test;
using venue::exec_type;

TEST_SUITE_BEGIN("oms/reports");

TEST_CASE("state machine: each report takes an open order where FIX says") {
  struct row { const char* before; exec_type says; order_status after; refusal why; };
  const row rows[] = {
    {"sent", exec_type::new_, order_status::new_, refusal::none},
    {"sent", exec_type::canceled, order_status::canceled, refusal::none},
    {"sent", exec_type::expired, order_status::expired, refusal::none},
    {"sent", exec_type::rejected, order_status::rejected, refusal::venue_rejected},
    {"sent", exec_type::not_sent, order_status::rejected, refusal::not_sent},
    {"sent", exec_type::cancel_rejected, order_status::pending_new, refusal::none},
    {"new", exec_type::canceled, order_status::canceled, refusal::none},
    {"new", exec_type::expired, order_status::expired, refusal::none},
    {"part", exec_type::canceled, order_status::canceled, refusal::none},
    {"part", exec_type::expired, order_status::expired, refusal::none},
    {"part", exec_type::cancel_rejected, order_status::partially_filled, refusal::none},
  };
  for (const auto& r : rows) {
    CAPTURE(r.before);
    CAPTURE(static_cast<int>(r.says));
    slot s;
    const std::string before = r.before;
    const auto id = s(buy("a1", "1", "50000")).order;
    if (before != "sent") s.say(id, exec_type::new_);
    if (before == "part") s(s.trade(id, "0.4", "50000"));
    auto report = s.report(id, r.says);
    report.reason = "because";
    s(report);
    const auto o = s.order(id);
    CHECK(o.status == r.after);
    CHECK(o.refusal == r.why);
    CHECK(o.reason.view() == (is_terminal(r.after) ? "because" : ""));
    CHECK(s.state.orders.empty() == is_terminal(r.after));
    if (is_terminal(r.after)) {
      CHECK(o.filled == (before == "part" ? qty("0.4") : quantity{}));
      CHECK(s.state.accounts.at({"main"}).at(alpha).open_orders == 0);
      CHECK(s.state.accounts.at({"main"}).at(alpha).keys.empty());
      CHECK(s.state.exposure.str() == (before == "part" ? "20000" : "0"));
    }
  }
}

TEST_CASE("fills: quantity, notional and fee add up exactly, and the position with them") {
  slot s;
  const auto id = s(buy("a1", "1", "50000.1")).order;
  s.say(id, exec_type::new_);
  s(s.trade(id, "0.333", "50000.1", "1.00000001"));
  CHECK(s.order(id).status == order_status::partially_filled);
  s(s.trade(id, "0.667", "49999.9", "-0.5"));
  const auto o = s.order(id);
  CHECK(o.status == order_status::filled);
  CHECK(o.fills == 2);
  CHECK(o.filled == qty("1"));
  CHECK(o.filled_notional == money{*parse_scaled("49999.9666"), "USDT"});
  CHECK(o.fee == money{*parse_scaled("0.50000001"), "USDT"});
  const auto& h = s.state.accounts.at({"main"}).at(alpha).holdings.at(btc);
  CHECK(h.position == qty("1"));
  CHECK(h.valued_at == px("49999.9"));
  CHECK(s.state.exposure.str() == "49999.9");
}

TEST_CASE("what cannot be true is dropped, counted and kept on record") {
  struct row { const char* name; void (*bend)(venue::report&); };
  const row rows[] = {
    {"overfill", [](auto& r) { r.last_quantity = qty("0.601"); }},
    {"no quantity", [](auto& r) { r.last_quantity = {}; }},
    {"negative quantity", [](auto& r) { r.last_quantity = qty("-0.1"); }},
    {"no price", [](auto& r) { r.last_price = {}; }},
    {"a fee beyond counting", [](auto& r) { r.fee.units = int128{1} << 100; }},
    {"a fee in another currency", [](auto& r) { r.fee.ccy = "EUR"; }},
    {"no execution id", [](auto& r) { r.id = {}; }},
    {"rejected after it was accepted", [](auto& r) { r.type = exec_type::rejected; }},
    {"not sent after it was accepted", [](auto& r) { r.type = exec_type::not_sent; }},
    {"an answer to a replace nobody sent", [](auto& r) { r.type = exec_type::replaced; r.revision = 1; }},
    {"a refusal of a replace nobody sent", [](auto& r) { r.type = exec_type::replace_rejected; r.revision = 1; }},
  };
  for (const auto& r : rows) {
    CAPTURE(r.name);
    slot s;
    const auto id = s(buy("a1", "1", "50000")).order;
    s.say(id, exec_type::new_);
    s(s.trade(id, "0.4", "50000"));
    const auto before = s.state;
    const auto events = s.events.size();
    auto report = s.trade(id, "0.1", "50000");
    r.bend(report);
    s(report);
    CHECK(s.state.orders.at(id).order == before.orders.at(id).order);
    CHECK(s.state.orders.at(id).executions == before.orders.at(id).executions);
    CHECK(s.state.accounts == before.accounts);
    CHECK(s.state.disputed.contains(alpha) == (report.type == exec_type::trade)); // the venue counts another position
    CHECK(s.events.size() == events + 2 * s.state.disputed.size());               // of the fill and of the account
    CHECK(s.view.impossible_reports == 1);
    CHECK(s.recorded);
  }
}

TEST_CASE("a fill of an order whose instrument is not listed any more is in what that was quoted in; one in an unknown currency, or in another, cannot be true") {
  slot before;
  const auto id = before(buy("a", "2", "50000")).order;
  before(before.trade(id, "0.5", "50000", "1"));
  struct row { const char* former; const char* said; const char* quote; }; // no quote: it cannot be true
  const row rows[] = {{nullptr, "USDT", "USDT"}, {nullptr, "XYZ", nullptr}, {"USDT", "USDT", "USDT"}, {"USDT", "", "USDT"}, {"USDT", "XYZ", nullptr}};
  for (const auto& r : rows) {
    CAPTURE(r.said);
    auto without = two_instruments();
    without.instruments.erase(btc);
    if (r.former) without.former_quotes[btc] = r.former;
    slot s{without};
    s.state = before.state;
    auto fill = s.trade(id, "0.5", "50000", "1");
    fill.id = {"next"};
    fill.fee.ccy = r.said;
    s(fill);
    CHECK(s.order(id).filled == qty(r.quote ? "1" : "0.5"));
    CHECK(s.order(id).fee == money{*parse_scaled(r.quote ? "2" : "1"), "USDT"});
    CHECK(s.view.impossible_reports == (r.quote ? 0 : 1));
    if (r.quote) CHECK(std::get<execution>(s.events.back()).quote == currency{r.quote});
    else CHECK(std::get<fill_disputed>(s.events.front()).report.fee.ccy == currency{"XYZ"});
  }
}

TEST_CASE("a repeated execution id is folded once, also after a snapshot; a late `new` says nothing") {
  slot s;
  const auto id = s(buy("a1", "1", "50000")).order;
  const auto fill = s.trade(id, "0.4", "50000");
  s(fill);
  const auto before = s.state;
  s(fill);
  s.say(id, exec_type::new_);
  CHECK(s.state == before);
  CHECK(s.view.repeated_reports == 1);
  CHECK(s.view.impossible_reports == 0);
  auto changed = fill; // the id decides, whatever else it says
  changed.last_quantity = qty("0.1");
  s(changed);
  CHECK(s.state == before);
}

TEST_CASE("memory follows what is open: an order that is replaced all day remembers its fills and the last reports, and no more") {
  slot s;
  s.lease.fallback.orders_per_second_max = 1000;
  s.renew();
  const auto id = s(buy("a1", "1", "50000")).order;
  const auto fill = s.trade(id, "0.1", "50000");
  s(fill);
  for (std::uint32_t i = 1; i <= 200; ++i) {
    REQUIRE(s(replace_order{id, i % 2 == 0 ? qty("1") : qty("2"), {}}).refusal == refusal::none);
    s.say(id, exec_type::replaced, i);
  }
  const auto& w = s.state.orders.at(id);
  CHECK(w.executions == std::vector{fill.id});
  CHECK(w.answers.size() == answers_kept);
  const auto before = s.state;
  s(fill); // is known for as long as its order is open
  CHECK(s.state == before);
  CHECK(s.view.repeated_reports == 1);
}

TEST_CASE("no transition leaves a terminal state: reports of finished orders change nothing") {
  for (auto end : {exec_type::canceled, exec_type::expired, exec_type::rejected, exec_type::not_sent, exec_type::trade}) {
    slot s;
    const auto id = s(buy("a1", "1", "50000")).order;
    if (end == exec_type::trade) s(s.trade(id, "1", "50000"));
    else s.say(id, end);
    const auto before = s.state;
    const auto rows = s.table;
    const auto events = s.events.size();
    for (auto late : {exec_type::new_, exec_type::trade, exec_type::canceled, exec_type::replaced, exec_type::rejected,
                      exec_type::cancel_rejected, exec_type::replace_rejected, exec_type::expired, exec_type::not_sent}) {
      auto r = s.trade(id, "0.1", "50000");
      r.type = late;
      s(r);
      CHECK(s.recorded == (late == exec_type::trade)); // a fill nobody counts stays findable
    }
    CHECK(std::ranges::includes(s.table, rows));
    CHECK(s.table.size() == rows.size() + 1); // the fill, for whoever books it
    CHECK(s.view.late_reports == 8);
    CHECK(s.view.impossible_reports == 1);
    REQUIRE(s.events.size() == events + 2);
    CHECK(std::get<fill_disputed>(s.events[events]).report.order == id);
    CHECK(std::get<account_disputed>(s.events.back()).account == alpha); // the venue counts a fill of it that we do not
    s(close_dispute{alpha});
    CHECK(s.state == before);
  }
}

TEST_CASE("memory follows what is open: a flat account without orders is forgotten") {
  slot s;
  for (int i = 0; i < 50; ++i) {
    const auto in = s(buy(("b" + std::to_string(i)).c_str(), "1", "50000")).order;
    s(s.trade(in, "1", "50000"));
    const auto out = s(sell(("s" + std::to_string(i)).c_str(), "1", "50000")).order;
    s.pass(std::chrono::seconds{1}); // the second its rate was counted in is over
    s(s.trade(out, "1", "50000"));
    s.renew();
    s.mark(btc, "49999.9", "50000.1");
    CHECK(s.state.orders.empty());
    CHECK(s.state.accounts.empty());
    CHECK(s.state.exposure.units == 0);
  }
  CHECK(s.state.last_number == 100);
  CHECK(s.table.size() == 200);
}

TEST_CASE("memory follows what is open: accounts that came once, and whose orders ended within their own second, do not add up") {
  slot s;
  std::size_t most = 0;
  for (int second = 0; second < 100; ++second) {
    for (int i = 0; i < 100; ++i) {
      auto o = buy(("c" + std::to_string(i)).c_str(), "1", "50000");
      o.account = account_id{"once-" + std::to_string((second * 100 + i) * 7919 % 10'000)};
      if (i % 2) o.tenant = tenant_id{"tenant-" + std::to_string(second * 100 + i)};
      s.say(s(o).order, venue::exec_type::canceled);
    }
    std::size_t count = 0;
    for (const auto& [tenant, accounts] : s.state.accounts) count += accounts.size();
    most = std::max(most, count);
    s.pass(std::chrono::seconds{1});
    s.renew();
    s.mark(btc, "49999.9", "50000.1");
  }
  CHECK(s.state.last_number == 10'000);
  CHECK(most < 300); // those of a second, and few of the seconds before
}

TEST_CASE("reconciliation: what the venue got and does not have is lost, what it never got stays") {
  slot s;
  const auto lost = s(buy("a1", "1", "50000")).order;
  const auto lost_later = s(buy("a2", "1", "50000")).order;
  const auto there = s(buy("a3", "1", "50000")).order;
  const auto outbox = s(buy("a4", "1", "50000")).order;
  s.say(lost_later, exec_type::new_);
  s(s.trade(lost_later, "0.4", "50000"));
  venue::open_orders seen;
  seen.venue = {"SIM"};
  seen.highest_number = there.number();
  seen.orders.resize(1);
  seen.orders[0].request.id = there;

  auto fenced = seen;
  fenced.fenced = true;
  auto elsewhere = seen;
  elsewhere.venue = {"OTHER"};
  elsewhere.orders.clear();
  const auto before = s.state;
  s(fenced);
  s(elsewhere);
  CHECK(s.state == before);

  s(seen);
  CHECK(s.order(lost).status == order_status::rejected);
  CHECK(s.order(lost).refusal == refusal::venue_unknown);
  CHECK(s.order(lost_later).status == order_status::canceled);
  CHECK(s.order(lost_later).filled == qty("0.4"));
  CHECK(s.state.disputed == std::map<account_id, execution_id>{{alpha, {"order " + to_text(lost_later)}}}); // it had been there; the other was never
  s(close_dispute{alpha});
  CHECK(s.state.orders.size() == 2);
  CHECK(s.state.orders.contains(there));
  CHECK(s.state.orders.contains(outbox));
  const auto after = s.state;
  s(seen); // again: nothing more
  CHECK(s.state == after);
  CHECK(s(buy("a1", "1", "50000")).refusal == refusal::none); // the first answer, byte for byte
  CHECK(s.state == after);
}

TEST_CASE("reconciliation: a venue that counts other fills of an open order than the slot puts its account in dispute") {
  slot s;
  const auto id = s(buy("a1", "1", "50000")).order;
  s(s.trade(id, "0.4", "50000"));
  venue::open_orders seen;
  seen.venue = {"SIM"};
  seen.highest_number = id.number();
  seen.orders.resize(1);
  seen.orders[0].request.id = id;
  seen.orders[0].cumulative = qty("0.4");
  const auto before = s.state;
  s(seen);
  CHECK(s.state == before);
  seen.orders[0].cumulative = qty("0.6");
  s(seen);
  CHECK(s.state.orders == before.orders);
  CHECK(s.state.disputed.contains(alpha));
}

TEST_CASE("reconciliation: an open order of ours that the venue has and we do not is cancelled there, others are not") {
  slot s;
  const auto id = s(buy("a1", "1", "50000")).order;
  s.say(id, exec_type::canceled);
  venue::open_orders seen;
  seen.venue = {"SIM"};
  seen.highest_number = 9;
  seen.orders.resize(3);
  seen.orders[0].request.id = id;
  seen.orders[1].request.id = order_id::make(3, 1); // another slot's
  seen.orders[2].request.id = id;
  s(seen);
  const auto cancels = s.sent<venue::cancel>();
  REQUIRE(cancels.size() == 1);
  CHECK(cancels[0].id == id);
  CHECK(s.effects.back().first == actor_name{"venue/SIM"});
  CHECK(s.order(id).status == order_status::canceled);
}

TEST_CASE("reconciliation: a journal older than the venue gets orders, fills and numbers back, without client ids and without sending anything") {
  slot s;
  const auto known = s(buy("a1", "1", "50000")).order;
  s.say(known, exec_type::new_);
  auto older = s; // what a backup holds
  venue::fills_since missed;
  missed.venue = {"SIM"};
  missed.sequence = 77;
  const auto say = [&](const venue::report& r) {
    s(r);
    missed.reports.push_back(r);
  };
  const auto filled = s(buy("a2", "2", "50000")).order;
  const auto open = s(buy("a3", "1", "49000")).order;
  for (const auto& order : s.sent<venue::submit>())
    if (order.id != known) missed.orders.push_back(order);
  say(s.trade(known, "0.4", "50000"));
  say(s.report(filled, exec_type::new_));
  say(s.trade(filled, "2", "49999"));
  say(s.report(open, exec_type::new_));
  missed.highest_number = open.number() + 1; // the venue refused one more

  auto fenced = missed;
  fenced.fenced = true;
  const auto before = older.state;
  const auto sent = older.effects.size();
  older(fenced);
  CHECK(older.state == before);
  older(missed);
  CHECK(older.recorded);
  CHECK(older.effects.size() == sent);
  CHECK(older.state.last_number == known.number()); // another venue may have what lies between
  CHECK(older.order(known).filled == qty("0.4"));
  CHECK(older.order(filled).status == order_status::filled);
  CHECK(older.order(filled).request.client_id.value.empty());
  CHECK(older.order(open).status == order_status::new_);
  const auto& mine = older.state.accounts.at({"main"}).at(alpha);
  const auto& true_ones = s.state.accounts.at({"main"}).at(alpha);
  CHECK(mine.open_orders == true_ones.open_orders);
  CHECK(mine.holdings.at(btc).position == true_ones.holdings.at(btc).position);
  CHECK(mine.holdings.at(btc).open_buy == true_ones.holdings.at(btc).open_buy);
  venue::open_orders there;
  there.venue = {"SIM"};
  there.highest_number = missed.highest_number;
  for (const auto id : {known, open}) there.orders.emplace_back().request.id = id;
  older(there);
  CHECK(older.effects.size() == sent);
  CHECK(older(buy("a4", "1", "50000")).order.number() == open.number() + 2);

  const auto after = older.state;
  older(missed); // a crash before the position was on record: nothing counts twice
  CHECK(older.state == after);
}

TEST_CASE("reconciliation: an order that comes back is its account's under the tenant that has it in the slot") {
  slot s;
  auto of_other = buy("a1", "1", "50000");
  of_other.tenant = {"other"};
  of_other.account = {"x"};
  REQUIRE(slot_of({"main"}, of_other.account) != 17);
  REQUIRE(s(of_other).refusal == refusal::none);
  venue::fills_since known;
  known.venue = {"SIM"};
  known.highest_number = 2;
  known.sequence = 7;
  known.orders = {{order_id::make(17, 2), of_other.account, btc, side::buy, order_type::limit, time_in_force::day, qty("1"), px("50000"), {}}};
  known.reports = {s.report(order_id::make(17, 2), exec_type::new_)};
  s(known);
  CHECK(s.order(order_id::make(17, 2)).request.tenant == tenant_id{"other"});
  CHECK(s.state.accounts.at({"other"}).at(of_other.account).open_orders == 2);
  CHECK(s.state.accounts.size() == 1);
}

TEST_CASE("reconciliation: what came back from one venue does not pass for known at another, whose numbers lie between") {
  slot s;
  const auto page_with = [](const char* venue, std::uint64_t number) {
    venue::fills_since page;
    page.venue = {venue};
    page.highest_number = number;
    venue::submit order;
    order.id = order_id::make(17, number);
    order.account = alpha;
    order.instrument = btc;
    order.quantity = qty("1");
    order.limit = px("49000");
    page.orders.push_back(order);
    return page;
  };
  s(page_with("SIM", 9));
  s(page_with("OTHER", 7));
  CHECK(s.state.orders.contains(order_id::make(17, 9)));
  CHECK(s.state.orders.contains(order_id::make(17, 7)));
  CHECK(s.state.last_number == 0);
  venue::open_orders seen;
  seen.venue = {"SIM"};
  seen.highest_number = 9;
  s(seen);
  CHECK(s.state.last_number == 9);
}

TEST_CASE("reconciliation: orders that were open one after the other come back one after the other, however many a page has") {
  slot s;
  venue::fills_since page;
  page.venue = {"SIM"};
  page.highest_number = 4;
  page.sequence = 9;
  for (std::uint64_t n = 1; n <= 4; ++n) { // two of them together are more than can be counted
    const auto id = order_id::make(17, n);
    page.orders.push_back({id, alpha, btc, side::buy, order_type::limit, time_in_force::day, qty("50000000000"), px("0.1"), {}});
    page.reports.push_back(s.report(id, exec_type::new_));
    if (n < 4) page.reports.push_back(s.report(id, exec_type::canceled));
  }
  page.reports.push_back(s.report(order_id::make(17, 1), exec_type::cancel_rejected)); // it has ended, and does not come back again
  s(page);
  REQUIRE(s.state.orders.size() == 1);
  CHECK(s.order(order_id::make(17, 4)).status == order_status::new_);
  CHECK(s.state.accounts.at({"main"}).at(alpha).holdings.at(btc).open_buy == qty("50000000000"));
  CHECK(s.order(order_id::make(17, 1)).status == order_status::canceled);
}

TEST_CASE("reconciliation: a replace that the journal lost comes back with its quantity and limit, of known orders and of recovered ones") {
  slot s;
  const auto known = s(buy("a1", "1", "50000")).order;
  s.say(known, exec_type::new_);
  auto older = s;
  venue::fills_since missed;
  missed.venue = {"SIM"};
  missed.sequence = 77;
  const auto say = [&](const venue::report& r) {
    s(r);
    missed.reports.push_back(r);
  };
  const auto other = s(buy("a2", "1", "49000")).order;
  for (const auto& order : s.sent<venue::submit>())
    if (order.id != known) missed.orders.push_back(order);
  say(s.report(other, exec_type::new_));
  for (const auto id : {known, other}) {
    s(replace_order{id, qty("3"), px("49500")});
    auto replaced = s.report(id, exec_type::replaced);
    replaced.revision = 1;
    say(replaced);
    say(s.trade(id, "2", "49500"));
  }
  for (const auto& r : s.sent<venue::replace>()) {
    auto& changed = missed.orders.emplace_back();
    changed.id = r.id;
    changed.quantity = r.quantity;
    changed.limit = r.limit;
  }
  missed.highest_number = other.number();

  auto without = older;
  auto lying = missed;
  for (auto& o : lying.orders)
    if (o.account.value.empty()) o.quantity = {};
  without(lying);
  CHECK(without.order(known).quantity == qty("1"));
  CHECK(without.order(known).filled.is_zero());

  const auto sent = older.effects.size();
  older(missed);
  CHECK(older.effects.size() == sent);
  for (const auto id : {known, other}) {
    const auto o = older.order(id);
    CHECK(o.quantity == qty("3"));
    CHECK(o.limit == px("49500"));
    CHECK(o.filled == qty("2"));
    CHECK(o.revision == 1);
    CHECK(o.revision_asked == 1);
    CHECK(o.status == order_status::partially_filled);
  }
  CHECK(older.state.accounts.at({"main"}).at(alpha).holdings == s.state.accounts.at({"main"}).at(alpha).holdings);
  const auto after = older.state;
  older(missed);
  CHECK(older.state == after);
}

TEST_CASE("reconciliation: a strategy hears of its lost order") {
  slot s;
  auto asked = buy("a1", "1", "50000");
  asked.strategy = {"quoter"};
  s(asked);
  venue::open_orders seen;
  seen.venue = {"SIM"};
  seen.highest_number = 1;
  s(seen);
  const auto heard = s.sent<order_update>();
  REQUIRE(heard.size() == 2);
  CHECK(heard[1].status == order_status::rejected);
  CHECK(heard[1].refusal == refusal::venue_unknown);
}
