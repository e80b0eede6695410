// What a halt does to orders that are open, and how far a market order may run.

#include "actors/trading/oms/pretrade.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/actors/trading/oms/slot.hpp"

#include <algorithm>

using namespace troupe;
using namespace troupe::oms;
using namespace troupe::oms::test;
using risk::halt_scope;
using venue::exec_type;

namespace {

risk::halt halt_of(halt_scope scope, const char* key) { return {scope, key, "drill", {"operator:ana"}, {}, {}}; }

std::vector<order_id> cancelled(const slot& s) {
  std::vector<order_id> ids;
  for (const auto& c : s.sent<venue::cancel>()) ids.push_back(c.id);
  return ids;
}

} // namespace

TEST_SUITE_BEGIN("oms/halts");

TEST_CASE("a halt withdraws what is open in its scope, once, and nothing else") {
  auto of_beta = buy("b", "1", "50000");
  of_beta.account = {"beta"};
  auto of_strategy = buy("s", "1", "50000");
  of_strategy.strategy = {"quoter"};
  auto of_eth = buy("e", "1", "2500");
  of_eth.instrument = eth;
  struct row { halt_scope scope; const char* key; std::vector<std::size_t> hit; }; // of alpha's, beta's, the strategy's, the other instrument's
  const row rows[] = {
    {halt_scope::firm, "", {0, 1, 2, 3}},   {halt_scope::venue, "SIM", {0, 1, 2, 3}},       {halt_scope::venue, "OTHER", {}},
    {halt_scope::account, "beta", {1}},     {halt_scope::instrument, "ETHUSDT.SIM", {3}},   {halt_scope::strategy, "quoter", {2}},
    {halt_scope::account, "nobody", {}},    {halt_scope::strategy, "ma_cross", {}},
  };
  for (const auto& r : rows) {
    CAPTURE(r.key);
    slot s;
    const order_id ids[] = {s(buy("a", "1", "50000")).order, s(of_beta).order, s(of_strategy).order, s(of_eth).order};
    s.lease.halts = {halt_of(r.scope, r.key)};
    s.renew();
    const auto* found = s.core.unenforced(s.state, s.view, s.ctx.decided_boot);
    CHECK((found != nullptr) == !r.hit.empty());
    s(enforce_halt{r.scope, r.key});
    std::vector<order_id> expected;
    for (const auto i : r.hit) expected.push_back(ids[i]);
    CHECK(cancelled(s) == expected);
    CHECK(s.core.unenforced(s.state, s.view, s.ctx.decided_boot) == nullptr);
    s(enforce_halt{r.scope, r.key});
    CHECK(cancelled(s) == expected);
    CHECK_FALSE(s.recorded);
  }
}

TEST_CASE("a halt that the slot's lease does not hold, or does not hold any more, withdraws nothing") {
  slot s;
  s(buy("a", "1", "50000"));
  const auto before = s.state;
  s(enforce_halt{halt_scope::firm, ""});
  s.lease.halts = {halt_of(halt_scope::account, "alpha")};
  s.renew();
  s(enforce_halt{halt_scope::firm, ""});
  s(enforce_halt{halt_scope::account, "beta"});
  CHECK(s.state == before);
  CHECK_FALSE(s.recorded);
  s.view.lease.reset(); // after a restart, until risk has spoken
  CHECK(s.core.unenforced(s.state, s.view, s.ctx.decided_boot) == nullptr);
  s(enforce_halt{halt_scope::account, "alpha"});
  CHECK(s.state == before);
}

TEST_CASE("a halt withdraws under a full disk and without a live lease, what is being replaced too, and not what is being cancelled") {
  slot s;
  const auto one = s(buy("a", "1", "50000")).order, two = s(buy("b", "1", "50000")).order;
  s.say(one, venue::exec_type::new_);
  s(replace_order{one, qty("2"), {}});
  s(cancel_order{two, {}, {}, {}});
  s.lease.halts = {halt_of(halt_scope::firm, "")};
  s.renew();
  s.ctx.has_space = false;
  s.pass(std::chrono::seconds{30});
  s(enforce_halt{halt_scope::firm, ""});
  CHECK(cancelled(s) == std::vector{two, one});
}

