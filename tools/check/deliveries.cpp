#include "tools/check/deliveries.hpp"

#include <boost/mp11.hpp>

#include <algorithm>

namespace troupe::check {

using namespace trading;

namespace {

/// Calls `to` with everybody for whom an event of a slot has something.
template <class To>
void for_each_receiver(const oms::event& event, To&& to) {
  const auto strategy = [&](const strategy_id& id) {
    if (!id.value.empty()) to(strategy_actor(id));
  };
  std::visit(
    [&]<class E>(const E& e) {
      if constexpr (std::is_same_v<E, oms::order_accepted>) to(venue_actor(venue_named_by(e.request.instrument))), strategy(e.request.strategy);
      if constexpr (std::is_same_v<E, oms::order_rejected>) strategy(e.request.strategy);
      if constexpr (std::is_same_v<E, oms::cancel_requested> || std::is_same_v<E, oms::order_withdrawn> || std::is_same_v<E, oms::replace_requested>)
        to(venue_actor(venue_named_by(e.instrument)));
      if constexpr (std::is_same_v<E, oms::execution> || std::is_same_v<E, oms::order_lost> || std::is_same_v<E, oms::command_refused>) strategy(e.strategy);
      if constexpr (std::is_same_v<E, oms::stray_order>) to(venue_actor(e.venue));
    },
    event);
}

template <class Op> struct asked_by { using type = boost::mp11::mp_list<>; };
template <class C, class R> struct asked_by<actor::ask<C, R>> { using type = boost::mp11::mp_list<C>; };
template <class P> struct asks_of;
template <class... Ops> struct asks_of<actor::protocol<Ops...>> { using type = boost::mp11::mp_append<typename asked_by<Ops>::type...>; };

} // namespace

deliveries::party& deliveries::note(const journal::record_header& h, const std::optional<actor::inbox_mark>& mark, bool knows_effects) {
  auto& p = parties_[h.stream];
  if (h.epoch > p.epoch) {
    p.epoch = h.epoch;
    p.began = h.sequence - 1;
    p.began_at = h.hybrid_time;
  }
  for (const auto& c : h.acknowledged) {
    auto& o = p.receivers[c.receiver];
    // Who was sent the last of an earlier life acknowledges where that ended.
    const auto most = std::min(h.sequence - 1, knows_effects ? std::max(o.sent, p.began) : h.sequence);
    const auto what = [&] {
      return h.stream.value.str() + " turn " + std::to_string(h.sequence) + ": " + c.receiver.value.str() + " has acknowledged up to turn " + std::to_string(c.sequence);
    };
    report_.answers.expect(c.sequence <= most, [&] { return what() + ", it was sent nothing behind turn " + std::to_string(most); });
    report_.answers.expect(c.sequence > o.acknowledged, [&] { return what() + ", and before that up to " + std::to_string(o.acknowledged); });
    if (c.sequence > o.acknowledged) o.acknowledged = c.sequence, o.at = h.hybrid_time;
  }
  if (mark) {
    auto& folded = p.folded[mark->from];
    folded = std::max(folded, mark->sequence);
  }
  return p;
}

/// A turn of a request has events or says what was answered instead, and not both.
template <class Stored>
void deliveries::must_be_answered(const journal::record_header& h, const actor::turn<Stored>& t) {
  std::visit(
    [&]<class C>(const C&) {
      if constexpr (boost::mp11::mp_contains<typename asks_of<typename Stored::protocol>::type, C>::value)
        report_.answers.expect(t.events.empty() != t.refusal.empty(), [&] {
          return h.stream.value.str() + " turn " + std::to_string(h.sequence) + ": " + (t.events.empty() ? "a request has no answer" : "a request has two answers: what happened, and \"" + t.refusal + '"');
        });
    },
    t.command);
}

void deliveries::take(const journal::record_header& h, const oms_turn& t) {
  auto& p = note(h, t.inbox, true);
  for (const auto& event : t.events) for_each_receiver(event, [&](const actor_name& to) { p.receivers[to].sent = h.sequence; });
  must_be_answered(h, t);
}

/// A slot that has caught up acknowledges where the venue's stream stood then, whomever that turn was about.
void deliveries::take(const journal::record_header& h, const venue_turn& t) { note(h, t.inbox, false); }

void deliveries::take(const journal::record_header& h, const risk_turn& t) { must_be_answered(h, t); }

void deliveries::take(const journal::record_header& h, const strategy_turn& t) { note(h, t.inbox, false); }

void deliveries::read_placement(const journal::journal& j) {
  auto heads = j.heads();
  if (!heads) return; // told already
  for (const auto& head : *heads) {
    if (!head.stream.value.view().starts_with("placement/")) continue;
    auto read = j.read(head.stream, 1, [&](const journal::record_view& record) {
      const auto front = wire::decode_front<turn_front>(record.payload);
      if (report_.chains.expect(front.has_value(), [&] { return head.stream.value.str() + " turn " + std::to_string(record.header.sequence) + ": " + to_string(front.error()); }))
        note(record.header, front->inbox, false);
      return true;
    });
    if (!read) report_.chains.violate(to_string(read.error()));
  }
}

void deliveries::compare(bool drained, const std::vector<journal::stream_head>& heads) {
  std::map<actor_name, std::uint64_t> started;
  for (const auto& h : heads) started[h.stream] = h.epoch;
  for (const auto& [sender, p] : parties_)
    for (const auto& [receiver, o] : p.receivers) {
      const auto at = parties_.find(receiver);
      if (o.acknowledged == 0 || at == parties_.end()) continue;
      if (!drained && !venue_called(receiver.value.view())) continue;
      // It has started since: from an older journal, maybe, which it does not say.
      if (at->second.began_at >= o.at || started[receiver] > at->second.epoch) continue;
      const auto mark = at->second.folded.find(sender);
      const auto folded = mark == at->second.folded.end() ? 0 : mark->second;
      report_.answers.expect(folded >= o.acknowledged, [&, &from = sender, &to = receiver, &acknowledged = o.acknowledged] {
        return to.value.str() + " has acknowledged to " + from.value.str() + " what it sent up to turn " + std::to_string(acknowledged) + ", and has folded up to " +
               std::to_string(folded);
      });
    }
}

} // namespace troupe::check
