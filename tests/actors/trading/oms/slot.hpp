#pragma once
// A slot without a shell: decide, evolve, react and the table of finished orders, with every event kept.

#include "actors/trading/oms/core.hpp"
#include "actors/trading/oms/done.hpp"
#include "runtime/actor/looked_up_rows.hpp"
#include "tests/support/test.hpp"

#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe::oms::test {

inline const instrument_id btc{"BTCUSDT.SIM"};
inline const instrument_id eth{"ETHUSDT.SIM"};
inline const account_id alpha{"alpha"};

inline price px(const char* s) { return *price::parse(s); }
inline quantity qty(const char* s) { return *quantity::parse(s); }

inline configuration two_instruments() {
  configuration c;
  c.slot = 17;
  c.instruments[btc] = {btc, {"SIM"}, px("0.1"), qty("0.001"), "USDT"};
  c.instruments[eth] = {eth, {"SIM"}, px("0.01"), qty("0.001"), "USDT"};
  return c;
}

/// Does what the shell does to a turn, except for durability.
class slot {
public:
  explicit slot(configuration c = two_instruments()) : core{std::move(c)} {
    renew();
    mark(btc, "49999.9", "50000.1");
    mark(eth, "2499.99", "2500.01");
  }

  template <class C>
  auto operator()(const C& command) {
    core::output out;
    ctx.sequence = turns + 1;
    looked_up.put(core, state, command, ctx, [this](const actor::lookup& l) {
      ++look_ups;
      return row_of(l);
    });
    if constexpr (std::is_void_v<decltype(core.decide(state, view, command, ctx, out))>) {
      core.decide(state, view, command, ctx, out);
      commit(out);
    } else {
      auto reply = core.decide(state, view, command, ctx, out);
      commit(out);
      return reply;
    }
  }

  /// What a client's own id leads to.
  [[nodiscard]] std::vector<oms::order> under(const client_order_query& q) const {
    auto asked = ctx;
    actor::looked_up_rows rows;
    rows.put(core, state, q, asked, [this](const actor::lookup& l) { return row_of(l); });
    return core.answer(state, view, q, asked).orders;
  }

  void renew() {
    lease.slot = core.config().slot;
    lease.number += 1;
    lease.limits_version += 1;
    lease.expires_at = ctx.decided_boot + std::chrono::seconds{1};
    core.observe(view, lease);
  }
  /// A lease with so much of the firm's limit, of which risk can lend that much in all.
  void lend(const char* budget, const char* reachable) {
    lease.exposure_budget.value = px(budget);
    lease.exposure_reachable.value = px(reachable);
    renew();
  }
  void mark(const instrument_id& i, const char* bid, const char* ask) {
    market::heard_quote q;
    q.instrument = i;
    q.bid = px(bid);
    q.ask = px(ask);
    q.update_id = ++updates;
    q.received_at = ctx.decided_at;
    q.heard_at = ctx.decided_boot;
    q.tape = {"sim", updates};
    core.observe(view, q);
  }
  void pass(nanoseconds time) {
    ctx.decided_at += time;
    ctx.decided_boot += time;
  }

  venue::report report(order_id id, venue::exec_type type) {
    venue::report r;
    r.id = {"x" + std::to_string(++reports)};
    r.order = id;
    r.type = type;
    r.transacted_at = ctx.decided_at;
    return r;
  }
  venue::report trade(order_id id, const char* q, const char* p, const char* fee = "0") {
    auto r = report(id, venue::exec_type::trade);
    r.last_quantity = qty(q);
    r.last_price = px(p);
    r.fee = {*parse_scaled(fee), "USDT"};
    return r;
  }
  void say(order_id id, venue::exec_type type, std::uint32_t revision = 0) {
    auto r = report(id, type);
    r.revision = revision;
    (*this)(r);
  }

  /// The open order, or its row in the table.
  oms::order order(order_id id) const {
    if (auto at = state.orders.find(id); at != state.orders.end()) return at->second.order;
    return decode_done(table.at(done_order_key(id))).value();
  }
  template <class E>
  std::vector<E> sent() const {
    std::vector<E> all;
    for (const auto& [to, what] : effects) {
      if (const auto* c = std::get_if<venue::command>(&what)) {
        if constexpr (!std::is_same_v<E, order_update>)
          if (const auto* e = std::get_if<E>(c)) all.push_back(*e);
      } else if constexpr (std::is_same_v<E, order_update>) {
        all.push_back(std::get<order_update>(what));
      }
    }
    return all;
  }

  oms::core core;
  oms::state state;
  oms::view view;
  risk::lease lease = generous();
  actor::turn_context ctx = noon();
  std::map<std::string, std::string> table;
  std::vector<event> events;
  std::vector<std::pair<actor_name, effect>> effects;
  inputs read;           // of the last turn
  bool recorded = false; // the last turn
  bool waits = false;    // the last one was not decided
  std::uint64_t turns = 0;
  std::uint64_t look_ups = 0; // in the table

private:
  static risk::lease generous() {
    risk::lease l;
    l.exposure_budget.value = l.exposure_reachable.value = l.firm_exposure_max.value = price::whole(1'000'000'000);
    return l;
  }
  static actor::turn_context noon() {
    actor::turn_context c;
    c.decided_at = time_from_ns(1723118400'000000000);
    c.decided_boot = boot_ns{std::chrono::hours{1}};
    return c;
  }
  std::optional<std::string> row_of(const actor::lookup& l) const {
    const auto at = table.find(l.key);
    return l.table == done_table && at != table.end() ? std::optional{at->second} : std::nullopt;
  }
  void commit(const core::output& out) {
    read = out.inputs;
    recorded = out.record || !out.events.empty();
    waits = out.waits;
    if (recorded) ++turns;
    std::vector<actor::archive::row> rows;
    actor::archive open{rows};
    for (const auto& e : out.events) {
      core.evolve(state, e, open);
      core.react(state, e, [&](const actor_name& to, effect what) { effects.emplace_back(to, std::move(what)); });
      events.push_back(e);
    }
    for (auto& r : rows) table[r.key] = std::move(r.value);
  }

  std::uint64_t updates = 0;
  std::uint64_t reports = 0;
  actor::looked_up_rows looked_up;
};

inline new_order buy(const char* client_id, const char* q, const char* limit = nullptr) {
  new_order o;
  o.tenant = {"main"};
  o.account = alpha;
  o.client_id = {client_id};
  o.instrument = btc;
  o.quantity = qty(q);
  o.type = limit ? order_type::limit : order_type::market;
  if (limit) o.limit = px(limit);
  return o;
}
inline new_order sell(const char* client_id, const char* q, const char* limit = nullptr) {
  auto o = buy(client_id, q, limit);
  o.side = side::sell;
  return o;
}

} // namespace troupe::oms::test