TEST_CASE("an order that a halt withdraws says which one, whatever its venue says then; one that its venue keeps or fills does not") {
  slot s;
  const order_id ids[] = {s(buy("a", "1", "50000")).order, s(buy("b", "1", "50000")).order, s(buy("c", "1", "50000")).order};
  s.lease.halts = {halt_of(halt_scope::account, "alpha")};
  s.renew();
  s(enforce_halt{halt_scope::account, "alpha"});
  const text<95> why = "account alpha is halted by operator:ana: drill";
  for (const auto id : ids) CHECK(s.order(id).reason == why);
  auto canceled = s.report(ids[0], venue::exec_type::canceled);
  canceled.reason = "by request";
  s(canceled);
  CHECK(s.order(ids[0]).status == order_status::canceled);
  CHECK(s.order(ids[0]).reason == why);
  CHECK(s.order(ids[0]).refusal == refusal::none);
  s.say(ids[1], venue::exec_type::cancel_rejected);
  CHECK(s.order(ids[1]).reason.empty());
  CHECK(s.core.unenforced(s.state, s.view, s.ctx.decided_boot) != nullptr);
  s(s.trade(ids[2], "1", "50000"));
  CHECK(s.order(ids[2]).status == order_status::filled);
  CHECK(s.order(ids[2]).reason.empty());
}

TEST_CASE("an order whose venue refuses to cancel it keeps no other order under its halt waiting, nor a halt that comes later") {
  slot s;
  const auto stubborn = s(buy("a", "1", "50000")).order, other = s(buy("b", "1", "50000")).order;
  auto of_beta = buy("c", "1", "50000");
  of_beta.account = {"beta"};
  const auto later = s(of_beta).order;
  s.lease.halts = {halt_of(halt_scope::account, "alpha")};
  s.renew();
  s.view.refused_withdrawals[stubborn] = {s.ctx.decided_boot + std::chrono::seconds{60}, std::chrono::seconds{60}};
  s(enforce_halt{halt_scope::account, "alpha"});
  CHECK(cancelled(s) == std::vector{other});
  CHECK(s.core.unenforced(s.state, s.view, s.ctx.decided_boot) == nullptr);
  s.lease.halts = {halt_of(halt_scope::account, "alpha"), halt_of(halt_scope::firm, "")};
  s.renew();
  REQUIRE(s.core.unenforced(s.state, s.view, s.ctx.decided_boot) != nullptr);
  s(enforce_halt{halt_scope::firm, ""});
  CHECK(cancelled(s) == std::vector{other, later});
  s.pass(std::chrono::seconds{60});
  REQUIRE(s.core.unenforced(s.state, s.view, s.ctx.decided_boot) != nullptr);
  s(enforce_halt{halt_scope::account, "alpha"});
  CHECK(cancelled(s) == std::vector{other, later, stubborn});
}

TEST_CASE("many open orders are withdrawn some at a time, until none is left") {
  slot s;
  s.lease.fallback.open_orders_max = 1000;
  s.renew();
  for (int i = 0; i < 600; ++i) REQUIRE(s(buy(("c" + std::to_string(i)).c_str(), "0.001", "50000")).refusal == refusal::none);
  s.lease.halts = {halt_of(halt_scope::account, "alpha"), halt_of(halt_scope::firm, "")};
  s.renew();
  int turns = 0;
  for (const auto* h = s.core.unenforced(s.state, s.view, s.ctx.decided_boot); h; h = s.core.unenforced(s.state, s.view, s.ctx.decided_boot)) {
    s(enforce_halt{h->scope, h->key});
    REQUIRE(++turns < 10);
  }
  CHECK(turns == 3);
  CHECK(cancelled(s).size() == 600);
}

TEST_CASE("a market order tells its venue the worst price that it may take, on the tick and away from the market") {
  auto config = two_instruments();
  config.market_protection_bps = 100;
  slot s{config};
  const auto bought = s(buy("a", "1")).order;
  s(sell("b", "1"));
  s(buy("c", "1", "50000"));
  const auto sent = s.sent<venue::submit>();
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].type == order_type::market);
  CHECK(sent[0].limit == px("50500.2")); // 1 % above 50000.1, and up to the tick
  CHECK(sent[1].limit == px("49499.9")); // 1 % below 49999.9, and down to it
  CHECK(sent[2].limit == px("50000"));   // a client's own is as it was given
  CHECK_FALSE(s.order(bought).limit);
  CHECK_FALSE(s.order(bought).request.limit);
  CHECK(s.order(bought).reserve == px("50500.2")); // what it may cost is what it counts at
}

