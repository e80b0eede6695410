#include "tests/actors/trading/oms/slot.hpp"

#include "runtime/wire/wire.hpp"

using namespace troupe;
using namespace troupe::oms;
using namespace troupe::oms::test;

TEST_SUITE_BEGIN("oms/orders");

TEST_CASE("new order: accepted, durable as an event, on its way to its venue") {
  slot s;
  const auto ack = s(buy("a1", "0.5", "50000"));
  CHECK(ack == order_ack{order_id::make(17, 1), {"a1"}, order_status::pending_new, refusal::none, "", s.ctx.decided_at});
  CHECK(to_text(ack.order) == "17-1");
  REQUIRE(s.effects.size() == 1);
  CHECK(s.effects[0].first == actor_name{"venue/SIM"});
  const auto submits = s.sent<venue::submit>();
  REQUIRE(submits.size() == 1);
  CHECK(submits[0].id == ack.order);
  CHECK(submits[0].quantity == qty("0.5"));
  CHECK(submits[0].limit == px("50000"));
  CHECK(submits[0].valid_until == s.lease.expires_at); // sooner than the order's age
  CHECK(s.read.limits_version == s.lease.limits_version);
  CHECK(s.read.bid == px("49999.9"));
  CHECK(s.read.ask == px("50000.1"));
  CHECK(s.read.tape == tape_position{"sim", s.read.update_id});
}

TEST_CASE("new order: the order's age ends its validity when the lease lasts longer") {
  slot s;
  s.lease.number += 1;
  s.lease.expires_at = s.ctx.decided_boot + std::chrono::hours{1};
  s.core.observe(s.view, s.lease);
  s(buy("a1", "0.5", "50000"));
  CHECK(s.sent<venue::submit>().at(0).valid_until == s.ctx.decided_boot + std::chrono::seconds{5});
}

TEST_CASE("idempotency: the same body gets the first answer byte for byte, open or finished, accepted or refused") {
  slot s;
  const auto bytes = [](const order_ack& a) {
    std::string out;
    wire::encode(a, out);
    return out;
  };
  const auto first = s(buy("a1", "0.5", "50000"));
  const auto refused = s(buy("a2", "2000", "50000"));
  REQUIRE(refused.refusal == refusal::order_quantity_max);
  const auto before = s.state;
  const auto events = s.events.size();
  CHECK(bytes(s(buy("a1", "0.5", "50000"))) == bytes(first));
  CHECK(bytes(s(buy("a2", "2000", "50000"))) == bytes(refused));

  s(s.trade(first.order, "0.5", "50000"));
  REQUIRE(s.state.orders.empty());
  s.lease.expires_at = {}; // a repeat needs no lease: it decides nothing
  CHECK(bytes(s(buy("a1", "0.5", "50000"))) == bytes(first));
  CHECK(s.events.size() == events + 1);
  CHECK(s.state.last_number == before.last_number);
  CHECK_FALSE(s.recorded);
}

TEST_CASE("idempotency: another body under the same key is a conflict and changes nothing") {
  slot s;
  const auto first = s(buy("a1", "0.5", "50000"));
  const auto check_conflict = [&] {
    const auto before = s.state;
    const auto events = s.events.size();
    const auto ack = s(buy("a1", "0.6", "50000"));
    CHECK(ack.refusal == refusal::conflict);
    CHECK(ack.order.value == 0);
    CHECK(ack.reason == "client id a1 belongs to order 17-1 with another body");
    CHECK(s.state == before);
    CHECK(s.events.size() == events);
  };
  check_conflict();
  s.say(first.order, venue::exec_type::canceled);
  check_conflict();
}

TEST_CASE("idempotency: keys belong to their tenant and account, and no key means no repeat") {
  slot s;
  auto other_account = buy("a1", "0.5", "50000");
  other_account.account = {"beta"};
  auto other_tenant = buy("a1", "0.5", "50000");
  other_tenant.tenant = {"desk2"};
  auto default_tenant = buy("a1", "0.5", "50000");
  default_tenant.tenant = {};
  CHECK(s(buy("a1", "0.5", "50000")).order.number() == 1);
  CHECK(s(other_account).order.number() == 2);
  CHECK(s(other_tenant).order.number() == 3);
  CHECK(s(default_tenant).order.number() == 1);
  CHECK(s(buy("", "0.5", "50000")).order.number() == 4);
  CHECK(s(buy("", "0.5", "50000")).order.number() == 5);
  CHECK(done_client_key({"a"}, {"b/c"}, {"d"}) != done_client_key({"a/b"}, {"c"}, {"d"}));
}

