#pragma once
// A venue core driven by hand, as the shell would: decide, evolve, remember the events. One thread.

#include "actors/trading/venue/core.hpp"

#include <string_view>
#include <vector>

namespace troupe::test {

using namespace venue;

inline price px(std::string_view s) { return *price::parse(s); }
inline quantity qty(std::string_view s) { return *quantity::parse(s); }

inline const instrument_id btc{"BTCUSDT.SIM"};

inline simulator_config venue_config(std::int32_t maker_fee = 0, std::int32_t taker_fee = 0) {
  simulator_config c;
  c.venue.value = "SIM";
  c.instruments[btc] = {btc, c.venue, px("0.1"), qty("0.001"), "USDT"};
  c.maker_fee = maker_fee;
  c.taker_fee = taker_fee;
  return c;
}

/// A limit order of slot 3 that may be sent for a long time.
inline submit limit_order(std::uint64_t number, side s, std::string_view q, std::string_view p,
                          time_in_force tif = time_in_force::gtc) {
  return {order_id::make(3, number), {"alpha"}, btc, s, order_type::limit, tif, qty(q), px(p), boot_ns::max()};
}
inline submit market_order(std::uint64_t number, side s, std::string_view q, time_in_force tif = time_in_force::gtc) {
  return {order_id::make(3, number), {"alpha"}, btc, s, order_type::market, tif, qty(q), std::nullopt, boot_ns::max()};
}

class venue_run {
public:
  explicit venue_run(simulator_config config = venue_config()) : core_{std::move(config)} {}

  /// Decides and folds one input; returns what happened.
  template <class Input>
  std::vector<simulator_event> turn(const Input& input) {
    simulator::output out;
    core_.decide(state, market, input, here(), out);
    fold(out);
    return out.events;
  }
  /// The same of what is answered; what happened is in `newest`.
  mass_cancel_report ask(const mass_cancel& input) {
    simulator::output out;
    const auto reply = core_.decide(state, market, input, here(), out);
    fold(out);
    newest = out.events;
    return reply;
  }
  std::vector<report> send(const command& c) { return reports(turn(c)); }
  std::vector<report> say(market::event e) {
    std::visit([&](auto& x) { x.tape = {"tape", ++position}; }, e);
    return reports(turn(market::market_batch{{std::move(e)}}));
  }
  std::vector<report> quote(std::string_view bid, std::string_view bid_size, std::string_view ask, std::string_view ask_size) {
    market::quote q;
    q.instrument = btc;
    q.bid = px(bid);
    q.bid_size = qty(bid_size);
    q.ask = px(ask);
    q.ask_size = qty(ask_size);
    return say(q);
  }
  std::vector<report> trade(side aggressor, std::string_view size, std::string_view at) {
    market::trade t;
    t.instrument = btc;
    t.aggressor = aggressor;
    t.size = qty(size);
    t.last = px(at);
    t.trade_id = position + 1;
    return say(t);
  }
  std::vector<report> lose_book() { return say(market::book_lost{btc}); }
  /// A restart: state comes back from the stream, the view does not.
  void restart() {
    state = replayed();
    market = {};
  }
  [[nodiscard]] simulator_state replayed() const {
    simulator_state s;
    actor::archive closed;
    for (const auto& e : history) core_.evolve(s, e, closed);
    return s;
  }
  [[nodiscard]] order_view look(std::uint64_t number, std::uint64_t epoch = 7) const {
    return core_.answer(state, market, order_query{order_id::make(3, number), epoch});
  }
  [[nodiscard]] const simulator& core() const { return core_; }

  static std::vector<report> reports(const std::vector<simulator_event>& events) {
    std::vector<report> all;
    for (const auto& e : events)
      if (const auto* r = report_of(e)) all.push_back(*r);
    return all;
  }

  simulator_state state;
  simulator_view market;
  simulator_inputs inputs;
  std::vector<simulator_event> history;
  std::vector<simulator_event> newest;
  time_ns now = time_from_ns(1'700'000'000'000'000'000);
  boot_ns boot{nanoseconds{1000}};
  bool has_space = true;
  std::uint64_t sequence = 0;
  std::uint64_t position = 0;

private:
  [[nodiscard]] actor::turn_context here() const {
    actor::turn_context at;
    at.decided_at = now;
    at.decided_boot = boot;
    at.sequence = sequence + 1;
    at.has_space = has_space;
    return at;
  }
  void fold(const simulator::output& out) {
    actor::archive closed;
    for (const auto& e : out.events) core_.evolve(state, e, closed);
    if (!out.events.empty()) ++sequence;
    history.insert(history.end(), out.events.begin(), out.events.end());
    inputs = out.inputs;
  }

  simulator core_;
};

/// "new 2; trade 1.5@100 taker; canceled": what a story expects, in one line.
inline std::string told(const std::vector<report>& reports) {
  std::string out;
  for (const auto& r : reports) {
    if (!out.empty()) out += "; ";
    out += std::to_string(r.order.number()) + ' ';
    out += boost::describe::enum_to_string(r.type, "?");
    if (r.type == exec_type::trade)
      out += ' ' + r.last_quantity.str() + '@' + r.last_price.str() + (r.maker ? " maker" : " taker") + " left " + r.leaves.str();
    if (!r.reason.empty()) out += " (" + r.reason.str() + ')';
  }
  return out;
}

} // namespace troupe::test
