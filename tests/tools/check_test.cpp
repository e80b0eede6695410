#include "tests/tools/journals.hpp"

#include "actors/trading/portfolio/state.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "tools/check/joined_journal.hpp"

#include <fstream>

using namespace troupe;
using namespace troupe::check;
using namespace troupe::check::test;
using enum venue::exec_type;

TEST_SUITE_BEGIN("tools/check");

namespace {

/// What is found when the journals of these two nodes are looked at as one desk's.
check_report check_both(const desk_journals& one, const desk_journals& other) {
  const auto desk = join({one.desk.get(), other.desk.get()});
  return check_journals({*desk, *one.venues, {}}, {});
}

} // namespace

TEST_CASE("check: an honest desk has no violation, and everything was looked at") {
  const auto d = honest_desk();
  check_options options;
  options.drained = true;
  options.acknowledged = {{"c1", id(1)}};
  options.configured = risk::limits{};
  const auto r = d.check(options);
  CHECK(violated(r) == "");
  CHECK(r.orders == 1);
  CHECK(r.fills == 2);
  CHECK(r.orders_open == 0);
  for (const auto* row : r.rows()) {
    CAPTURE(row->id);
    CHECK(row->checked > 0);
  }
}

TEST_CASE("I1: an acknowledged order that is not on record, or another client's, is found") {
  const auto d = honest_desk();
  check_options options;
  options.acknowledged = {{"c1", id(1)}, {"c2", id(2)}};
  CHECK(violated(d.check(options)) == "I1");
  options.acknowledged = {{"other", id(1)}};
  CHECK(violated(d.check(options)) == "I1");
}

TEST_CASE("I1: a skipped order number is found") {
  auto d = honest_desk();
  d.accept(3, d.request("c3"));
  CHECK(violated(d.check()) == "I1");
}

TEST_CASE("I1 and I2: one client id with two orders is found, on record and in acknowledgements") {
  auto d = honest_desk();
  d.accept(2, d.request("c1"));
  const auto r = d.check();
  CHECK(r.client_ids.violations == 1);
  CHECK(says(r.client_ids, "client id c1 of account alpha"));
  auto e = honest_desk();
  e.accept(2, e.request("c2"));
  check_options options;
  options.acknowledged = {{"c1", id(1)}, {"c1", id(2)}};
  CHECK(e.check(options).client_ids.violations == 1);
}

TEST_CASE("I2: an order without a client id repeats nothing") {
  auto d = honest_desk();
  d.accept(2, d.request(""));
  d.accept(3, d.request(""));
  CHECK(violated(d.check()) == "");
}

TEST_CASE("I3: an execution that is applied twice is found") {
  auto d = honest_desk();
  const auto r = d.request("c2");
  d.accept(2, r);
  const auto fill = d.report("9", 2, trade, "0.5", "0.5", "1.5");
  d.apply(d.execution(r, fill, order_status::partially_filled, "0.5", "1.5"), 10);
  d.apply(d.execution(r, fill, order_status::partially_filled, "1", "1"), 11);
  const auto found = d.check();
  CHECK(found.executions.violations == 1);
  CHECK(says(found.executions, "SIM/9"));
}

TEST_CASE("I3: effects that are folded again are found") {
  auto d = honest_desk();
  const auto r = d.request("c2");
  d.accept(2, r);
  d.apply(d.execution(r, d.report("9", 2, new_, "0", "0", "2"), order_status::new_, "0", "2"), 3); // the venue's turn 3 was folded
  CHECK(says(d.check().executions, "effects of venue/SIM up to 3"));
}

