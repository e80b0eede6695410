#include "actors/platform/placement/core.hpp"

#include "runtime/core/counted.hpp"

namespace troupe::placement {

actor_name keeper_of(const node_name& node) {
  return actor_name{decltype(actor_name::value)::make("placement/" + node.value.str()).value_or(text<48>{})};
}

seat core::seat_of(const state& s, std::uint32_t slot) const {
  if (const auto at = s.seats.find(slot); at != s.seats.end()) return at->second;
  return {slot < config_.declared.size() ? config_.declared[slot] : node_name{}, 0};
}

seat core::newest(const state& s, const view& v, std::uint32_t slot) const {
  auto own = seat_of(s, slot);
  const auto told = v.told.find(slot);
  return told != v.told.end() && told->second.generation > own.generation ? told->second : own;
}

std::vector<give_again> core::missing(const state& s, const view& v) const {
  std::vector<give_again> all;
  for (const auto& [slot, told] : v.told)
    if (told.node == config_.self && told.generation > seat_of(s, slot).generation && !has(s, slot) && !s.fetching.contains(slot) && !s.arriving.contains(slot))
      all.push_back({slot, config_.self, told.generation});
  return all;
}

const seat* core::passed_by(const state& s, const view& v, std::uint32_t slot) const {
  const auto a = s.arriving.find(slot);
  const auto told = v.told.find(slot);
  const bool is_elsewhere = a != s.arriving.end() && told != v.told.end() && told->second.node != config_.self && told->second.generation >= a->second.generation;
  return is_elsewhere ? &told->second : nullptr;
}

const seat* core::contested(const state& s, const view& v, std::uint32_t slot) const {
  const auto own = s.seats.find(slot);
  const auto other = v.claimed.find(slot);
  const bool is_here = own != s.seats.end() && own->second.node == config_.self;
  return is_here && other != v.claimed.end() && other->second.generation == own->second.generation ? &other->second : nullptr;
}

bool core::gave(const state& s, const view& v, const give_again& c) const {
  const auto own = s.seats.find(c.slot);
  return own != s.seats.end() && own->second.node == c.to && own->second.generation == c.generation && newest(s, v, c.slot).generation == c.generation &&
         !s.fetching.contains(c.slot) && !s.arriving.contains(c.slot); // what is copied here could still add to the stream
}

fetch_reply core::decide(const state& s, view& v, const fetch_slot& c, const actor::turn_context& at, output& out) const {
  if (c.slot >= config_.declared.size()) return {"there is no slot " + std::to_string(c.slot) + ", slots are 0 to " + std::to_string(config_.declared.size() - 1)};
  const auto slot = "slot " + std::to_string(c.slot);
  if (s.arriving.contains(c.slot)) return {slot + " is on its way here already"};
  if (still_has(s, v, c.slot)) return {slot + " is on node " + config_.self.value.str() + " already"};
  if (const auto f = s.fetching.find(c.slot); f != s.fetching.end()) {
    if (f->second == c.from) return {};
    return {slot + " is being fetched from node " + f->second.value.str() + " already"};
  }
  out.events.push_back(fetch_begun{c.slot, c.from, at.message.principal});
  return {};
}

void core::decide(const state& s, view& v, const fetch_failed& c, const actor::turn_context&, output& out) const {
  if (s.fetching.contains(c.slot) || passed_by(s, v, c.slot)) out.events.push_back(fetch_ended{c.slot, c.why});
}

hand_over_reply core::decide(const state& s, view& v, const hand_over& c, const actor::turn_context&, output&) const {
  const auto& [at, generation] = seat_of(s, c.slot);
  if (at == c.to) return {c.slot, {}, generation};
  if (at != config_.self)
    return {c.slot, "slot " + std::to_string(c.slot) + " is not on node " + config_.self.value.str() + ", it went to node " + at.value.str()};
  if (s.arriving.contains(c.slot)) return {c.slot, "slot " + std::to_string(c.slot) + " is just arriving"};
  if (const auto stays = v.stays.extract(c.slot)) return {c.slot, stays.mapped()};
  const auto leaving = v.leaving.find(c.slot);
  if (leaving != v.leaving.end() && leaving->second.to != c.to)
    return {c.slot, "slot " + std::to_string(c.slot) + " is leaving for node " + leaving->second.to.value.str()};
  return {c.slot, {}};
}

void core::decide(const state& s, view& v, const slot_ended& c, const actor::turn_context&, output& out) const {
  const auto leaving = v.leaving.find(c.slot);
  if (leaving == v.leaving.end() || leaving->second.ticket != c.ticket) return; // asked for in another life, and void since
  const auto to = leaving->second.to;
  v.leaving.erase(leaving);
  if (still_has(s, v, c.slot)) out.events.push_back(handed_over{c.slot, config_.self, to, newest(s, v, c.slot).generation + 1, c.at});
}

void core::decide(const state&, view& v, const slot_stays& c, const actor::turn_context&, output&) const {
  const auto leaving = v.leaving.find(c.slot);
  if (leaving == v.leaving.end() || leaving->second.ticket != c.ticket) return;
  v.leaving.erase(leaving);
  v.stays[c.slot] = c.why;
}

void core::decide(const state& s, view& v, const take_over& e, const actor::turn_context&, output& out) const {
  if (still_has(s, v, e.slot)) return; // a record that was lost knows of neither move, and the slot serves here
  const auto a = s.arriving.find(e.slot);
  if (e.generation > seat_of(s, e.slot).generation && (a == s.arriving.end() || e.generation > a->second.generation)) out.events.push_back(given{e});
}

void core::decide(const state& s, view& v, const slot_arrived& c, const actor::turn_context& at, output& out) const {
  const auto end = v.ends.extract(c.slot);
  if (const auto* other = contested(s, v, c.slot); end && other && c.generation == other->generation + 1) {
    out.events.push_back(taken_over{c.slot, other->node, config_.self, c.generation, end.mapped().sequence, {}, at.decided_at});
    return;
  }
  const auto a = s.arriving.find(c.slot);
  if (a == s.arriving.end() || a->second.generation != c.generation) return;
  const auto& e = a->second;
  const auto pause = std::max(nanoseconds{}, at.decided_boot - e.at.stopped_at);
  out.events.push_back(taken_over{e.slot, e.from, config_.self, e.generation, e.at.sequence, pause, at.decided_at});
}

void core::observe(view& v, const seats_told& m) const {
  for (const auto& s : m.seats)
    if (auto& known = v.told[s.slot]; s.generation > known.generation) known = {s.node, s.generation};
  std::erase_if(v.claimed, [&](const auto& one) { return one.second.node == m.by; });
  for (const auto& s : m.seats)
    if (s.node == m.by) v.claimed[s.slot] = {s.node, s.generation};
}

void core::decide(const state& s, view& v, const give_again& c, const actor::turn_context&, output& out) const {
  const auto end = v.ends.extract(c.slot);
  if (end && gave(s, v, c)) out.events.push_back(handed_over{c.slot, config_.self, c.to, c.generation, end.mapped()});
}

leave_reply core::decide(const state& s, view& v, const leave_desk&, const actor::turn_context& at, output& out) const {
  std::size_t slots = 0;
  for (std::uint32_t slot = 0; slot < config_.declared.size(); ++slot) slots += still_has(s, v, slot) || s.arriving.contains(slot) || s.fetching.contains(slot) ? 1 : 0;
  if (slots > 0)
    return {"node " + config_.self.value.str() + " still has " + counted(slots, "slot") + "; move them away first: troupe cluster drain " + config_.self.value.str()};
  out.events.push_back(left{at.message.principal, at.decided_at});
  return {};
}

moves_view core::answer(const state& s, const view& v, const moves_query&) const {
  std::map<std::uint32_t, move_row> rows;
  for (const auto& [slot, to] : s.seats) {
    const auto told = v.told.find(slot);
    if (to.node != config_.self && (told == v.told.end() || told->second.generation < to.generation))
      rows[slot] = {slot, config_.self, to.node, move_status::given, to.generation, {},
                    "node " + to.node.value.str() + " has not told since that it serves there, and only that one can have taken it"};
  }
  for (const auto& m : missing(s, v)) // whoever gave it does not list it while this node answers
    rows[m.slot] = {m.slot, {}, config_.self, move_status::arriving, m.generation, {},
                    "this node has lost its record of the move; whoever gave the slot gives it again when all nodes have been up for a while"};
  for (const auto& [slot, t] : s.taken) rows[slot] = {slot, t.from, t.to, move_status::done, t.generation, t.pause, {}};
  for (const auto& [slot, own] : s.seats)
    if (const auto* other = contested(s, v, slot))
      rows[slot] = {slot, other->node, config_.self, move_status::arriving, own.generation, {},
                    "node " + other->node.value.str() + " has it by the same move: it serves on neither, until the one whose journal is to count is started with --accept-older-journal"};
  for (const auto& [slot, f] : s.failed) {
    rows[slot] = f;
    rows[slot].to = config_.self;
  }
  for (const auto& [slot, from] : s.fetching) rows[slot] = {slot, from, config_.self, move_status::copying, 0, {}, {}};
  for (const auto& [slot, a] : s.arriving) rows[slot] = {slot, a.from, config_.self, move_status::arriving, a.generation, {}, {}};
  moves_view out;
  for (auto& [slot, row] : rows) out.moves.push_back(std::move(row));
  return out;
}

namespace {

void apply(state& s, const fetch_begun& e) {
  s.fetching[e.slot] = e.from;
  s.failed.erase(e.slot);
}
void apply(state& s, const fetch_ended& e) {
  const auto arriving = s.arriving.find(e.slot); // then it was not being fetched
  const auto from = arriving != s.arriving.end() ? arriving->second.from : s.fetching[e.slot];
  s.arriving.erase(e.slot);
  s.fetching.erase(e.slot);
  s.failed[e.slot] = {e.slot, from, {}, move_status::failed, 0, {}, e.why};
}
void apply(state& s, const handed_over& e) {
  s.seats[e.slot] = {e.to, e.generation};
  s.taken.erase(e.slot);
}
void apply(state& s, const given& e) {
  s.fetching.erase(e.what.slot);
  s.arriving[e.what.slot] = e.what;
}
void apply(state&, const left&) {}
void apply(state& s, const taken_over& e) {
  s.arriving.erase(e.slot);
  s.failed.erase(e.slot);
  s.seats[e.slot] = {e.to, e.generation};
  s.taken[e.slot] = e;
}

} // namespace

void core::evolve(state& s, const event& e, actor::archive&) const {
  std::visit([&](const auto& x) { apply(s, x); }, e);
}

} // namespace troupe::placement