TEST_CASE("the worst price that a venue was given stays a market buy's when its quantity is replaced; a sale counts at the bid of then") {
  auto config = two_instruments();
  config.market_protection_bps = 100;
  slot s{config};
  const auto id = s(buy("a", "1")).order;
  s.say(id, venue::exec_type::new_);
  s.mark(btc, "59999.9", "60000.1");
  REQUIRE(s(replace_order{id, qty("2"), {}}).refusal == refusal::none);
  CHECK(s.state.orders.at(id).asked_reserve == px("50500.2"));
  CHECK_FALSE(s.sent<venue::replace>().at(0).limit);
  const auto sale = s(sell("b", "1")).order;
  CHECK(s.order(sale).reserve == px("59999.9"));
  s.mark(btc, "69999.9", "70000.1");
  REQUIRE(s(replace_order{sale, qty("2"), {}}).refusal == refusal::none);
  CHECK(s.state.orders.at(sale).asked_reserve == px("69999.9"));
}

TEST_CASE("the worst price of a market order follows from its stored event and the configuration alone: a sale's from the bid that it counts at") {
  auto config = two_instruments();
  config.market_protection_bps = 100;
  slot s{config};
  s(sell("a", "1"));
  s.mark(btc, "59999.97", "60000.1");
  s(sell("b", "2"));
  s(buy("c", "1"));
  const auto sent = s.sent<venue::submit>();
  REQUIRE(sent.size() == 3);

  // Read again by a slot that has neither seen that market nor taken an order.
  const oms::core later{config};
  std::vector<venue::submit> again;
  std::vector<order_accepted> taken;
  for (const auto& e : s.events) {
    std::string bytes;
    wire::encode(e, bytes);
    const auto stored = wire::decode<event>(bytes).value();
    later.react(oms::state{}, stored, [&](const actor_name&, const effect& what) {
      if (const auto* c = std::get_if<venue::command>(&what)) again.push_back(std::get<venue::submit>(*c));
    });
    taken.push_back(std::get<order_accepted>(stored));
  }
  CHECK(again == sent);
  CHECK(taken[0].reserve == px("49999.9"));
  CHECK(taken[1].reserve == px("59999.97"));
  for (const auto i : {0u, 1u}) CHECK(sent[i].limit == worst_price(side::sell, taken[i].reserve, px("0.1"), config.market_protection_bps));
  CHECK(sent[1].limit == px("59399.9")); // 59399.9703
  CHECK(sent[2].limit == taken[2].reserve);
}

TEST_CASE("the worst price: on the tick and away from the market, never zero and never more than a price can be") {
  CHECK(worst_price(side::buy, px("100.03"), px("0.1"), 0) == px("100.1"));
  CHECK(worst_price(side::sell, px("100.03"), px("0.1"), 0) == px("100"));
  CHECK(worst_price(side::buy, px("100"), px("0.1"), 1) == px("100.1")); // 100.01
  CHECK(worst_price(side::sell, px("0.1"), px("0.1"), 9999) == px("0.1"));
  CHECK(worst_price(side::sell, px("5"), px("10"), 1) == px("10"));
  const price most{INT64_MAX};
  CHECK(worst_price(side::buy, most, px("0.1"), 9999).units == INT64_MAX / px("0.1").units * px("0.1").units);
}

TEST_CASE("what protects a market order does not come back from its venue as the client's limit") {
  slot s;
  venue::fills_since known;
  known.venue = {"SIM"};
  known.highest_number = 1;
  known.sequence = 7;
  known.orders = {{order_id::make(17, 1), alpha, btc, side::buy, order_type::market, time_in_force::day, qty("1"), px("55000"), {}}};
  known.reports = {s.report(order_id::make(17, 1), venue::exec_type::new_)};
  s(known);
  REQUIRE(s.state.orders.contains(order_id::make(17, 1)));
  CHECK_FALSE(s.order(order_id::make(17, 1)).limit);
  CHECK_FALSE(s.order(order_id::make(17, 1)).request.limit);
  REQUIRE(s(replace_order{order_id::make(17, 1), qty("2"), {}}).refusal == refusal::none);
  CHECK(s.state.orders.at(order_id::make(17, 1)).asked_reserve == px("55000.2")); // from then on it counts
}