TEST_CASE("form: each flaw is refused by name, with numbers, and leaves no order") {
  slot s;
  auto unknown = buy("f", "1", "50000");
  unknown.instrument = {"XRPUSDT.SIM"};
  auto priced_market = buy("f", "1");
  priced_market.limit = px("50000");
  auto unpriced_limit = buy("f", "1");
  unpriced_limit.type = order_type::limit;
  struct row { new_order asked; refusal why; const char* says; };
  const row rows[] = {
    {unknown, refusal::unknown_instrument, "XRPUSDT.SIM"},
    {buy("f", "0.0005", "50000"), refusal::off_lot, "0.0005 is not a positive multiple of the lot 0.001"},
    {buy("f", "0", "50000"), refusal::off_lot, "quantity 0"},
    {buy("f", "-1", "50000"), refusal::off_lot, "quantity -1"},
    {buy("f", "1", "50000.05"), refusal::off_tick, "50000.05 is not a positive multiple of the tick 0.1"},
    {buy("f", "1", "0"), refusal::off_tick, "limit 0"},
    {buy("f", "1", "-50000"), refusal::off_tick, "limit -50000"},
    {unpriced_limit, refusal::price_missing, "needs a limit price"},
    {priced_market, refusal::price_forbidden, "50000"},
  };
  for (const auto& r : rows) {
    const auto ack = s(r.asked);
    CAPTURE(ack.reason);
    CHECK(ack.refusal == r.why);
    CHECK(ack.reason.find(r.says) != std::string::npos);
    CHECK(ack.order.value == 0);
    CHECK(ack.status == order_status::rejected);
    CHECK(s.events.empty());
    CHECK(s.recorded);
    CHECK(s.state == oms::state{});
  }
}

TEST_CASE("full disk: nothing opens or changes and nothing is recorded; cancels pass") {
  slot s;
  const auto open = s(buy("a1", "0.5", "50000")).order;
  s.ctx.has_space = false;
  const auto before = s.state;
  CHECK(s(buy("a2", "0.5", "50000")).refusal == refusal::disk_full);
  CHECK_FALSE(s.recorded);
  CHECK(s(replace_order{open, qty("0.4"), {}}).refusal == refusal::disk_full);
  CHECK_FALSE(s.recorded);
  CHECK(s.state == before);
  CHECK(s(buy("a1", "0.5", "50000")).refusal == refusal::none); // a repeat is answered
  CHECK(s(cancel_order{open}).refusal == refusal::none);
  CHECK(s.sent<venue::cancel>().size() == 1);
  s.ctx.has_space = true;
  CHECK(s(buy("a2", "0.5", "50000")).refusal == refusal::none);
}

TEST_CASE("cancel: passes without a lease, under a firm halt, by either id, and repeats harmlessly") {
  slot s;
  const auto one = s(buy("a1", "0.5", "50000")).order;
  s(buy("a2", "0.5", "50000"));
  s.lease.halts = {{risk::halt_scope::firm, "", "drill", {"operator:ana"}, {}, {}}};
  s.renew();
  s.pass(std::chrono::seconds{10}); // and the lease is over
  CHECK(s(cancel_order{one}).refusal == refusal::none);
  CHECK(s(cancel_order{one}).refusal == refusal::none);
  CHECK(s(cancel_order{{}, {"main"}, alpha, {"a2"}}).order.number() == 2);
  CHECK(s(cancel_order{{}, {}, alpha, {"a2"}}).order.number() == 2); // the tenant by default
  CHECK(s.sent<venue::cancel>().size() == 2);
  s.say(one, venue::exec_type::cancel_rejected);
  s(cancel_order{one});
  CHECK(s.sent<venue::cancel>().size() == 3); // the venue refused: one may try again
}

