// Random commands, reports and reconciliations from a printed seed. The checker keeps books of its own, in plain sums,
// and shares no arithmetic with the core.

#include "tests/actors/trading/oms/slot.hpp"

#include "runtime/wire/wire.hpp"

#include <algorithm>
#include <random>
#include <set>

using namespace troupe;
using namespace troupe::oms;
using namespace troupe::oms::test;
using venue::exec_type;

TEST_SUITE_BEGIN("oms/property");

namespace {

using key = std::pair<account_id, client_order_id>;
using stake = std::pair<account_id, instrument_id>;

/// I2 to I7 recomputed from the events alone.
struct ledger {
  std::map<key, order_id> ids;
  std::map<order_id, new_order> open;
  std::map<order_id, std::int64_t> ordered, filled;
  std::set<order_id> finished;
  std::set<execution_id> executions;
  std::map<stake, int128> position;
  std::uint64_t last_number = 0;

  void opened(order_id id, const new_order& r) {
    REQUIRE(id.number() == last_number + 1); // never recycled, no holes
    last_number = id.number();
    REQUIRE(ids.emplace(key{r.account, r.client_id}, id).second); // I2
  }
  void see(const event& e) {
    if (const auto* a = std::get_if<order_accepted>(&e)) {
      opened(a->id, a->request);
      open[a->id] = a->request;
      ordered[a->id] = a->request.quantity.units;
    } else if (const auto* j = std::get_if<order_rejected>(&e)) {
      opened(j->id, j->request);
      finished.insert(j->id);
    } else if (const auto* x = std::get_if<execution>(&e)) {
      const auto id = x->report.order;
      REQUIRE(open.contains(id));                             // I6: nothing leaves a terminal state
      REQUIRE(executions.insert(x->report.id).second);        // I3
      if (x->report.type == exec_type::trade) {
        filled[id] += x->report.last_quantity.units;
        const auto n = int128{x->report.last_quantity.units};
        position[{x->account, x->instrument}] += x->side == side::buy ? n : -n;
      }
      if (x->report.type == exec_type::replaced) ordered[id] = filled[id] + x->leaves.units;
      REQUIRE(filled[id] <= ordered[id]);                     // I5: never overfilled
      REQUIRE(x->filled.units == filled[id]);
      if (is_terminal(x->status)) close(id);
    } else if (const auto* l = std::get_if<order_lost>(&e)) {
      REQUIRE(open.contains(l->id));
      close(l->id);
    }
  }
  void close(order_id id) {
    open.erase(id);
    REQUIRE(finished.insert(id).second);
  }
};

/// The oracle for I7: every |position| and open order of an account at the marks of the moment, or less.
int128 gross(const slot& s, const account_id& account) {
  int128 sum = 0;
  const auto value = [](int128 q, price p) { return (q < 0 ? -q : q) * p.units / scale; };
  for (const auto& [tenant, accounts] : s.state.accounts)
    for (const auto& [name, a] : accounts)
      if (name == account)
        for (const auto& [instrument, h] : a.holdings) {
          const auto& q = s.view.marks.at(instrument);
          sum += value(h.position.units, {(q.bid.units + q.ask.units) / 2});
        }
  for (const auto& [id, w] : s.state.orders)
    if (w.order.request.account == account)
      sum += value(w.order.quantity.units - w.order.filled.units, w.order.reserve);
  return sum;
}

struct world {
  explicit world(std::uint64_t seed) : random{seed} {
    s.lease.fallback.order_quantity_max = qty("3");
    s.lease.fallback.position_max = qty("6");
    s.lease.fallback.exposure_max.value = px("200000");
    s.lease.fallback.open_orders_max = 8;
    s.lease.fallback.orders_per_second_max = 20;
    s.lease.exposure_budget.value = px("350000");
    s.renew();
  }
  std::uint64_t below(std::uint64_t n) { return random() % n; }
  bool chance(int percent) { return below(100) < static_cast<std::uint64_t>(percent); }
  order_id some_order() { return order_id::make(17, 1 + below(s.state.last_number + 2)); }
  order_id some_open() {
    if (s.state.orders.empty()) return some_order();
    auto at = s.state.orders.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(below(s.state.orders.size())));
    return at->first;
  }

