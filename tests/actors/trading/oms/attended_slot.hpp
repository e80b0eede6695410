#pragma once
// A slot that an operator and its venues speak to, and what operators ask of it.

#include "tests/actors/trading/oms/slot.hpp"

#include "actors/trading/oms/correction_messages.hpp"

#include <utility>

namespace troupe::oms::test {

inline correct_position by_hand(const char* id, const char* q, const char* p = "50000") {
  correct_position c;
  c.tenant = {"main"};
  c.account = alpha;
  c.id = {id};
  c.instrument = btc;
  c.quantity = qty(q);
  c.price = px(p);
  c.reason = "statement of the venue";
  return c;
}

/// Of a buy that is in dispute, as `from` reported it.
inline correct_position booking_of(const venue::report& r, const char* from = "SIM") {
  auto c = by_hand("", r.last_quantity.str().c_str(), r.last_price.str().c_str());
  c.id = booking_id({from}, r.id);
  c.fee = {r.fee.units, "USDT"};
  c.books = booked_execution{{from}, r.id, r.order};
  return c;
}

/// Whose commands are an operator's.
struct attended_slot : slot {
  explicit attended_slot(configuration c = two_instruments()) : slot{std::move(c)} { ctx.message.principal = {"operator:ana"}; }
  /// What a venue says is not an operator's word.
  template <class Said>
  void hear(const Said& r, const char* from = "venue/SIM") {
    ctx.message.principal = {from};
    (*this)(r);
    ctx.message.principal = {"operator:ana"};
  }
  [[nodiscard]] quantity held() const {
    const auto tenant = state.accounts.find({"main"});
    if (tenant == state.accounts.end() || !tenant->second.contains(alpha)) return {};
    const auto& all = tenant->second.at(alpha).holdings;
    return all.contains(btc) ? all.at(btc).position : quantity{};
  }
};

} // namespace troupe::oms::test