TEST_CASE("cancel and replace: what is finished or unknown is said so, by id and by client id") {
  slot s;
  const auto id = s(buy("a1", "0.5", "50000")).order;
  s(s.trade(id, "0.5", "50000"));
  const auto before = s.state;
  const auto finished = s(cancel_order{id});
  CHECK(finished.refusal == refusal::order_finished);
  CHECK(finished.status == order_status::filled);
  CHECK(finished.reason == "order 17-1 is filled; nothing of it is open");
  CHECK(s(cancel_order{{}, {}, alpha, {"a1"}}).refusal == refusal::order_finished);
  CHECK(s(replace_order{id, qty("1"), {}}).refusal == refusal::order_finished);
  CHECK(s(cancel_order{order_id::make(17, 99)}).refusal == refusal::unknown_order);
  CHECK(s(cancel_order{order_id::make(3, 1)}).refusal == refusal::unknown_order);
  CHECK(s(cancel_order{{}, {}, alpha, {"zz"}}).refusal == refusal::unknown_order);
  CHECK(s(cancel_order{}).refusal == refusal::unknown_order);
  CHECK(s(replace_order{order_id::make(17, 99), qty("1"), {}}).refusal == refusal::unknown_order);
  CHECK(s.state == before);
}

TEST_CASE("replace: one at a time, never to what is filled or below, form and risk as for a new order") {
  slot s;
  const auto id = s(buy("a1", "1", "50000")).order;
  s.say(id, venue::exec_type::new_);
  s(s.trade(id, "0.4", "50000"));
  const auto before = s.state;
  CHECK(s(replace_order{id, qty("0.3"), {}}).refusal == refusal::quantity_below_filled);
  CHECK(s(replace_order{id, qty("0.4"), {}}).refusal == refusal::quantity_below_filled);
  CHECK(s(replace_order{id, qty("0.4005"), {}}).refusal == refusal::off_lot);
  CHECK(s(replace_order{id, qty("2"), px("50000.01")}).refusal == refusal::off_tick);
  CHECK(s(replace_order{id, qty("1001"), {}}).refusal == refusal::order_quantity_max);
  CHECK(s(replace_order{id, qty("2"), px("60000")}).refusal == refusal::price_collar);
  CHECK(s(replace_order{id, qty("1"), {}}).refusal == refusal::none); // as it is: nothing to do
  CHECK(s.sent<venue::replace>().empty());
  CHECK(s.state == before);

  CHECK(s(replace_order{id, qty("2"), px("49000")}).refusal == refusal::none);
  const auto sent = s.sent<venue::replace>();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].revision == 1);
  CHECK(sent[0].quantity == qty("2"));
  CHECK(sent[0].limit == px("49000"));
  CHECK(s(replace_order{id, qty("2"), px("49000")}).refusal == refusal::none); // a repeat
  const auto pending = s(replace_order{id, qty("3"), px("49000")});
  CHECK(pending.refusal == refusal::replace_pending);
  CHECK(pending.reason == "order " + to_text(id) + ": its venue has not answered the last replace yet; wait, or cancel it");
  CHECK(s.sent<venue::replace>().size() == 1);
  CHECK(s.order(id).quantity == qty("1")); // until the venue says so
  s.say(id, venue::exec_type::replaced, 1);
  CHECK(s.order(id).quantity == qty("2"));
  CHECK(s.order(id).limit == px("49000"));
  CHECK(s.order(id).status == order_status::partially_filled);
  CHECK(s.order(id).request.quantity == qty("1")); // repeats are compared with what was asked first
}

TEST_CASE("replace: a refused number is not used again, and the order stays as it was") {
  slot s;
  const auto id = s(buy("a1", "1", "50000")).order;
  s.say(id, venue::exec_type::new_);
  const auto stake = s.state.accounts;
  s(replace_order{id, qty("2"), {}});
  s.say(id, venue::exec_type::replace_rejected, 1);
  CHECK(s.order(id).quantity == qty("1"));
  CHECK(s.state.accounts.at({"main"}).at(alpha).exposure == stake.at({"main"}).at(alpha).exposure);
  s(replace_order{id, qty("3"), {}});
  CHECK(s.sent<venue::replace>().at(1).revision == 2);
  s.say(id, venue::exec_type::not_sent, 2);
  CHECK(s.order(id).status == order_status::new_);
  CHECK(s.order(id).quantity == qty("1"));
}

TEST_CASE("replace: a market order has no price to change") {
  slot s;
  const auto id = s(buy("a1", "1")).order;
  CHECK(s(replace_order{id, qty("2"), px("50000")}).refusal == refusal::price_forbidden);
  CHECK(s(replace_order{id, qty("2"), {}}).refusal == refusal::none);
}

