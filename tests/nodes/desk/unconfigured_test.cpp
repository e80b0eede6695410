// A strategy that is taken out of the configuration: on the whole desk, over restarts, on one node and on three.

#include "nodes/desk/unconfigured.hpp"

#include "actors/trading/risk/core.hpp"
#include "runtime/actor/recover.hpp"
#include "tests/nodes/desk/quoting_desk.hpp"
#include "tests/nodes/desk/simulated_cluster.hpp"

#include <memory>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("desk/unconfigured");

namespace {

const trading::strategy_id taken_out{"mm"};
const text<95> why_withdrawn{"strategy mm is halted by configuration: it was not configured any more"};

oms::state slot_state(const journal::journal& j, std::uint32_t slot) {
  auto known = actor::read_state<oms::core>(j, oms::core{oms::configuration{}}, trading::slot_name(slot));
  REQUIRE(known);
  return std::move(known->state.core);
}

/// How often risk was asked to halt anything, in all lives.
std::size_t halts_asked(const journal::journal& j) {
  std::size_t n = 0;
  REQUIRE(j.read(desk::risk_name, 1, [&](const journal::record_view& r) {
    const auto turn = actor::decode_turn<risk::core>(r.header.schema, r.payload);
    REQUIRE(turn);
    n += std::holds_alternative<risk::halt_command>(turn->command);
    return true;
  }));
  return n;
}

/// One folder over the starts of a desk, where `mm` was run once: it holds 0.01 and has quotes open, and an order of somebody rests beside them.
struct left_desk {
  temporary_directory dir;
  std::vector<trading::order_id> quotes;
  trading::order_id somebodys;
  time_ns at = noon;

  left_desk() {
    small_desk d{dir.path() / "data", {quoting("a", "BTCUSDT.SIM")}};
    d.start(at);
    quote_market(d, "BTCUSDT.SIM", "44999", "45001");
    sell_through(d, "BTCUSDT.SIM", "44900");
    quote_market(d, "BTCUSDT.SIM", "44999", "45001");
    REQUIRE(mm_of(d).position.str() == "0.01");
    for (const auto& o : open_orders_of(d, "a")) quotes.push_back(o.id);
    REQUIRE(quotes.size() == 2);
    somebodys = d.buy("mine").order;
    d.pass(1s);
  }

  /// The next start on it.
  [[nodiscard]] std::unique_ptr<small_desk> start(std::vector<std::string> sets = {}) {
    auto d = std::make_unique<small_desk>(dir.path() / "data", std::move(sets));
    d->start(at += 1h);
    d->pass(2s);
    return d;
  }
};

std::vector<risk::halt> halts_of(small_desk& d) { return d.ask<risk::risk_view>(desk::risk_name, risk::risk_query{}).halts; }

void lift(small_desk& d) {
  const auto said = d.ask<risk::risk_reply>(desk::risk_name, risk::resume_command{risk::halt_scope::strategy, "mm"}, principal_id{"operator:ana"});
  REQUIRE_MESSAGE(said.verdict == risk::verdict::done, said.reason);
}

} // namespace

TEST_CASE_FIXTURE(left_desk, "what a strategy has open that was taken out of the configuration is withdrawn at the next start, once, by a halt that its orders name; those of others stay, and so does its position") {
  for (int starts = 1; starts <= 3; ++starts) {
    CAPTURE(starts);
    const auto d = start();
    for (const auto& id : quotes) {
      const auto order = d->look(id);
      CHECK(order.status == oms::order_status::canceled);
      CHECK(order.reason == why_withdrawn);
    }
    CHECK(d->look(somebodys).status == oms::order_status::new_);
    const auto halts = halts_of(*d);
    REQUIRE(halts.size() == 1);
    CHECK(halts[0].scope == risk::halt_scope::strategy);
    CHECK(halts[0].key == "mm");
    CHECK(halts[0].halted_by == desk::configuration_principal);
    const auto& j = *d->node().parts().journal;
    CHECK(halts_asked(j) == 1);
    CHECK(books_of(*d, "a") == std::map<std::string, std::string>{{"BTCUSDT.SIM", "0.01"}});
    const auto held = desk::held_by_unconfigured(j, {});
    REQUIRE(held);
    REQUIRE(held->size() == 1);
    const auto told = desk::told_of_positions(mm_stream, held->at(mm_stream));
    REQUIRE(told);
    CHECK_MESSAGE(told->find("0.01 BTCUSDT.SIM for account a; `troupe inspect state strategy/mm`") != std::string::npos, *told);
    CHECK(desk::held_by_unconfigured(j, {taken_out})->empty());
  }
}

