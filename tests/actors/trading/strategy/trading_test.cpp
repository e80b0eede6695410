// Strategies against the simulated venue, without actors: a random walk, and an OMS that says yes to everything.
#include "actors/trading/venue/core.hpp"
#include "tests/actors/trading/strategy/strategy_run.hpp"
#include "tests/support/test.hpp"

#include <map>
#include <random>

using namespace troupe;
using namespace troupe::test;

namespace {

/// The way of an order without risk or durability: ids, revisions and statuses are kept, and it refuses nothing itself.
class yes_oms {
public:
  [[nodiscard]] std::optional<venue::command> forward(const oms::order_command& c) {
    if (const auto* n = std::get_if<oms::new_order>(&c)) {
      const auto id = order_id::make(3, ++number_);
      orders_[id] = {*n, n->quantity, order_status::pending_new};
      by_client_[n->client_id] = id;
      return venue::submit{id, n->account, n->instrument, n->side, n->type, n->tif, n->quantity, n->limit, boot_ns::max()};
    }
    if (const auto* x = std::get_if<oms::cancel_order>(&c)) return venue::cancel{by_client_.at(x->client_id)};
    const auto& r = std::get<oms::replace_order>(c);
    return venue::replace{r.order, ++orders_.at(r.order).revision, r.quantity, r.limit, boot_ns::max()};
  }
  [[nodiscard]] oms::order_update translate(const venue::report& r) {
    auto& o = orders_.at(r.order);
    using enum venue::exec_type;
    oms::order_update u{r.order, o.request.client_id, o.request.instrument, o.request.side};
    u.filled = r.cumulative;
    u.leaves = r.leaves;
    u.last_quantity = r.last_quantity;
    u.execution = r.id;
    if (r.type == cancel_rejected || r.type == replace_rejected)
      u.refusal = is_terminal(o.status) ? oms::refusal::order_finished : oms::refusal::venue_rejected;
    else if (r.type == trade) o.status = r.leaves.is_zero() ? order_status::filled : order_status::partially_filled;
    else if (r.type == canceled) o.status = order_status::canceled;
    else if (r.type == rejected) {
      o.status = order_status::rejected;
      u.refusal = oms::refusal::venue_rejected;
    } else o.status = r.cumulative.is_zero() ? order_status::new_ : order_status::partially_filled;
    u.status = o.status;
    return u;
  }

private:
  struct entry {
    oms::new_order request;
    quantity size;
    order_status status = order_status::pending_new;
    std::uint32_t revision = 0;
  };
  std::map<order_id, entry> orders_;
  std::map<client_order_id, order_id> by_client_;
  std::uint64_t number_ = 0;
};

class desk {
public:
  explicit desk(const strategy_config& config) : strategy{config}, venue_{venue_config(config.instrument)} {}

  void market_says(const market::event& e) {
    pass(decide(market::market_batch{{e}}));
    execute(strategy.say(e));
  }
  strategy_run strategy;
  venue::simulator_state state;
  std::vector<venue::report> fills;
  bool refuses_every_other_cancel = false;
  std::uint64_t cancels = 0; // of open orders, while it refuses some

private:
  static venue::simulator_config venue_config(const instrument& what) {
    venue::simulator_config c;
    c.venue = what.venue;
    c.instruments[what.id] = what;
    return c;
  }
  template <class Input>
  std::vector<venue::report> decide(const Input& input) {
    venue::simulator::output out;
    actor::turn_context at;
    at.sequence = ++sequence_;
    venue_.decide(state, view_, input, at, out);
    std::vector<venue::report> reports;
    actor::archive closed;
    for (const auto& e : out.events) {
      venue_.evolve(state, e, closed);
      if (const auto* r = venue::report_of(e)) reports.push_back(*r);
    }
    return reports;
  }
  void execute(const std::vector<oms::order_command>& intents) {
    for (const auto& intent : intents)
      if (auto command = oms_.forward(intent)) pass(answer(*command));
  }
  std::vector<venue::report> answer(const venue::command& c) {
    const auto* cancel = std::get_if<venue::cancel>(&c);
    const bool may_refuse = cancel && refuses_every_other_cancel && state.open.contains(cancel->id);
    if (may_refuse && ++cancels % 2 == 1) return {refused(cancel->id)};
    return decide(c);
  }
  [[nodiscard]] venue::report refused(order_id id) const {
    venue::report r;
    r.order = id;
    r.type = venue::exec_type::cancel_rejected;
    const auto& open = state.open.at(id).order;
    r.cumulative = open.cumulative;
    r.leaves = open.leaves;
    return r;
  }
  void pass(const std::vector<venue::report>& reports) {
    for (const auto& r : reports) {
      if (r.type == venue::exec_type::trade) fills.push_back(r);
      execute(strategy.turn(oms_.translate(r)));
    }
  }

