#include "tools/check/strategy_books.hpp"

#include "tools/check/streams.hpp"

#include <algorithm>

namespace troupe::check {
namespace {

/// Its own ids are "NAME-NUMBER"; who enters an order by hand in its name chooses another, and it does not count that.
bool is_own_id(const strategy_id& who, const client_order_id& id) {
  const auto text = id.value.view(), name = who.value.view();
  if (text.size() < name.size() + 2 || !text.starts_with(name) || text[name.size()] != '-') return false;
  return text.find_first_not_of("0123456789", name.size() + 1) == std::string_view::npos;
}

int128 signed_units(side s, quantity q) { return s == side::buy ? int128{q.units} : -int128{q.units}; }

} // namespace

// -- what the strategies say ------------------------------------------------------------------------------------------------

void strategy_books::read(const journal::journal& j) {
  auto heads = j.heads();
  if (!heads) return; // told already
  check_report aside; // what cannot be read of these streams is a violation of I9; their turns are not counted twice
  for (const auto& head : *heads) {
    const auto who = strategy_called(head.stream.value.view());
    if (!who) continue;
    auto& s = strategies_[*who];
    read_turns<strategy_stored>(j, head.stream, aside, [&](const journal::record_header& h, const strategy_turn& t) {
      who_.take(h, t);
      between_.take(h, t);
      if (t.inbox) s.heard[t.inbox->from] = {t.inbox->epoch, t.inbox->sequence};
      for (const auto& event : t.events) std::visit([&](const auto& e) { on({head.stream, h}, s, e); }, event);
    });
  }
  for (const auto& sentence : aside.chains.first) report_.chains.violate(sentence);
}

void strategy_books::on(const moment&, strategy_facts& s, const strategy::submitted& e) {
  const strategy::place where{e.order.tenant, e.order.account, e.order.instrument};
  s.places.try_emplace(where);
  s.open[e.order.client_id] = {where, e.order.side, {}};
}

/// What is filled is told as a sum, so that a report that comes again counts nothing.
void strategy_books::on(const moment&, strategy_facts& s, const strategy::update_folded& e) {
  const auto at = s.open.find(e.update.client_id);
  if (at == s.open.end()) return;
  auto& order = at->second;
  if (e.update.filled > order.filled) {
    const auto units = signed_units(order.direction, e.update.filled - order.filled);
    auto& b = s.places[order.where];
    b.position += units;
    b.moved += units;
    order.filled = e.update.filled;
  }
  const bool is_unknown = e.update.refusal == oms::refusal::unknown_order || e.update.refusal == oms::refusal::order_finished;
  if (is_terminal(e.update.status) || is_unknown) s.open.erase(at);
}

/// The operator's word is what counts from here on: who restored a backup knows what both streams lack.
void strategy_books::on(const moment& m, strategy_facts& s, const strategy::strategy_position_corrected& e) {
  const auto& c = e.correction;
  const auto here = [&] { return m.stream.value.str() + " turn " + std::to_string(m.header.sequence) + ": correction " + c.id.value.str() + ' '; };
  report_.client_ids.expect(std::ranges::find(s.corrections, c.id) == s.corrections.end(), [&] { return here() + "is on record twice"; });
  s.corrections.push_back(c.id);
  if (s.corrections.size() > strategy::corrections_kept) s.corrections.pop_front();

  const strategy::place where{c.tenant, c.account, c.instrument};
  auto& b = s.places[where];
  b.position += c.change.units;
  report_.positions.expect(b.position == e.position.units, [&] { return here() + "says that it takes " + e.position.str() + " for its position after it, it is " + format_scaled(b.position); });
  const auto heard = s.heard.find(slot_name(slot_of(c.tenant, c.account)));
  b.heard_before = heard == s.heard.end() ? actor::inbox_position{} : heard->second;
  b.moved = 0;
  b.corrected_at = m.header.hybrid_time;
  auto& looked_at = looked_at_[where];
  looked_at = std::max(looked_at, m.header.hybrid_time);
}

// -- what the slots say -----------------------------------------------------------------------------------------------------

void strategy_books::take(const journal::record_header& h, const oms::execution& e) {
  if (e.report.type != venue::exec_type::trade) return;
  const strategy::place where{e.tenant, e.account, e.instrument};
  const auto units = signed_units(e.side, e.report.last_quantity);
  if (nameless_.contains(e.report.order)) {
    const auto looked_at = looked_at_.find(where);
    if (looked_at == looked_at_.end() || h.hybrid_time > looked_at->second) recovered_[where] += units;
  }
  const auto at = strategies_.find(e.strategy);
  if (at == strategies_.end() || !is_own_id(e.strategy, e.client_id)) return;
  const auto heard = at->second.heard.find(h.stream);
  if (heard == at->second.heard.end() || h.sequence > heard->second.sequence) return; // on its way
  auto& b = at->second.places[where];
  if (h.epoch > b.heard_before.epoch || h.sequence > b.heard_before.sequence) b.fills += units;
}

// -- both -------------------------------------------------------------------------------------------------------------------

void strategy_books::compare(const journal::journal& j, bool running) {
  auto heads = j.heads();
  if (!heads) return;
  std::map<actor_name, std::uint64_t> ends;
  for (const auto& head : *heads) ends[head.stream] = head.sequence;
  const auto is_beyond = [&](const strategy_facts& s, const strategy::place& where) {
    const auto slot = slot_name(slot_of(where.tenant, where.account));
    const auto heard = s.heard.find(slot);
    if (heard == s.heard.end()) return false;
    const auto end = ends.find(slot);
    return end == ends.end() || (running && heard->second.sequence > end->second);
  };

  std::map<strategy::place, int128> unexplained; // by strategies together
  for (const auto& [who, s] : strategies_)
    for (const auto& [where, b] : s.places) unexplained[where] += b.moved - b.fills;

  for (const auto& [who, s] : strategies_)
    for (const auto& [where, b] : s.places) {
      if (is_beyond(s, where)) continue;
      const auto came_back = recovered_.find(where);
      const bool has_recovered = came_back != recovered_.end();
      const bool adds_up = has_recovered ? unexplained[where] == came_back->second : b.moved == b.fills;
      report_.positions.expect(adds_up, [&, &name = who, &at = where, &had = b] { return sentence_of(name, at, had); });
    }
}

std::string strategy_books::sentence_of(const strategy_id& who, const strategy::place& where, const belief& had) const {
  auto sentence = strategy_actor(who).value.str() + " takes its position in " + where.instrument.value.str() + " for account " + where.account.value.str() + " to be " +
                  format_scaled(had.position);
  if (had.corrected_at != 0) sentence += ", " + format_scaled(had.moved) + " of it since an operator corrected it";
  sentence += ", the fills of its orders add up to " + format_scaled(had.fills);
  if (const auto came_back = recovered_.find(where); came_back != recovered_.end())
    sentence += "; fills of " + format_scaled(came_back->second) + " are of orders that a venue gave back without the name of a strategy, and may be its own: see `troupe strategy correct`";
  return sentence;
}

} // namespace troupe::check
