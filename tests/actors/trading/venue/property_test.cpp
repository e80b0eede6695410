// Random flow against the venue, watched by a checker that shares nothing with it but the events.
#include "tests/actors/trading/venue/venue_run.hpp"
#include "tests/support/test.hpp"

#include <map>
#include <random>
#include <set>

using namespace troupe;
using namespace troupe::test;

namespace {

/// What the market said, and what fills may therefore exist.
class checker {
public:
  void said(const market::quote& q) {
    const auto shown = [&](int s, price p, quantity size) {
      auto& last = last_[s];
      if (last.p != p || last.size != size) last = {p, size, ++displays_};
      at_[{q.tape.position, s}] = last;
    };
    shown(0, q.bid, q.bid_size);
    shown(1, q.ask, q.ask_size);
    known_ = true;
  }
  void said(const market::trade& t) { trades_[t.trade_id] = t; }
  void said(const market::book_lost&) { known_ = false; }
  void said(const market::bar&) {}
  void restarted() { known_ = false; }

  void happened(const simulator_event& e) {
    if (const auto* opened = std::get_if<order_opened>(&e)) {
      REQUIRE(orders_.insert({opened->request.id, {opened->request}}).second); // no id works twice
    }
    if (const auto* r = report_of(e); r && !std::holds_alternative<submit_repeated>(e)) REQUIRE(ids_.insert(r->id).second);
    if (const auto* changed = std::get_if<order_replaced>(&e)) {
      auto& o = orders_.at(changed->report.order);
      o.request.quantity = changed->quantity;
      o.request.limit = changed->limit;
    }
    if (const auto* taken = std::get_if<display_taken>(&e)) took(taken->report);
    if (const auto* filled = std::get_if<resting_filled>(&e)) rested(*filled);
  }
  std::size_t takes = 0, rests = 0;

private:
  struct display { price p; quantity size; std::uint64_t number = 0; };
  struct order { submit request; quantity filled; };

  order& fill(const report& r) {
    REQUIRE(known_);
    auto& o = orders_.at(r.order);
    o.filled += r.last_quantity;
    REQUIRE(r.last_quantity.is_positive());
    REQUIRE(r.cumulative == o.filled);
    REQUIRE(o.filled <= o.request.quantity);
    REQUIRE(r.leaves == o.request.quantity - o.filled);
    return o;
  }
  void took(const report& r) {
    auto& o = fill(r);
    const auto& d = at_.at({r.tape.position, o.request.side == side::buy ? 1 : 0});
    REQUIRE_FALSE(r.maker);
    REQUIRE(r.last_price == d.p); // the displayed best, not better and not worse
    if (o.request.limit) REQUIRE((o.request.side == side::buy ? d.p <= *o.request.limit : d.p >= *o.request.limit));
    used_[d.number] += r.last_quantity;
    REQUIRE(used_[d.number] <= d.size);
    ++takes;
  }
  void rested(const resting_filled& f) {
    auto& o = fill(f.report);
    const auto& t = trades_.at(f.trade_id);
    REQUIRE(f.report.maker);
    REQUIRE(t.aggressor != o.request.side);
    REQUIRE(f.report.last_price == *o.request.limit);
    REQUIRE((o.request.side == side::buy ? t.last <= *o.request.limit : t.last >= *o.request.limit));
    given_[f.trade_id] += f.report.last_quantity;
    REQUIRE(given_[f.trade_id] <= t.size);
    ++rests;
  }