TEST_CASE("a fill that cannot be true, of an open order or a finished one, puts its account in dispute until that is closed") {
  slot s;
  const auto open = s(buy("a", "1", "50000")).order;
  const auto done = s(buy("b", "1", "50000")).order;
  s(s.trade(done, "1", "50000"));
  for (const auto& impossible : {s.trade(open, "1.001", "50000"), s.trade(done, "0.5", "50000")}) {
    const auto before = s.state;
    s(impossible);
    CHECK(s.state.orders.at(open).order == before.orders.at(open).order);
    CHECK(s.state.accounts == before.accounts);
    CHECK(s.state.disputed == std::map<account_id, execution_id>{{alpha, impossible.id}});
    CHECK(std::get<account_disputed>(s.events.back()) == account_disputed{alpha, {"SIM"}, impossible.order, impossible.id, s.ctx.decided_at});
    s(close_dispute{alpha});
    CHECK(s.state.disputed == before.disputed);
    CHECK(s.state.accounts == before.accounts);
    s(close_dispute{alpha});
    CHECK_FALSE(s.recorded);
  }
  const auto before = s.state;
  s(s.trade(order_id::make(17, 99), "1", "50000")); // nobody knows whose, nor which venue says so
  CHECK(s.state == before);
  CHECK(s.recorded);
}

TEST_CASE("an account in dispute opens nothing, with its halt on record or before") {
  slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  s(s.trade(id, "2", "50000"));
  REQUIRE(s.state.disputed.contains(alpha));
  const auto refused = s(buy("b", "1", "50000"));
  CHECK(refused.refusal == refusal::halted);
  CHECK(refused.reason.find("count other fills") != std::string::npos);
  auto of_beta = buy("c", "1", "50000");
  of_beta.account = {"beta"};
  CHECK(s(of_beta).refusal == refusal::none);
  s(close_dispute{alpha});
  CHECK(s(buy("d", "1", "50000")).refusal == refusal::none);
}

TEST_CASE("a venue that counts other fills of an order than the slot puts its account in dispute, and what it says is folded all the same") {
  struct row { const char* last; const char* cumulative; exec_type type; bool disputed; };
  const row rows[] = {{"0.4", "0.4", exec_type::trade, false}, {"0.4", "0.5", exec_type::trade, true}, {"0.4", "0", exec_type::trade, false},
                      {"0", "0.1", exec_type::canceled, true},  {"0", "0", exec_type::canceled, false}, {"0", "0.1", exec_type::expired, true}};
  for (const auto& r : rows) {
    CAPTURE(r.last);
    CAPTURE(r.cumulative);
    slot s;
    const auto id = s(buy("a", "1", "50000")).order;
    s.say(id, exec_type::new_);
    auto said = r.type == exec_type::trade ? s.trade(id, r.last, "50000") : s.report(id, r.type);
    said.cumulative = qty(r.cumulative);
    s(said);
    CHECK(s.order(id).filled == qty(r.last));
    CHECK(is_terminal(s.order(id).status) == (r.type != exec_type::trade));
    CHECK(s.state.disputed.contains(alpha) == r.disputed);
  }
}

TEST_CASE("a report of another venue than the order's changes nothing and stays on record; a fill puts the account in dispute") {
  slot s;
  const auto id = s(buy("a", "1", "50000")).order;
  const auto before = s.state;
  s.ctx.message.principal = {"venue/OTHER"};
  s.say(id, exec_type::canceled);
  CHECK(s.state == before);
  CHECK(s.recorded);
  s(s.trade(id, "1", "50000"));
  CHECK(s.state.orders == before.orders);
  CHECK(s.state.disputed.contains(alpha));
  CHECK(s.view.impossible_reports == 2);
  s.ctx.message.principal = {"venue/SIM"};
  s(s.trade(id, "1", "50000"));
  CHECK(s.order(id).status == order_status::filled);
}

TEST_SUITE_END();