  venue::simulator venue_;
  venue::simulator_view view_;
  yes_oms oms_;
  std::uint64_t sequence_ = 0;
};

/// A walk of one tick at a time around 100, with trades on both sides and bars of one minute.
void walk(desk& d, std::uint64_t seed, int steps) {
  std::mt19937_64 random{seed};
  std::int64_t middle = 1000;
  const auto id = d.strategy.core().config().instrument.id;
  for (int i = 1; i <= steps; ++i) {
    middle = std::max<std::int64_t>(500, middle + static_cast<std::int64_t>(random() % 3) - 1);
    market::quote q;
    q.instrument = id;
    q.bid = {(middle - 1) * 10'000'000};
    q.ask = {(middle + 1) * 10'000'000};
    q.bid_size = {static_cast<std::int64_t>(1 + random() % 5) * 100'000'000};
    q.ask_size = {static_cast<std::int64_t>(1 + random() % 5) * 100'000'000};
    q.update_id = static_cast<std::uint64_t>(i);
    d.market_says(q);
    market::trade t;
    t.instrument = id;
    t.aggressor = random() % 2 ? market::side::buy : market::side::sell;
    t.last = t.aggressor == market::side::buy ? q.ask : q.bid;
    t.size = {static_cast<std::int64_t>(1 + random() % 80) * 10'000'000};
    t.trade_id = static_cast<std::uint64_t>(i);
    d.market_says(t);
    if (i % 20 == 0) {
      market::bar b;
      b.instrument = id;
      b.interval_ns = 60'000'000'000;
      b.close = t.last;
      d.market_says(b);
    }
    if (i % 500 == 0) d.market_says(market::book_lost{id});
    d.strategy.now += std::chrono::seconds{3};
  }
}

} // namespace

TEST_SUITE_BEGIN("trading/strategy");

TEST_CASE("strategies trade on the simulated venue, and their position is the sum of its fills") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  for (const auto& config : {quoter_config({{"spread_ticks", "2"}, {"skew_ticks", "4"}}), ma_config()}) {
    CAPTURE(config.kind);
    desk d{config};
    walk(d, seed, 5000);
    CHECK(d.fills.size() > 20);
    quantity sum;
    for (const auto& event : d.strategy.history)
      if (const auto* u = std::get_if<update_folded>(&event); u && u->update.last_quantity.is_positive())
        sum += u->update.side == side::buy ? u->update.last_quantity : -u->update.last_quantity;
    CHECK(d.strategy.held().position == sum);
    CHECK(d.strategy.held().fills == d.fills.size());
    CHECK(d.strategy.state == d.strategy.replayed());
    CHECK(d.strategy.held().orders.size() == d.state.open.size());
    CHECK_FALSE(d.strategy.view().stopped);
    if (config.kind == "quoter") {
      CHECK(std::all_of(d.fills.begin(), d.fills.end(), [](const auto& f) { return f.maker; }));
      CHECK(d.strategy.held().position <= qty("2"));
      CHECK(d.strategy.held().position >= -qty("2"));
    } else CHECK(std::none_of(d.fills.begin(), d.fills.end(), [](const auto& f) { return f.maker; }));
  }
}

TEST_CASE("a venue that refuses every other cancel keeps no quote of a strategy that goes on asking") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  desk d{quoter_config({{"spread_ticks", "2"}, {"skew_ticks", "4"}})};
  d.refuses_every_other_cancel = true;
  walk(d, seed, 2000);
  CHECK(d.cancels >= 4); // its book is lost as often
  const auto held = d.strategy.held();
  for (const auto& [client, order] : held.orders) CHECK_FALSE(order.cancel_asked);
  CHECK(d.strategy.held().orders.size() == d.state.open.size());
  CHECK(d.strategy.held().fills == d.fills.size());
  CHECK(d.strategy.state == d.strategy.replayed());
  const auto id = d.strategy.core().config().instrument.id;
  for (int lost = 0; lost < 3; ++lost) {
    d.strategy.now += refusal_guard::pause_max;
    d.market_says(market::book_lost{id});
  }
  CHECK(d.state.open.empty());
  CHECK(d.strategy.held().orders.empty());
}

TEST_CASE("the same walk gives the same intents") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  desk a{quoter_config()}, b{quoter_config()};
  walk(a, seed, 1000);
  walk(b, seed, 1000);
  CHECK(a.strategy.history == b.strategy.history);
  CHECK(a.state == b.state);
}