  std::map<order_id, order> orders_;
  std::set<execution_id> ids_;
  display last_[2];
  std::map<std::pair<std::uint64_t, int>, display> at_;
  std::map<std::uint64_t, quantity> used_, given_;
  std::map<std::uint64_t, market::trade> trades_;
  std::uint64_t displays_ = 0;
  bool known_ = false;
};

class flow {
public:
  explicit flow(std::uint64_t seed) : random_{seed} {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      venue.now += nanoseconds{pick(1, 1000)};
    }
  }
  venue_run venue{venue_config(-20, 400)};
  checker check;

private:
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
  }
  quantity some_size() { return {pick(1, 40) * 100'000}; }
  price around(std::int64_t ticks) { return {(1000 + middle_ + ticks) * 10'000'000}; }

  void tell(const command& c) {
    for (const auto& e : venue.turn(c)) check.happened(e);
  }
  void step() {
    const auto what = pick(0, 99);
    if (what < 30) tell(random_submit());
    else if (what < 36) tell(cancel{order_id::make(3, some_number())});
    else if (what < 44)
      tell(replace{order_id::make(3, some_number()), static_cast<std::uint32_t>(pick(1, 5)), some_size(),
                   pick(0, 2) ? std::optional{around(pick(-6, 6))} : std::nullopt, boot_ns::max()});
    else if (what < 96) market_says();
    else if (what < 97) {
      for (const auto& e : venue.turn(day_closed{venue.now})) check.happened(e);
    } else if (what < 98) {
      check.restarted();
      venue.restart();
    } else if (last_) repeat();
  }
  /// A submit sent again: nothing but the count of turns with events may change.
  void repeat() {
    auto before = venue.state;
    const bool open = before.open.contains(last_->id);
    tell(*last_);
    before.sequence = venue.state.sequence;
    if (!open) before.next_execution = venue.state.next_execution; // refused, by a report of its own
    REQUIRE(venue.state == before);
  }
  submit random_submit() {
    const auto s = pick(0, 1) ? side::buy : side::sell;
    const auto tif = static_cast<time_in_force>(pick(0, 3));
    submit order{order_id::make(3, ++numbers_), {"alpha"}, btc, s, order_type::limit, tif, some_size(), std::nullopt,
                 boot_ns::max()};
    if (pick(0, 4) == 0) order.type = order_type::market;
    else order.limit = around(pick(-6, 6));
    last_ = order;
    return order;
  }
  std::uint64_t some_number() { return static_cast<std::uint64_t>(pick(1, static_cast<std::int64_t>(numbers_) + 1)); }

  void market_says() {
    market::market_batch batch;
    if (pick(0, 60) == 0) batch.events.push_back(market::book_lost{btc});
    else
      for (auto n = pick(1, 3); n > 0; --n) batch.events.push_back(random_event());
    for (auto& event : batch.events)
      std::visit([&](auto& e) { e.tape = {"tape", ++venue.position}; check.said(e); }, event);
    for (const auto& e : venue.turn(batch)) check.happened(e);
  }
  market::event random_event() {
    if (pick(0, 1)) {
      market::trade t;
      t.instrument = btc;
      t.aggressor = pick(0, 1) ? side::buy : side::sell;
      t.last = around(pick(-5, 5));
      t.size = some_size();
      t.trade_id = ++trades_;
      return t;
    }
    middle_ += pick(-1, 1);
    market::quote q;
    q.instrument = btc;
    q.bid = around(-pick(1, 2));
    q.ask = around(pick(1, 2));
    q.bid_size = some_size();
    q.ask_size = some_size();
    if (pick(0, 30) == 0) q.ask = {}, q.ask_size = {};
    return q;
  }

  std::mt19937_64 random_;
  std::int64_t middle_ = 0;
  std::uint64_t numbers_ = 0, trades_ = 0;
  std::optional<submit> last_;
};

} // namespace

TEST_SUITE_BEGIN("trading/venue");

TEST_CASE("property: nothing overfills, nothing fills better or larger than shown, replay gives the same state") {
  const auto seed = std::random_device{}();
  std::size_t takes = 0, rests = 0;
  for (std::uint64_t run = 0; run < 40; ++run) {
    CAPTURE(seed);
    CAPTURE(run);
    flow f{seed + run};
    f.run(1500);
    REQUIRE(f.venue.state == f.venue.replayed());
    takes += f.check.takes;
    rests += f.check.rests;
  }
  CHECK(takes > 1000); // the claims above were about something
  CHECK(rests > 1000);
}

TEST_CASE("property: the same input gives the same events") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  flow a{seed}, b{seed};
  a.run(3000);
  b.run(3000);
  REQUIRE(a.venue.history.size() > 100);
  CHECK(a.venue.history == b.venue.history);
}