TEST_CASE("strategies: what one asked for too long ago, or before its last start, is refused on record and reserves nothing; repeats and cancels are not") {
  slot s;
  const auto age_max = s.core.config().order_age_max;
  s.pass(2 * age_max);
  s.renew();
  s.mark(btc, "49999.9", "50000.1");
  s.ctx.message.principal = {"strategy/ma_cross"};
  const auto asks = [&](const char* id, const order_command& c, boot_ns asked) {
    CAPTURE(id);
    s.ctx.asked_boot = asked;
    s(c);
    return s.sent<order_update>().back();
  };
  const auto fresh = s.ctx.decided_boot - age_max, late = fresh - nanoseconds{1};
  const auto named = [](const char* id) {
    auto o = buy(id, "1", "50000");
    o.strategy = {"ma_cross"};
    return o;
  };
  CHECK(asks("in time", named("m1"), fresh).refusal == refusal::none);
  const auto before = s.state;
  CHECK(asks("too late", named("m2"), late).refusal == refusal::not_sent);
  CHECK(asks("before its last start", named("m3"), boot_ns{}).refusal == refusal::not_sent);
  const auto id = order_id::make(17, 1);
  CHECK(asks("a change", replace_order{id, qty("2"), px("50000")}, late).refusal == refusal::not_sent);
  CHECK(s.state == before);
  const auto said = s.sent<order_update>().size();
  s(order_command{named("m1")}); // taken before
  CHECK(s.sent<order_update>().size() == said);
  s(order_command{cancel_order{id}});
  CHECK(s.state != before);
}

TEST_CASE("strategies: they hear of acceptance, of every fill and of every refusal, with or without an order") {
  slot s;
  s.ctx.message.principal = {"strategy/ma_cross"};
  auto asked = buy("m1", "1", "50000");
  asked.strategy = {"ma_cross"};
  s(order_command{asked});
  const auto id = order_id::make(17, 1);
  s(s.trade(id, "0.4", "49999", "0.2"));
  s(order_command{asked}); // a repeat says nothing new
  auto too_large = asked;
  too_large.client_id = {"m2"};
  too_large.quantity = qty("2000");
  s(order_command{too_large});
  auto off = asked;
  off.client_id = {"m3"};
  off.quantity = qty("0.0001");
  s(order_command{off});
  s(order_command{replace_order{id, qty("0.1"), {}}});
  s(order_command{replace_order{id, qty("1"), px("50000")}}); // as it is: no venue will answer
  s(order_command{cancel_order{order_id::make(17, 77)}});
  s(order_command{cancel_order{id}});
  s.say(id, venue::exec_type::canceled);

  const auto heard = s.sent<order_update>();
  struct row { order_status status; refusal why; const char* last; const char* filled; const char* leaves; };
  const row rows[] = {
    {order_status::pending_new, refusal::none, "0", "0", "1"},
    {order_status::partially_filled, refusal::none, "0.4", "0.4", "0.6"},
    {order_status::rejected, refusal::order_quantity_max, "0", "0", "0"},
    {order_status::rejected, refusal::off_lot, "0", "0", "0"},
    {order_status::partially_filled, refusal::quantity_below_filled, "0", "0.4", "0.6"},
    {order_status::partially_filled, refusal::none, "0", "0.4", "0.6"},
    {order_status::rejected, refusal::unknown_order, "0", "0", "0"},
    {order_status::canceled, refusal::none, "0", "0.4", "0"},
  };
  REQUIRE(heard.size() == std::size(rows));
  for (std::size_t i = 0; i < heard.size(); ++i) {
    CAPTURE(i);
    CHECK(heard[i].status == rows[i].status);
    CHECK(heard[i].refusal == rows[i].why);
    CHECK(heard[i].last_quantity == qty(rows[i].last));
    CHECK(heard[i].filled == qty(rows[i].filled));
    CHECK(heard[i].leaves == qty(rows[i].leaves));
  }
  CHECK(heard[1].fee == money{20000000, "USDT"});
  for (const auto& [to, what] : s.effects)
    if (std::holds_alternative<order_update>(what)) CHECK(to == actor_name{"strategy/ma_cross"});
}

