// I10: snapshots and the table of finished orders, which the actors write, against what their turns add up to here.

#include "actors/trading/oms/done.hpp"
#include "tools/check/ledger.hpp"

#include <algorithm>

namespace troupe::check {

void ledger::compare_snapshot(std::uint32_t slot, const journal::snapshot& s, const inbox_marks& marks) {
  auto& rule = report_.replay;
  const auto where = slot_name(slot).value.str() + " snapshot " + std::to_string(s.sequence) + ": ";
  auto stored = wire::decode<actor::shell_state<oms_stored>>(s.state);
  if (!rule.expect(stored.has_value(), [&] { return where + to_string(stored.error()); })) return;
  const auto& core = stored->core;
  rule.expect(core.last_number == last_number(slot), [&] { return where + "its last order number is " + std::to_string(core.last_number); });
  std::size_t open = 0;
  for (auto at = open_.lower_bound(order_id::make(slot, 0)); at != open_.end() && at->first.slot() == slot; ++at) ++open;
  rule.expect(core.orders.size() == open, [&] { return where + std::to_string(core.orders.size()) + " open orders, the turns leave " + std::to_string(open); });
  for (const auto& [id, w] : core.orders) {
    const auto* f = find(id);
    rule.expect(f && open_.contains(id) && f->status == w.order.status && f->filled == w.order.filled && f->quantity_ == w.order.quantity,
                [&, id = id] { return where + "order " + to_text(id) + " differs from its turns"; });
  }
  for (const auto& [tenant, accounts] : core.accounts)
    for (const auto& [name, a] : accounts)
      for (const auto& [instrument, h] : a.holdings) {
        const auto mine = accounts_[{tenant, name}].stakes[instrument];
        const stake theirs{h.position.units, {h.open_buy.units, h.open_sell.units},
                           {h.open_buy_notional.units, h.open_sell_notional.units},
                           {h.buys, h.sells}};
        rule.expect(theirs == mine, [&, &name = name, &instrument = instrument] { return where + name.value.str() + " in " + instrument.value.str() + " differs from its turns"; });
      }
  for (const auto& [from, at] : stored->inboxes)
    rule.expect(marks.upto(from) == at.sequence, [&, &from = from] { return where + "its position in " + from.value.str() + " differs from its turns"; });
}

bool ledger::is_of_turns(const oms::finished_order& row, std::string_view key) const {
  const auto& o = row.order;
  const auto* f = find(o.id);
  if (!f || !is_terminal(f->status) || f->status != o.status || f->filled != o.filled || key != oms::done_order_key(o.id)) return false;
  if (row.names_its_fills() && row.executions.size() < o.fills) return false;
  return std::ranges::all_of(row.executions, [&](const execution_id& id) {
    const auto at = reports_.find(report_key(f->venue, id));
    return at != reports_.end() && at->second.order == o.id && at->second.type == venue::exec_type::trade;
  });
}

void ledger::compare_done(const journal::journal& j) {
  auto& rule = report_.replay;
  std::map<std::uint32_t, std::uint64_t> finished;
  std::uint64_t keyed = 0, keys_found = 0;
  for (const auto& [id, f] : orders_)
    if (is_terminal(f.status)) ++finished[order_id{id}.slot()];
  for (const auto& [key, id] : keys_) keyed += is_terminal(orders_.at(id.value).status);

  for (std::uint32_t slot = 0; slot < slot_count; ++slot) {
    const auto end = oms::done_orders_end(slot);
    std::uint64_t rows = 0;
    auto read = j.scan(oms::done_table, oms::done_orders_begin(slot), [&](std::string_view key, std::string_view value) {
      if (key >= end) return false;
      ++rows;
      const auto row = oms::decode_finished(value);
      rule.expect(row && is_of_turns(*row, key),
                  [&] { return "table done: the row of order " + (row ? to_text(row->order.id) + " differs from its turns" : std::string{"? cannot be read"}); });
      return true;
    });
    if (!rule.expect(read.has_value(), [&] { return "table done: " + to_string(read.error()); })) return;
    rule.expect(rows == finished[slot], [&] {
      return slot_name(slot).value.str() + " has finished " + std::to_string(finished[slot]) + " orders, the table done holds " + std::to_string(rows);
    });
  }
  constexpr std::string_view keys_begin = "k/";
  auto read = j.scan(oms::done_table, keys_begin, [&](std::string_view key, std::string_view value) {
    if (!key.starts_with(keys_begin)) return false;
    ++keys_found;
    auto k = oms::decode_done_key(value);
    const auto at = keys_.find(std::string{key});
    rule.expect(k && at != keys_.end() && at->second == *k, [&] { return "table done: a client key names another order than the turns"; });
    return true;
  });
  if (!rule.expect(read.has_value(), [&] { return "table done: " + to_string(read.error()); })) return;
  rule.expect(keys_found == keyed, [&] {
    return std::to_string(keyed) + " finished orders have client ids, the table done knows " + std::to_string(keys_found);
  });
}

} // namespace troupe::check
