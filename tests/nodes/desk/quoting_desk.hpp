#pragma once
// The small desk with the quoter `mm`: a test shows its instrument's market, sells through its bid, and looks at what it has.

#include "actors/trading/portfolio/messages.hpp"
#include "actors/trading/strategy/messages.hpp"
#include "tests/nodes/desk/small_desk.hpp"

#include <map>
#include <string>

namespace troupe::test {

inline const actor_name mm_stream{"strategy/mm"};

/// A desk whose only strategy is the quoter `mm`, for this account in this instrument. Its position stays within 0.02.
inline std::string quoting(const char* account, const char* instrument) {
  return std::string{R"(strategies=[{"name":"mm","kind":"quoter","account":")"} + account + R"(","instrument":")" + instrument +
         R"(","parameters":["spread_ticks=200","size=0.01","position_max=0.02"]}])";
}

/// The market of one instrument, as venue, strategy and marks hear it.
inline void show_market(small_desk& d, const market::event& said) {
  const market::market_batch batch{{said}};
  if (std::holds_alternative<market::quote>(said)) d.node().parts().board->take(batch, {d.node().driver_clock().boot()});
  for (const auto& to : {actor_name{"venue/SIM"}, mm_stream})
    d.node().parts().env.names->ref(to)->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, batch), nullptr);
  d.pass(std::chrono::milliseconds{100});
}
inline void quote_market(small_desk& d, const char* instrument, const char* bid, const char* ask) {
  market::quote q;
  q.instrument = {text<31>::make(instrument).value()};
  q.bid = *price::parse(bid);
  q.ask = *price::parse(ask);
  q.bid_size = q.ask_size = quantity::whole(5);
  q.received_at = d.node().driver_clock().now();
  show_market(d, q);
}
/// Somebody sells through the strategy's bid.
inline void sell_through(small_desk& d, const char* instrument, const char* at) {
  market::trade t;
  t.instrument = {text<31>::make(instrument).value()};
  t.aggressor = market::side::sell;
  t.last = *price::parse(at);
  t.size = quantity::whole(1);
  t.received_at = d.node().driver_clock().now();
  show_market(d, t);
}

inline strategy::strategy_view mm_of(small_desk& d) { return d.ask<strategy::strategy_view>(mm_stream, strategy::strategy_query{}); }

/// What the books say of the account.
inline std::map<std::string, std::string> books_of(small_desk& d, const char* account) {
  d.pass(std::chrono::seconds{1});
  portfolio::positions_query q;
  q.account = trading::account_id{std::string_view{account}};
  std::map<std::string, std::string> all;
  for (const auto& p : d.ask<portfolio::positions_view>(desk::portfolio_name, q).positions) all[p.instrument.value.str()] = p.quantity.str();
  return all;
}

inline std::vector<oms::order> open_orders_of(small_desk& d, const char* account) {
  oms::orders_query q;
  q.account = trading::account_id{std::string_view{account}};
  return d.ask<oms::orders_view>(trading::slot_name(trading::slot_of({"main"}, *q.account)), q).orders;
}

} // namespace troupe::test
