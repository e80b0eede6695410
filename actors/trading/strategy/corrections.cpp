// A strategy's position as an operator corrects it. One turn decides: whether it is a repeat, whether it may be, and what it leaves.

#include "actors/trading/strategy/core.hpp"

#include "runtime/core/principal.hpp"

#include <algorithm>

namespace troupe::strategy {

namespace {

/// With all that is open filled on top of it; nothing when that is beyond what can be counted.
std::optional<quantity> position_after(const holding* held, quantity change) {
  if (!held) return change;
  int128 buys = 0, sells = 0;
  for (const auto& [id, order] : held->orders) {
    const auto most = order.replacing ? std::max(order.quantity, order.replacing->quantity) : order.quantity;
    (order.request.side == side::buy ? buys : sells) += int128{most.units} - order.filled.units;
  }
  const auto after = int128{held->position.units} + change.units;
  return quantity::from_units(after + buys) && quantity::from_units(after - sells) ? quantity::from_units(after) : std::nullopt;
}

oms::correction_ack answer_of(const strategy_position_corrected& e) { return {e.correction.id, oms::correction_refusal::none, {}, e.position, e.decided_at}; }

} // namespace

oms::correction_ack host::decide(const state& now, view&, const correct_strategy_position& given, const actor::turn_context& at, output& out) const {
  using enum oms::correction_refusal;
  auto asked = given;
  if (asked.tenant.value.empty()) asked.tenant = config_.tenant;
  if (asked.account.value.empty()) asked.account = config_.account;
  out.record = at.has_space; // until it has an event, it is a refusal
  const auto refused = [&](oms::correction_refusal what, std::string why) { return oms::correction_ack{asked.id, what, std::move(why), {}, {}}; };
  if (!is_operator(at.message.principal)) return refused(not_authorised, "only an operator corrects a strategy's position");
  const auto same_id = [&](const auto& e) { return e.correction.id == asked.id; };
  if (const auto first = std::ranges::find_if(now.corrections, same_id); first != now.corrections.end()) {
    if (first->correction != asked) return refused(conflict, "correction " + asked.id.value.str() + " is on record with another body");
    out.record = false;
    return answer_of(*first);
  }
  if (!at.has_space) return refused(disk_full, "the disk reserve is reached; positions are corrected when space returns");
  if (is_blank(asked.id.value)) return refused(bad_id, "a correction needs an id, by which it can be asked for again");
  if (is_blank(asked.reason)) return refused(no_reason, "a correction is on record with its reason, and none was given");
  const place where{asked.tenant, asked.account, asked.instrument};
  const auto* held = find_holding(now, where);
  if (!held && where != here_)
    return refused(unknown_instrument, config_.name.value.str() + " has never traded " + asked.instrument.value.str() + " for account " + asked.account.value.str());
  const auto after = position_after(held, asked.change);
  if (!after) return refused(out_of_range, "with " + asked.change.str() + " more the position is beyond what can be counted");
  out.events.push_back(strategy_position_corrected{asked, at.message.principal, *after, at.decided_at});
  return answer_of(std::get<strategy_position_corrected>(out.events.back()));
}

void fold_correction(strategy_state& now, const strategy_position_corrected& e) {
  const auto& c = e.correction;
  holding_at(now, {c.tenant, c.account, c.instrument}).position = e.position;
  if (now.corrections.size() == corrections_kept) now.corrections.erase(now.corrections.begin());
  now.corrections.push_back(e);
}

} // namespace troupe::strategy