TEST_CASE_FIXTURE(left_desk, "a strategy that is configured again opens nothing until an operator lifts its halt, and goes on from its position; a strategy without open orders is not halted again") {
  (void)start();
  {
    const auto d = start({quoting("a", "BTCUSDT.SIM")});
    CHECK(mm_of(*d).orders.empty()); // it has heard what became of them
    quote_market(*d, "BTCUSDT.SIM", "44999", "45001");
    CHECK(open_orders_of(*d, "a").size() == 1); // somebody's
    const auto told = desk::told_of_halt(halts_of(*d).at(0), d->node().parts().configured_strategies);
    REQUIRE(told);
    CHECK_MESSAGE(told->find("`troupe resume strategy mm`") != std::string::npos, *told);
  }
  {
    const auto d = start();
    lift(*d);
  }
  CHECK(halts_of(*start()).empty());
  const auto d = start({quoting("a", "BTCUSDT.SIM")});
  CHECK(mm_of(*d).position.str() == "0.01");
  quote_market(*d, "BTCUSDT.SIM", "44999", "45001");
  CHECK(mm_of(*d).orders.size() == 2);
}

TEST_CASE_FIXTURE(left_desk, "with halt.cancels_orders=false they stay open, nothing is halted, and the log says what to do; the next start without it withdraws them, though somebody has lifted a halt before") {
  auto d = start({"halt.cancels_orders=false"});
  for (const auto& id : quotes) CHECK(d->look(id).status == oms::order_status::new_);
  CHECK(halts_of(*d).empty());
  const auto state = slot_state(*d->node().parts().journal, trading::slot_of({"main"}, {"a"}));
  CHECK(desk::open_of_unconfigured(state, {taken_out}).empty());
  const auto open = desk::open_of_unconfigured(state, {trading::strategy_id{"other"}});
  REQUIRE(open.size() == 1); // orders of people are no strategy's
  CHECK(open.at(taken_out).orders == 2);
  CHECK(open.at(taken_out).places == std::set<strategy::place>{{{"main"}, {"a"}, btc_sim}});
  const auto stays = desk::told_of_open(taken_out, open.at(taken_out), state, false);
  CHECK_MESSAGE(stays.find("strategy mm is not configured any more and has 2 open orders here, which stay open") == 0, stays);
  CHECK_MESSAGE(stays.find("account a holds 0.01 BTCUSDT.SIM") != std::string::npos, stays);
  const auto goes = desk::told_of_open(taken_out, open.at(taken_out), state, true);
  CHECK_MESSAGE(goes.find("`troupe resume strategy mm`") != std::string::npos, goes);

  (void)d->ask<risk::risk_reply>(desk::risk_name, risk::halt_command{risk::halt_scope::strategy, "mm", "by hand"});
  lift(*d);
  d.reset();
  d = start();
  for (const auto& id : quotes) CHECK(d->look(id).status == oms::order_status::canceled);
  REQUIRE(halts_of(*d).size() == 1);
  CHECK(halts_of(*d)[0].halted_by == desk::configuration_principal);
}