TEST_CASE("look-up by the client's id: finds what is open, finished or refused by risk under its tenant and account alone, and changes nothing") {
  slot s;
  const auto open = s(buy("open", "0.5", "50000")).order;
  const auto filled = s(buy("filled", "0.5", "50000")).order;
  s(s.trade(filled, "0.5", "50000"));
  auto theirs = buy("open", "0.4", "50000"); // the same id of an account of the same name
  theirs.tenant = {"other"};
  const auto other = s(theirs).order;
  CHECK(s(buy("off_lot", "0.0005", "50000")).refusal == refusal::off_lot); // no order
  s.lease.halts = {{risk::halt_scope::account, "alpha", "drill", {"operator:ana"}, {}, {}}};
  s.renew();
  const auto halted = s(buy("halted", "0.5", "50000"));
  REQUIRE(halted.refusal == refusal::halted);
  const auto before = s.state;
  const auto turns = s.turns;
  const auto under = [&](const char* id, const char* tenant = "main", const char* account = "alpha") { return s.under({{tenant}, {account}, {id}}); };
  REQUIRE(under("open").size() == 1);
  CHECK(under("open")[0] == s.order(open));
  CHECK(under("open", "") == under("open")); // the tenant by default
  REQUIRE(under("open", "other").size() == 1);
  CHECK(under("open", "other")[0].id == other);
  REQUIRE(under("filled").size() == 1);
  CHECK(under("filled")[0] == s.order(filled));
  CHECK(under("filled")[0].status == order_status::filled);
  REQUIRE(under("halted").size() == 1);
  CHECK(under("halted")[0].id == halted.order);
  CHECK(under("halted")[0].status == order_status::rejected);
  for (const char* nothing : {"off_lot", "never_sent", ""}) CHECK_MESSAGE(under(nothing).empty(), nothing);
  CHECK(under("filled", "other").empty());
  CHECK(under("open", "main", "beta").empty());
  CHECK(s.state == before);
  CHECK(s.turns == turns);
}

TEST_CASE("queries: open orders in pages, by account; finished ones are in the table, ascending") {
  slot s;
  for (int i = 0; i < 5; ++i) s(buy(("a" + std::to_string(i)).c_str(), "0.5", "50000"));
  auto other = buy("b", "0.5", "50000");
  other.account = {"beta"};
  s(other);
  CHECK(s.core.answer(s.state, s.view, order_query{order_id::make(17, 2)}).orders.size() == 1);
  CHECK(s.core.answer(s.state, s.view, order_query{order_id::make(17, 9)}).orders.empty());
  orders_query page;
  page.account = alpha;
  page.after = order_id::make(17, 1);
  page.limit.value = 3;
  const auto shown = s.core.answer(s.state, s.view, page).orders;
  REQUIRE(shown.size() == 3);
  CHECK(shown.front().id.number() == 2);
  CHECK(shown.back().id.number() == 4);
  page.after = shown.back().id;
  CHECK(s.core.answer(s.state, s.view, page).orders.size() == 1);

  auto theirs = buy("c", "0.5", "50000"); // of an account of the same name
  theirs.tenant = {"other"};
  s(theirs);
  s(buy("d", "0.5", "50000"));
  s.pass(std::chrono::seconds{1});
  s(cancel_order{order_id::make(17, 2), {}, {}, {}}); // asked, not yet withdrawn: it changed last
  const auto newest = s.core.answer(s.state, s.view, orders_query{std::nullopt, std::nullopt, {}, {3}, true}).orders;
  REQUIRE(newest.size() == 3);
  CHECK(newest[0].id.number() == 2);
  CHECK(newest[1].id.number() == 8);
  CHECK(newest[2].id.number() == 7);
  const auto of_other = s.core.answer(s.state, s.view, orders_query{tenant_id{"other"}, std::nullopt, {}, {1}, true}).orders;
  REQUIRE(of_other.size() == 1);
  CHECK(of_other[0].id.number() == 7);

  for (std::uint64_t n : {3u, 1u, 2u}) s.say(order_id::make(17, n), venue::exec_type::canceled);
  std::uint64_t last = 0;
  for (auto at = s.table.lower_bound(done_orders_begin(17)); at != s.table.lower_bound(done_orders_end(17)); ++at) {
    const auto o = decode_done(at->second).value();
    CHECK(o.id.number() > last);
    last = o.id.number();
  }
  CHECK(last == 3);
}