TEST_CASE("I4: a checkpoint of the portfolio that is not the sum of the fills is found") {
  auto d = honest_desk();
  portfolio::state s;
  s.streams[slot_name(slot())] = 3; // up to the first fill
  auto& p = s.accounts[tenant][alpha].positions[btc];
  p = {qty("0.5"), {5'000'000'000, "USDT"}, {0, "USDT"}, {7, "USDT"}, 1};
  s.accounts[tenant][alpha].cash[currency{"USDT"}] = {-5'000'000'007, "USDT"};
  portfolio::fill row;
  row.order = id(1);
  row.venue = sim;
  row.execution = {"2"};
  row.quantity = qty("0.5");
  row.price = px("100");
  row.fee = {7, "USDT"};
  const auto store = [&](desk_journals& to) {
    std::string state, value;
    wire::encode(s, state);
    wire::encode(row, value);
    to.write_payload(*to.portfolio, actor_name{"portfolio"}, 1, "checkpoint", {{"fills", "k", value}}, state);
  };
  store(d);
  CHECK(violated(d.check()) == "");

  auto wrong_position = honest_desk();
  p.quantity = qty("0.6");
  store(wrong_position);
  CHECK(violated(wrong_position.check()) == "I4");
  p.quantity = qty("0.5");
  auto wrong_cash = honest_desk();
  s.accounts[tenant][alpha].cash[currency{"USDT"}].units += 1;
  store(wrong_cash);
  CHECK(violated(wrong_cash.check()) == "I4");
  s.accounts[tenant][alpha].cash[currency{"USDT"}].units -= 1;
  auto shifted = honest_desk();
  p.cost_basis.units = -1;
  p.realized.units = -5'000'000'001; // in sum it is right
  store(shifted);
  CHECK(says(shifted.check().positions, "is 0.5 with a cost basis of -0.00000001"));
  p.cost_basis.units = 5'000'000'000;
  p.realized.units = 0;
  auto foreign_row = honest_desk();
  row.execution = {"77"};
  store(foreign_row);
  CHECK(violated(foreign_row.check()) == "I4");
}

TEST_CASE("I5: an overfilled order is found, though both sides agree") {
  desk_journals d;
  const auto r = d.request("c1");
  d.accept(1, r);
  const auto opened = d.report("1", 1, new_, "0", "0", "2"), fill = d.report("2", 1, trade, "3", "3", "0");
  auto v = d.venue_opens(r, opened);
  d.apply(d.execution(r, opened, order_status::new_, "0", "2"), v);
  v = d.venue_fills(fill);
  d.apply(d.execution(r, fill, order_status::filled, "3", "0"), v, d.done(1, r, order_status::filled, "3"));
  const auto found = d.check();
  CHECK(found.quantities.violations >= 2); // in the slot and at the venue
  CHECK(says(found.quantities, "is overfilled: 3 on top of 0 of 2"));
}

TEST_CASE("I6: no way leads out of a final state, and none where the state machine has none") {
  auto d = honest_desk();
  const auto r = d.request("c1");
  d.apply(d.execution(r, d.report("9", 1, canceled), order_status::canceled, "2", "0"), 10);
  CHECK(says(d.check().transitions, "has an execution, but it is filled"));

  desk_journals e;
  e.accept(1, r);
  e.apply(e.execution(r, e.report("1", 1, new_, "0", "0", "2"), order_status::filled, "0", "2"), 1);
  CHECK(says(e.check().transitions, "goes from pending_new to filled by new_"));
}

TEST_CASE("I7: an order beyond the limits in force at its version is found, a later change does not excuse it") {
  risk::limits narrow;
  narrow.position_max = qty("3");
  desk_journals d;
  d.risk(risk::limits_set{alpha, narrow, 1});
  d.limits_version = 1;
  d.accept(1, d.request("c1"));
  CHECK(violated(d.check()) == "");
  d.accept(2, d.request("c2")); // 2 + 2 > 3
  d.risk(risk::limits_set{alpha, risk::limits{}, 2});
  const auto found = d.check();
  CHECK(violated(found) == "I7");
  CHECK(says(found.exposure, "position and open orders of its side 4, allowed are 3"));
}

TEST_CASE("I7: behind a reset of an account's limits those of all others count, and a reset of what was never set is found") {
  risk::limits narrow, wide;
  narrow.position_max = qty("3");
  wide.position_max = qty("5");
  desk_journals d;
  d.risk(risk::limits_set{alpha, narrow, 1});
  d.risk(risk::limits_set{std::nullopt, wide, 2});
  d.risk(risk::limits_reset{alpha, 3});
  d.limits_version = 3;
  d.accept(1, d.request("c1"));
  d.accept(2, d.request("c2")); // 2 + 2: within the common ones
  CHECK(violated(d.check()) == "");
  d.limits_version = 2;
  d.accept(3, d.request("c3")); // decided under the account's own, which were in force then
  CHECK(violated(d.check()) == "I7");
  CHECK(says(d.check().exposure, "position and open orders of its side 6, allowed are 3"));
  desk_journals e;
  e.risk(risk::limits_reset{alpha, 1});
  CHECK(violated(e.check()) == "I8");
  CHECK(says(e.check().halts, "the limits of account alpha are removed, and none were set"));
  desk_journals f;
  f.risk(risk::limits_set{alpha, narrow, 1});
  f.risk(risk::limits_reset{alpha, 3});
  CHECK(says(f.check().halts, "limits version 3 follows 1"));
}

TEST_CASE("I7: configured limits count when they are given, and are named as missing when not") {
  desk_journals d;
  d.accept(1, d.request("c1"));
  CHECK(d.check().exposure.note.find("1 orders were taken under configured limits") == 0);
  check_options options;
  options.configured = risk::limits{};
  options.configured->exposure_max.value = px("199");
  CHECK(violated(d.check(options)) == "I7"); // 2 x 100
  options.configured->exposure_max.value = px("200");
  CHECK(violated(d.check(options)) == "");
}

TEST_CASE("I7: an order is judged by what was configured when it was decided: neither a narrower configuration of later accuses it nor a wider one excuses it") {
  desk_journals d;
  d.accept(1, d.request("c1")); // 2 x 100
  const auto then = d.hybrid_time;
  trading::start_settings wide{1}, narrow{1};
  wide.limits.exposure_max.value = px("200");
  narrow.limits.exposure_max.value = px("199");
  const auto from = [](trading::start_settings s, std::uint64_t since) {
    s.since = since;
    return s;
  };
  check_options options;
  options.in_force = {{from(wide, 1), from(narrow, then + 1)}};
  CHECK(violated(d.check(options)) == "");
  CHECK(d.check(options).exposure.note == "");
  options.configured = narrow.limits; // of today
  CHECK(violated(d.check(options)) == "");
  options.in_force = {{from(narrow, 1), from(wide, then + 1)}};
  options.configured = wide.limits;
  const auto found = d.check(options);
  CHECK(violated(found) == "I7");
  CHECK(says(found.exposure, "was taken with account exposure 200, allowed are 199"));
  options.in_force = {{from(narrow, then), from(wide, then + 1)}}; // from that very turn on
  CHECK(violated(d.check(options)) == "I7");
  options.in_force = {{from(narrow, then + 1)}}; // nobody remembers what it was before
  CHECK(violated(d.check(options)) == "");
  options.configured.reset();
  CHECK(d.check(options).exposure.note.find("1 orders were taken under configured limits") == 0);
  options.in_force = {{from(narrow, 1)}, {from(wide, 1)}}; // nodes start anew one after the other
  CHECK(violated(d.check(options)) == "");
  d.risk(risk::limits_set{alpha, narrow.limits, 1}); // what a command has set counts more, from its version on
  d.limits_version = 1;
  d.accept(2, d.request("c2"));
  options.in_force = {{from(wide, 1)}};
  CHECK(violated(d.check(options)) == "I7");
  CHECK(d.check(options).exposure.violations == 1); // the second
}

TEST_CASE("I7: an order beyond the slot's budget on record at its hybrid time is found, and one of a slot that has none") {
  desk_journals d;
  d.risk(d.budget("300"));
  d.slot_exposure = px("100");
  d.accept(1, d.request("c1")); // 100 + 2 x 100
  CHECK(violated(d.check()) == "");
  d.risk(d.budget("299"));
  d.accept(2, d.request("c2"));
  d.risk(d.budget("1000"));
  d.accept(3, d.request("c3"));
  const auto found = d.check();
  CHECK(violated(found) == "I7");
  CHECK(found.exposure.violations == 1);
  CHECK(says(found.exposure, "was taken with slot exposure 300, its budget then was 299"));
  desk_journals without{false};
  without.risk(without.budget("300", (slot() + 1) % slot_count));
  without.accept(1, without.request("c1"));
  CHECK(violated(without.check()) == "I7");
  CHECK(says(without.check().exposure, "and the slot had no budget then"));
}

TEST_CASE("I7: orders of a build that kept no budgets are counted and not compared; those behind the first budget are") {
  desk_journals d{false};
  d.accept(1, d.request("c1"));
  CHECK(violated(d.check()) == "");
  CHECK(d.check().exposure.note.find("1 orders were taken before any budget was on record") != std::string::npos);
  d.risk(d.budget("300"));
  d.slot_exposure = px("200");
  d.accept(2, d.request("c2"));
  CHECK(violated(d.check()) == "I7");
  CHECK(d.check().exposure.violations == 1);
}

TEST_CASE("I7: what happened in the same microsecond has no order: either budget will do") {
  desk_journals d;
  d.risk(d.budget("100"));
  d.accept(1, d.request("c1")); // takes 200
  CHECK(violated(d.check()) == "I7");
  d.hybrid_time -= 1'000'000 - 500; // half a microsecond behind the order
  d.risk(d.budget("400"));
  CHECK(violated(d.check()) == "");
}

TEST_CASE("I7: a budget that was raised beyond the firm's maximum is found; one that was lowered is not asked") {
  desk_journals d;
  const auto other = (slot() + 1) % slot_count;
  d.risk(d.budget("600", slot(), "1000"));
  d.risk(d.budget("400", other, "1000"));
  CHECK(violated(d.check()) == "");
  d.risk(d.budget("350", other, "900")); // the firm's was lowered
  CHECK(violated(d.check()) == "");
  d.risk(d.budget("360", other, "900"));
  const auto found = d.check();
  CHECK(violated(found) == "I7");
  CHECK(says(found.exposure, "all slots may use 960, the firm's maximum is 900"));
}

TEST_CASE("I8: an order of a halted account is found; what was decided under the lease before the halt is not") {
  desk_journals d;
  d.risk(risk::halted{{risk::halt_scope::account, "alpha", "test", {"operator:ana"}, at(0), {}}});
  d.accept(1, d.request("c1")); // version 0: the lease before
  CHECK(violated(d.check()) == "");
  CHECK(d.check().halts.note == "1 halt, the latest order under a lease before one 1000 ms behind it");
  d.limits_version = 1;
  d.accept(2, d.request("c2"));
  const auto found = d.check();
  CHECK(violated(found) == "I8");
  CHECK(says(found.halts, "was opened while account alpha was halted"));
}

TEST_CASE("I8: a halt that ends frees its scope, but only an operator ends it") {
  desk_journals d;
  const risk::halted halt{{risk::halt_scope::firm, "", "test", {"supervisor"}, at(0), {}}};
  d.risk(halt);
  d.risk(risk::resume_approved{risk::halt_scope::firm, "", {"operator:ana"}});
  d.risk(risk::resumed{risk::halt_scope::firm, "", {{"operator:ana"}, {"operator:bob"}}});
  d.limits_version = 2;
  d.accept(1, d.request("c1"));
  CHECK(violated(d.check()) == "");
  d.risk(halt);
  d.risk(risk::resumed{risk::halt_scope::firm, "", {{"http"}}});
  CHECK(says(d.check().halts, "is resumed by http, who is no operator"));
}

TEST_CASE("I8: an order without a live lease is found") {
  desk_journals d;
  d.lease_until = d.decided_boot;
  d.accept(1, d.request("c1"));
  CHECK(says(d.check().halts, "without a live lease"));
}

TEST_CASE("I8: what a venue opens or replaces after its lease or age ran out is found; at that very instant it is in time") {
  auto d = honest_desk();
  const auto r = d.request("c2");
  d.accept(2, r);
  d.decided_boot = d.lease_until;
  d.venue_opens(r, d.report("4", 2, new_, "0", "0", "2"));
  auto said = d.report("5", 2, replaced, "0", "0", "3");
  said.revision = 1;
  d.venue_replaces(said, "3");
  CHECK(violated(d.check()) == "");
  d.decided_boot += nanoseconds{1};
  said.id = {"6"};
  said.revision = 2;
  d.venue_replaces(said, "4");
  CHECK(violated(d.check()) == "I8");
  CHECK(says(d.check().halts, "is replaced 1 ns after its lease or age ran out"));

  auto e = honest_desk();
  e.accept(2, r);
  e.decided_boot = e.lease_until + nanoseconds{1};
  e.venue_opens(r, e.report("4", 2, new_, "0", "0", "2"));
  CHECK(violated(e.check()) == "I8");
  CHECK(says(e.check().halts, "is opened 1 ns after its lease or age ran out"));
}

TEST_CASE("I9: two nodes that have both written to one slot are found, though each journal is whole; a copy that stopped is not") {
  auto home = honest_desk(), former = honest_desk();
  home.accept(2, home.request("c2"));
  CHECK(violated(check_both(home, former)) == "");
  former.accept(2, former.request("c3")); // as many turns
  const auto both = "two nodes have written " + slot_name(slot()).value.str();
  CHECK(violated(former.check()) == "");
  for (int longer = 0; longer < 2; ++longer) {
    const auto found = check_both(home, former);
    CHECK(found.chains.violations == 1);
    CHECK(says(found.chains, both.c_str()));
    CHECK(says(check_both(former, home).chains, both.c_str()));
    home.accept(3, home.request("c4"));
  }
}

TEST_CASE("I9: a turn that cannot be decoded is found and named") {
  auto d = honest_desk();
  d.write_payload(*d.desk, slot_name(slot()), actor::turn_schema<oms_stored>(), "garbage");
  const auto found = d.check();
  CHECK(found.chains.violations == 1);
  CHECK(says(found.chains, "turn 5"));
}

TEST_CASE("I10: a finished order that is missing from its table is found, and a snapshot that differs from its turns") {
  desk_journals d;
  const auto r = d.request("c1");
  d.accept(1, r);
  d.apply(d.execution(r, d.report("1", 1, rejected), order_status::rejected, "0", "0"), 1); // no rows
  CHECK(d.check().replay.violations == 2); // the order and its key
  CHECK(says(d.check().replay, "has finished 1 orders, the table done holds 0"));

  desk_journals e;
  e.accept(1, r);
  actor::shell_state<oms_stored> state;
  state.core.last_number = 2;
  std::string snapshot, payload;
  wire::encode(state, snapshot);
  oms_turn nothing;
  nothing.command = oms::cancel_order{};
  wire::encode(nothing, payload);
  e.write_payload(*e.desk, slot_name(slot()), actor::turn_schema<oms_stored>(), payload, {}, snapshot);
  const auto found = e.check();
  CHECK(says(found.replay, "its last order number is 2"));
  CHECK(says(found.replay, "0 open orders, the turns leave 1"));
}

TEST_CASE("I10: a row of a finished order that names other executions than its turns is found; one that names none is an earlier build's") {
  struct row { std::vector<execution_id> executions; std::uint32_t fills; bool is_wrong; };
  for (const auto& r : {row{{{"2"}, {"3"}}, 2, false}, row{{{"2"}}, 2, true}, row{{{"1"}, {"2"}, {"3"}}, 2, true}, row{{{"2"}, {"4"}}, 2, true}, row{{}, 2, false}}) {
    CAPTURE(r.executions.size());
    auto rows = desk_journals::done(1, desk_journals{}.request("c1"), order_status::filled, "2");
    auto finished = oms::finished_order{oms::decode_done(rows[0].value).value(), r.executions};
    finished.order.fills = r.fills;
    rows[0].value.clear();
    wire::encode(finished, rows[0].value);
    const auto found = honest_desk(std::move(rows)).check();
    CHECK(violated(found) == (r.is_wrong ? "I10" : ""));
    CHECK(says(found.replay, "differs from its turns") == r.is_wrong);
  }
}

TEST_CASE("I8: an order at a venue in dispute is found, until the dispute is closed") {
  desk_journals d;
  const auto turn = [&](oms::event e) {
    oms_turn t;
    t.decided_at = at(1);
    t.decided_boot = d.decided_boot;
    t.command = oms::close_dispute{};
    t.events.push_back(std::move(e));
    d.write<oms_stored>(*d.desk, slot_name(slot()), t);
  };
  turn(oms::account_disputed{{}, {"OTHER"}, id(9), {"x"}, at(1)});
  d.accept(1, d.request("c1"));
  CHECK(violated(d.check()) == "");
  turn(oms::account_disputed{{}, {"SIM"}, id(9), {"x"}, at(1)});
  d.accept(2, d.request("c2"));
  CHECK(violated(d.check()) == "I8");
  CHECK(says(d.check().halts, "was opened while its venue was in dispute"));
  turn(oms::dispute_closed{oms::disputed_venue({"SIM"}), at(1)});
  d.accept(3, d.request("c3"));
  CHECK(d.check().halts.violations == 1);
}

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

TEST_CASE("a folder opened for reading shows what is durable, refuses to write and leaves no trace") {
  troupe::test::temporary_directory folder;
  journal::rocks_options o;
  o.directory = folder.path() / "journal";
  o.write_buffer_bytes = 1 << 20;
  o.reserve_bytes = o.ballast_bytes = 0;
  CHECK(journal::open_for_reading(o.directory).error().code == errc::not_found);
  auto writer = std::move(journal::open_rocks_journal(o).value());
  desk_journals d;
  d.write_payload(*writer, actor_name{"risk"}, 1, "a turn", {{"done", "k", "v"}}, "a state");
  auto reader = journal::open_for_reading(o.directory);
  REQUIRE(reader);
  CHECK((*reader)->heads().value() == writer->heads().value());
  CHECK((*reader)->get("done", "k").value() == "v");
  CHECK((*reader)->load_snapshot(actor_name{"risk"}, UINT64_MAX).value()->state == "a state");
  std::string payload;
  REQUIRE((*reader)->read(actor_name{"risk"}, 1, [&](const journal::record_view& r) { return !(payload = r.payload).empty(); }));
  CHECK(payload == "a turn");
  CHECK((*reader)->open_stream(actor_name{"risk"}).error().code == errc::unsupported);
  (*reader)->append({}, [](result<std::uint64_t> r) { CHECK(r.error().code == errc::unsupported); });
  CHECK(writer->heads().value()[0].epoch == 1);
}

TEST_CASE("acknowledgements: whole lines count, the one that was cut off does not, another form is refused") {
  troupe::test::temporary_directory folder;
  const auto file = folder.path() / "acked";
  const auto write = [&](const char* content) { std::ofstream{file, std::ios::trunc} << content; };
  write("a-1 17-1\n17-2\nx y 17-3\na-4 17-4");
  const auto read = read_acknowledgements(file);
  REQUIRE(read);
  REQUIRE(read->size() == 3);
  CHECK((*read)[0].client_id == "a-1");
  CHECK((*read)[1].client_id == "");
  CHECK((*read)[2].client_id == "x y");
  CHECK((*read)[2].order == order_id::make(17, 3));
  write("a-1 17-1\nnonsense\n");
  CHECK(read_acknowledgements(file).error().message.find(":2:") != std::string::npos);
  CHECK(read_acknowledgements(folder.path() / "none").error().code == errc::not_found);
}