  new_order some_new() {
    const bool bitcoin = chance(60);
    new_order o;
    o.tenant = {"main"};
    o.account = {chance(50) ? "alpha" : "beta"};
    o.client_id = {"c" + std::to_string(chance(10) ? below(next_client + 1) : next_client++)};
    o.instrument = bitcoin ? btc : eth;
    o.side = chance(50) ? side::buy : side::sell;
    o.quantity = {static_cast<std::int64_t>(1 + below(3500)) * 100'000};
    if (chance(3)) o.quantity.units += 1;
    if (chance(70)) {
      const auto& q = s.view.marks.at(o.instrument);
      const auto tick = s.core.config().instruments.at(o.instrument).tick_size.units;
      o.limit = price{(q.bid.units * static_cast<std::int64_t>(85 + below(30)) / 100) / tick * tick};
    } else {
      o.type = order_type::market;
    }
    if (chance(30)) o.strategy = {"quoter"};
    return o;
  }

  /// One random thing; a refusal must have changed nothing.
  void step() {
    if (!s.state.disputed.empty() && chance(50)) s(close_dispute{s.state.disputed.begin()->first}); // halted and looked at
    const auto before = s.state;
    const auto events = s.events.size();
    bool refused = false;
    const auto n = below(100);
    if (n < 40) {
      const auto asked = some_new();
      const auto ack = s(asked);
      refused = ack.refusal != refusal::none && !is_risk_refusal(ack.refusal);
      check_answer(asked, ack);
      if (s.events.size() > events && ack.refusal == refusal::none) check_limits(asked);
    } else if (n < 48) {
      const auto ack = s(cancel_order{chance(70) ? some_open() : some_order()});
      refused = ack.refusal != refusal::none;
      CHECK((ack.refusal == refusal::none || ack.refusal == refusal::unknown_order || ack.refusal == refusal::order_finished));
    } else if (n < 58) {
      const auto id = some_open();
      replace_order r{id, {static_cast<std::int64_t>(1 + below(3500)) * 100'000}, {}};
      refused = s(r).refusal != refusal::none;
    } else if (n < 92) {
      s(some_report());
    } else if (n < 94) {
      s(some_reconciliation());
    } else if (n < 97) {
      s.pass(nanoseconds{static_cast<std::int64_t>(below(700'000'000))});
      if (chance(80)) s.renew();
    } else {
      const auto at = 45000 + below(10000);
      s.mark(btc, std::to_string(at).c_str(), (std::to_string(at) + ".1").c_str());
      s.mark(eth, std::to_string(at / 20).c_str(), (std::to_string(at / 20) + ".01").c_str());
    }
    s.ctx.has_space = !chance(2);
    if (refused) {
      CHECK(s.state == before);
      CHECK(s.events.size() == events);
    }
    for (auto i = events; i < s.events.size(); ++i) books.see(s.events[i]);
  }

  venue::report some_report() {
    auto r = s.report(chance(90) ? some_open() : some_order(), static_cast<exec_type>(chance(60) ? 1 : below(9)));
    r.last_quantity = {static_cast<std::int64_t>(1 + below(1500)) * 100'000};
    if (const auto at = s.state.orders.find(r.order); at != s.state.orders.end()) {
      r.revision = at->second.order.revision_asked;
      if (chance(50)) r.last_quantity = at->second.order.quantity - at->second.order.filled;
      const auto mark = s.view.marks.at(at->second.order.request.instrument);
      r.last_price = chance(50) ? mark.bid : mark.ask;
      r.cumulative = at->second.order.filled; // it counts as we do
      if (r.type == exec_type::trade) r.cumulative += r.last_quantity;
    }
    r.fee = {static_cast<int128>(below(1000)), "USDT"};
    if (chance(10) && r.type == exec_type::not_sent) r.revision = 0;
    if (chance(10) && last_report.id != execution_id{}) return last_report; // a repeat
    return last_report = r;
  }

  venue::open_orders some_reconciliation() {
    venue::open_orders seen;
    seen.venue = {"SIM"};
    seen.highest_number = below(s.state.last_number + 1);
    for (const auto& [id, w] : s.state.orders)
      if (chance(80)) seen.orders.emplace_back().request.id = id;
    if (chance(20)) seen.orders.emplace_back().request.id = some_order();
    return seen;
  }

  void check_answer(const new_order& asked, const order_ack& ack) {
    if (ack.order.value == 0) return;
    const key k{asked.account, asked.client_id};
    const auto [at, fresh] = answers.emplace(k, ack);
    if (!fresh) REQUIRE(at->second == ack); // the first answer again
  }

  /// I7, at the moment of acceptance, against sums of the checker's own.
  void check_limits(const new_order& asked) {
    const auto& l = s.lease.fallback;
    const auto& a = s.state.accounts.at({"main"}).at(asked.account);
    const auto& h = a.holdings.at(asked.instrument);
    const bool buys = asked.side == side::buy;
    const auto worst = buys ? h.position + h.open_buy : h.open_sell - h.position;
    CHECK(worst <= l.position_max);
    CHECK(a.open_orders <= l.open_orders_max);
    CHECK(a.rate_count <= l.orders_per_second_max);
    CHECK(notional(s.state.orders.at(s.state.orders.rbegin()->first).order.reserve, asked.quantity, {}).units <=
          l.order_notional_max.value.units);
    // An order that only closes adds nothing and may stand above the limit; any other keeps to it.
    const auto opposite = buys ? -h.position.units : h.position.units;
    const bool only_closes = opposite >= (buys ? h.open_buy : h.open_sell).units;
    if (only_closes) return;
    ++limited;
    // The account at the marks of the moment; others of the slot as they were valued last.
    auto alone = s.state;
    std::erase_if(alone.accounts.at({"main"}), [&](const auto& x) { return x.first != asked.account; });
    const auto own = s.core.exposure(alone, s.view).units;
    CHECK(own <= l.exposure_max.value.units);
    CHECK(own + s.state.exposure.units - a.exposure.units <= s.lease.exposure_budget.value.units);
    bool two_sided = false; // with closing orders or pending replaces the plain gross sum is another number
    for (const auto& [id, x] : a.holdings) two_sided = two_sided || (!x.open_buy.is_zero() && x.position.units < 0) ||
                                                       (!x.open_sell.is_zero() && x.position.units > 0);
    for (const auto& [id, w] : s.state.orders) two_sided = two_sided || (w.order.request.account == asked.account && w.replace_pending());
    if (two_sided) return;
    ++exact;
    CHECK(gross(s, asked.account) <= l.exposure_max.value.units);
  }

  slot s;
  ledger books;
  std::mt19937_64 random;
  std::uint64_t next_client = 0;
  std::map<key, order_ack> answers;
  venue::report last_report;
  std::uint64_t limited = 0, exact = 0;
};

/// What the state says must be what the ledger adds up to.
void check_sums(const world& w) {
  const auto& s = w.s.state;
  REQUIRE(s.orders.size() == w.books.open.size());
  REQUIRE(s.last_number == w.books.last_number);
  std::map<stake, int128> positions;
  int128 slot_exposure = 0;
  std::size_t keys = 0, open = 0;
  for (const auto& [tenant, accounts] : s.accounts)
    for (const auto& [name, a] : accounts) {
      for (const auto& [instrument, h] : a.holdings) {
        positions[{name, instrument}] = h.position.units;
        std::int64_t buys = 0, sells = 0;
        std::vector<lot> bids, offers;
        for (const auto& [id, o] : s.orders) {
          const auto& r = o.order.request;
          if (r.account != name || r.instrument != instrument) continue;
          const auto most = std::max(o.order.quantity.units, o.asked_quantity.units) - o.order.filled.units;
          (r.side == side::buy ? buys : sells) += most;
          if (most > 0) (r.side == side::buy ? bids : offers).push_back({std::max(o.order.reserve, o.asked_quantity > o.order.filled ? o.asked_reserve : price{}), {most}});
        }
        for (auto* all : {&bids, &offers}) std::ranges::sort(*all);
        REQUIRE(h.buys == bids);
        REQUIRE(h.sells == offers);
        REQUIRE(h.open_buy.units == buys);
        REQUIRE(h.open_sell.units == sells);
        REQUIRE(h.open_buy_notional.units >= 0);
        REQUIRE(h.open_sell_notional.units >= 0);
        if (buys == 0) REQUIRE(h.open_buy_notional.units == 0);
        if (sells == 0) REQUIRE(h.open_sell_notional.units == 0);
      }
      keys += a.keys.size();
      open += a.open_orders;
      slot_exposure += a.exposure.units;
      if (a.holdings.empty()) REQUIRE(a.exposure.units == 0);
    }
  REQUIRE(keys == s.orders.size());
  REQUIRE(open == s.orders.size());
  REQUIRE(slot_exposure == s.exposure.units);
  for (const auto& [where, n] : w.books.position) { // I4
    const auto at = positions.find(where);
    REQUIRE((at == positions.end() ? int128{0} : at->second) == n);
  }
  for (const auto id : w.books.finished) REQUIRE(is_terminal(decode_done(w.s.table.at(done_order_key(id))).value().status));
}

} // namespace

TEST_CASE("random runs: I2 to I7 hold at every prefix, and replay gives the same state") {
  const std::uint64_t first = std::random_device{}();
  std::uint64_t limited = 0, exact = 0;
  for (std::uint64_t seed = first; seed < first + 10; ++seed) {
    CAPTURE(seed);
    world w{seed};
    for (int i = 0; i < 4000; ++i) {
      CAPTURE(i);
      w.step();
      if (i % 50 == 0) check_sums(w);
    }
    check_sums(w);
    limited += w.limited;
    exact += w.exact;
    CHECK(w.books.executions.size() > 200);

    oms::state replayed;
    for (const auto& e : w.s.events) {
      std::string bytes;
      wire::encode(e, bytes);
      const auto back = wire::decode<event>(bytes).value();
      CHECK(back == e);
      actor::archive closed;
      w.s.core.evolve(replayed, back, closed);
    }
    CHECK(replayed == w.s.state);
    std::string snapshot;
    wire::encode(w.s.state, snapshot);
    CHECK(wire::decode<oms::state>(snapshot).value() == w.s.state);
  }
  CHECK(limited > 300); // the checks of I7 were reached
  CHECK(exact > 30);
}

TEST_CASE("react needs nothing but the event: run again over any state it emits the same") {
  world w{7};
  for (int i = 0; i < 1000; ++i) w.step();
  std::string first, again;
  for (const auto& [to, what] : w.s.effects) wire::encode(what, first);
  for (const auto& e : w.s.events)
    w.s.core.react(oms::state{}, e, [&](const actor_name&, const effect& what) { wire::encode(what, again); });
  CHECK(first == again);
  CHECK(first.size() > 1000);
}
