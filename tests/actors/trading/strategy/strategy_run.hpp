#pragma once
// A strategy host driven by hand, as the shell would: decide, evolve, remember events and effects. One thread.

#include "actors/trading/strategy/core.hpp"

#include <string_view>
#include <vector>

namespace troupe::test {

using namespace strategy;

inline price px(std::string_view s) { return *price::parse(s); }
inline quantity qty(std::string_view s) { return *quantity::parse(s); }

inline strategy_config quoter_config(std::map<std::string, std::string> more = {}) {
  strategy_config c{{"quoter"}, "quoter", {"main"}, {"alpha"},
                    {{"BTCUSDT.SIM"}, {"SIM"}, px("0.1"), qty("0.001"), "USDT"},
                    {{"spread_ticks", "4"}, {"size", "1"}, {"position_max", "2"}}};
  for (auto& [k, v] : more) c.parameters[k] = v;
  return c;
}
inline strategy_config ma_config(std::map<std::string, std::string> more = {}) {
  auto c = quoter_config();
  c.name.value = "cross";
  c.kind = "ma_cross";
  c.parameters = {{"fast", "2"}, {"slow", "3"}, {"quantity", "2"}, {"bar_seconds", "60"}};
  for (auto& [k, v] : more) c.parameters[k] = v;
  return c;
}

class strategy_run {
public:
  explicit strategy_run(strategy_config config) : core_{std::move(config)} {}

  template <class Input>
  std::vector<oms::order_command> turn(const Input& input) {
    host::output out;
    actor::turn_context at;
    at.decided_at = now;
    core_.decide(state, seen, input, at, out);
    std::vector<oms::order_command> effects;
    actor::archive closed;
    for (const auto& e : out.events) {
      core_.evolve(state, e, closed);
      core_.react(state, e, [&](const actor_name& to, auto effect) {
        receiver = to;
        effects.push_back(effect);
      });
    }
    history.insert(history.end(), out.events.begin(), out.events.end());
    inputs = out.inputs;
    return effects;
  }
  /// As `who` asks; `recorded` says whether the turn is kept.
  oms::correction_ack correct(const correct_strategy_position& asked, const char* who = "operator:ana", bool has_space = true) {
    host::output out;
    actor::turn_context at;
    at.decided_at = now;
    at.message.principal = {who};
    at.has_space = has_space;
    const auto ack = core_.decide(state, seen, asked, at, out);
    actor::archive closed;
    for (const auto& e : out.events) core_.evolve(state, e, closed);
    history.insert(history.end(), out.events.begin(), out.events.end());
    recorded = out.record || !out.events.empty();
    return ack;
  }
  std::vector<oms::order_command> say(market::event e) { return turn(market::market_batch{{std::move(e)}}); }
  std::vector<oms::order_command> quote(std::string_view bid, std::string_view ask) {
    market::quote q;
    q.instrument = core_.config().instrument.id;
    q.bid = px(bid);
    q.ask = px(ask);
    q.bid_size = q.ask_size = qty("5");
    return say(q);
  }
  /// A quoter's first two quotes, bid and offer around 100, rest on the market.
  void stand() {
    quote("99.9", "100.1");
    for (const std::uint64_t n : {1u, 2u}) update(n, order_status::new_);
  }
  std::vector<oms::order_command> bar(std::string_view close) {
    market::bar b;
    b.instrument = core_.config().instrument.id;
    b.interval_ns = 60'000'000'000;
    b.close = px(close);
    return say(b);
  }
  std::vector<oms::order_command> lose_book() { return say(market::book_lost{core_.config().instrument.id}); }
  /// The OMS speaks about the order with this number.
  std::vector<oms::order_command> update(std::uint64_t number, order_status status, std::string_view filled = "0",
                                         oms::refusal refusal = oms::refusal::none) {
    const auto id = client(number);
    const auto found = find_order(state, id);
    oms::order_update u;
    u.order = order_id::make(9, number);
    u.client_id = id;
    u.status = status;
    u.refusal = refusal;
    u.filled = qty(filled);
    if (found) {
      u.side = found.order->request.side;
      u.instrument = found.order->request.instrument;
      u.last_quantity = u.filled - found.order->filled;
      u.leaves = is_terminal(status) ? quantity{} : found.order->quantity - u.filled;
    }
    return turn(u);
  }
  [[nodiscard]] client_order_id client(std::uint64_t number) const {
    return {std::string_view{core_.config().name.value.str() + '-' + std::to_string(number)}};
  }
  void restart() {
    state = replayed();
    seen = {};
  }
  /// With another configuration, on the same stream.
  void restart(strategy_config config) {
    core_ = host{std::move(config)};
    restart();
  }
  /// What it has where it trades now; and where another configuration traded.
  [[nodiscard]] holding held() const { return held_at(core_.here()); }
  [[nodiscard]] holding held_at(const place& where) const {
    const auto* found = find_holding(state, where);
    return found ? *found : holding{};
  }
  [[nodiscard]] strategy_state replayed() const {
    strategy_state s;
    actor::archive closed;
    for (const auto& e : history) core_.evolve(s, e, closed);
    return s;
  }
  [[nodiscard]] strategy_view view() const { return core_.answer(state, seen, strategy_query{}); }
  [[nodiscard]] const host& core() const { return core_; }

  strategy_state state;
  host_view seen;
  strategy_inputs inputs;
  std::vector<strategy_event> history;
  bool recorded = false; // the last correction's turn
  actor_name receiver;
  time_ns now = time_from_ns(1'700'000'000'000'000'000);

private:
  host core_;
};

/// "quoter-1 buy 1@99.8; cancel quoter-2": what a story expects, in one line.
inline std::string told(const std::vector<oms::order_command>& commands) {
  std::string out;
  for (const auto& c : commands) {
    if (!out.empty()) out += "; ";
    if (const auto* n = std::get_if<oms::new_order>(&c))
      out += n->client_id.value.str() + (n->side == side::buy ? " buy " : " sell ") + n->quantity.str() +
             (n->limit ? '@' + n->limit->str() : std::string{" market"});
    if (const auto* x = std::get_if<oms::cancel_order>(&c)) out += "cancel " + x->client_id.value.str();
    if (const auto* r = std::get_if<oms::replace_order>(&c))
      out += "replace " + std::to_string(r->order.number()) + " to " + r->quantity.str() + '@' + r->limit->str();
  }
  return out;
}

} // namespace troupe::test