TEST_CASE_FIXTURE(left_desk, "of a venue that is taken out of the configuration the log says how much is open there, which nobody can withdraw") {
  const auto d = start({"halt.cancels_orders=false"});
  const auto state = slot_state(*d->node().parts().journal, trading::slot_of({"main"}, {"a"}));
  CHECK(desk::open_at_unconfigured(state, {trading::venue_id{"SIM"}}).empty());
  const auto open = desk::open_at_unconfigured(state, {trading::venue_id{"OTHER"}});
  REQUIRE(open.size() == 1);
  CHECK(open.at(trading::venue_id{"SIM"}) == 3); // two quotes, and somebody's order
  CHECK(desk::told_of_venue(trading::venue_id{"SIM"}, 3) == "venue SIM is not configured any more and has 3 open orders of this slot: until it is configured again no cancel "
                                                            "reaches it, and nobody hears of its fills");
}

TEST_CASE("who starts risk is told of halts of strategies that are configured, whoever halted them, and of no others") {
  const risk::halt halted{risk::halt_scope::strategy, "mm", "quoting too wide", principal_id{"http"}, noon, {}};
  const auto told = desk::told_of_halt(halted, {taken_out});
  REQUIRE(told);
  CHECK(*told == "strategy mm is halted by http: quoting too wide; it opens nothing until an operator lifts that: `troupe resume strategy mm`");
  CHECK_FALSE(desk::told_of_halt(halted, {trading::strategy_id{"m"}}));
  auto account = halted;
  account.scope = risk::halt_scope::account;
  CHECK_FALSE(desk::told_of_halt(account, {taken_out}));
}

TEST_CASE("what nobody holds is not told of: a strategy that was flat when it was taken out leaves nothing") {
  strategy::holding flat{{{"main"}, {"a"}, btc_sim}};
  flat.fills = 7;
  CHECK_FALSE(desk::told_of_positions(mm_stream, {flat}));
  CHECK_FALSE(desk::told_of_positions(mm_stream, {}));
  auto held = flat;
  held.position = *quantity::parse("-0.5");
  const auto told = desk::told_of_positions(actor_name{"strategy/mm@c"}, {flat, held});
  REQUIRE(told);
  CHECK_MESSAGE(told->find(": -0.5 BTCUSDT.SIM for account a; `troupe inspect state strategy/mm@c`") != std::string::npos, *told);
}

TEST_CASE("of three nodes the one that has its orders withdraws them, wherever the strategy ran: what no configuration names runs nowhere") {
  const auto account = [] {
    for (int n = 0;; ++n)
      if (const auto name = "q" + std::to_string(n); trading::slot_of({"main"}, {name}) < 22) return name; // of the first node; strategies run on the third
  }();
  const auto slot = trading::slot_of({"main"}, {account});
  const std::string quoter = R"(strategies=[{"name":"mm","kind":"quoter","account":")" + account + R"(","parameters":["spread_ticks=200","size=0.01","position_max=0.1"]}])";
  simulated_cluster c{29, {quoter}};
  const auto start_all = [&] {
    for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.start(i);
  };
  const auto open = [&] { return desk::open_of_unconfigured(slot_state(*c.node(0).parts().journal, slot), {}); };
  start_all();
  c.run(3s);
  REQUIRE(c.node(0).nodes().node_of(trading::slot_name(slot)) == c.name(0));
  REQUIRE(open().contains(taken_out));
  for (int starts = 1; starts <= 2; ++starts) {
    CAPTURE(starts);
    for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.kill(i);
    c.configure({"strategies=[]"});
    start_all();
    c.run(5s);
    CHECK(open().empty());
    const auto known = actor::read_state<risk::core>(*c.node(0).parts().journal, risk::core{risk::configuration{}}, desk::risk_name);
    REQUIRE(known);
    REQUIRE(known->state.core.halts.size() == 1);
    CHECK(known->state.core.halts[0].key == "mm");
    CHECK(known->state.core.halts[0].halted_by == desk::configuration_principal);
    const auto left = desk::held_by_unconfigured(*c.node(2).parts().journal, {});
    REQUIRE(left);
    CHECK(left->contains(mm_stream));
  }
  CHECK(c.violations().empty());
}
