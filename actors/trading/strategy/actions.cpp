#include "actors/trading/strategy/actions.hpp"

#include "actors/trading/strategy/core.hpp"

#include <string>

namespace troupe::strategy {

namespace {

template <class Kind>
bool fits(scaled<Kind> x, scaled<Kind> step) {
  return x.is_positive() && x.units % step.units == 0;
}

} // namespace

actions::actions(const host& core, const strategy_state& now, const std::optional<market::quote>& book,
                 const refusal_guard& guard, const actor::turn_context& at, output& out)
  : core_{core}, now_{now}, book_{book}, guard_{guard}, at_{at}, out_{out} {}

const trading::instrument& actions::instrument() const noexcept { return core_.config().instrument; }

const holding& actions::held() const noexcept {
  static const holding nothing;
  const auto* found = find_holding(state(), core_.here());
  return found ? *found : nothing;
}

std::optional<client_order_id> actions::submit(side s, order_type type, time_in_force tif, quantity q,
                                               std::optional<price> limit) {
  if (!may_act() || count_orders(state()) >= orders_max || !fits(q, instrument().lot_size)) return std::nullopt;
  if ((type == order_type::limit) != limit.has_value()) return std::nullopt;
  if (limit && !fits(*limit, instrument().tick_size)) return std::nullopt;
  const auto& config = core_.config();
  const auto id = config.name.value.str() + '-' + std::to_string(state().next_number);
  oms::new_order order{config.tenant, config.account, {std::string_view{id}}, instrument().id, s, type, tif, q, limit,
                       config.name};
  const auto made = order.client_id;
  record(submitted{std::move(order)});
  return made;
}

bool actions::cancel(const client_order_id& id) {
  const auto found = orders().find(id);
  if (found == orders().end() || !may_cancel(id, found->second)) return false;
  record(cancel_intended{id});
  return true;
}

bool actions::may_cancel(const client_order_id& id, const own_order& order) const {
  return !order.cancel_asked && refused_ != id && guard_.may_cancel(id, now());
}

void actions::withdraw_elsewhere() {
  for (const auto& left : left_elsewhere(state(), core_.here())) // a copy: what is recorded changes the state
    for (const auto& [id, order] : left.orders)
      if (may_cancel(id, order)) record(cancel_intended{id});
}

bool actions::replace(const client_order_id& id, quantity q, price p) {
  const auto found = orders().find(id);
  if (!may_act() || found == orders().end()) return false;
  const auto& order = found->second;
  const bool on_market = order.status == order_status::new_ || order.status == order_status::partially_filled;
  if (!on_market || order.cancel_asked || order.replacing || q <= order.filled) return false;
  if (!fits(q, instrument().lot_size) || !fits(p, instrument().tick_size) || !order.limit) return false;
  record(replace_intended{id, {order.id, q, p}});
  return true;
}

void actions::fold(const oms::order_update& update) {
  const auto found = find_order(state(), update.client_id);
  if (found && may_refuse_cancel(*found.order, update)) refused_ = update.client_id;
  record(update_folded{update});
}

void actions::record(strategy_event event) {
  if (!own_) own_ = now_;
  out_.events.push_back(std::move(event));
  actor::archive closed;
  core_.evolve(*own_, out_.events.back(), closed);
}

} // namespace troupe::strategy
