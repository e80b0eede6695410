// Sessions: begun when all lanes have greeted, and ended whole.

#include "runtime/cluster/tls_link_class.hpp"

#include "runtime/wire/foreign_clock.hpp"

namespace troupe::cluster {

void tls_link::join_session(peer& p, const connection_ptr& c, lane l) {
  auto s = p.coming;
  const auto n = static_cast<std::size_t>(l);
  s->lanes[n] = c;
  s->greeted[n] = true;
  if (!s->is_whole()) return;
  p.coming = nullptr;
  end_session(p, "a newer connection of it took over");
  p.current = s;
  p.beats.assign(lane_count, detector{options_.beats, now()});
  s->up_since = steady::now();
  p.refused_for.clear();
  p.view.state = peer_state::up;
  p.view.boot = s->theirs.boot;
  p.view.problem.clear();
  ++p.view.sessions;
  const auto name = s->theirs.name;
  bool is_whole = true;
  for (std::size_t i = 0; i < lane_count; ++i) is_whole = listen(name, s, i) && is_whole;
  if (!is_whole) { // a lane broke while the others were greeted; nobody was told that it is up
    p.current = nullptr;
    s->close();
    p.view.state = peer_state::connecting;
    return pause(p, p.coming_since);
  }
  beat_to(*s); // before anything that tells an instant: the peer has to know our clock by then
  {
    std::lock_guard guard{mutex_};
    routes_[name] = s->lanes;
  }
  publish();
  options_.log("info", "node " + name.value.str() + " is up");
  events_.up(s->theirs);
}

bool tls_link::listen(const node_name& name, const session_ptr& s, std::size_t l) {
  return s->lanes[l]->take_over({[] {},
                          [this, name, s, l](frame_type t, std::string_view bytes) { on_frame(name, s, l, t, bytes); },
                          [this, name, s](const std::string& why) { lose(name, s, why); },
                          [this, name, s, l] { if (peers_.at(name).current == s) events_.written(name, static_cast<lane>(l)); }},
                         options_.queue_bytes_max[l]);
}

void tls_link::on_frame(const node_name& name, const session_ptr& s, std::size_t l, frame_type t, std::string_view bytes) {
  auto& p = peers_.at(name);
  if (p.current != s) return;
  p.beats[l].heard(now());
  if (t == frame_type::payload) {
    const auto ahead = s->gap.at_least();
    return events_.received(name, static_cast<lane>(l), bytes, ahead == clock_gap::unknown ? wire::foreign_clock::unknown : ahead);
  }
  const auto told = t == frame_type::beat ? wire::decode<beat>(bytes) : result<beat>{fail(errc::malformed, "it greets twice")};
  if (!told) return lose(name, s, told.error().message);
  s->gap.heard(told->sent, since_boot(), told->ours_ahead);
}

void tls_link::beat_to(session& s) {
  std::string bytes;
  wire::encode(beat{since_boot(), s.gap.at_most()}, bytes);
  for (const auto& c : s.lanes) (void)c->offer(frame_type::beat, bytes);
}

void tls_link::lose(const node_name& name, session_ptr s, const std::string& why) { // NOLINT: as give_up
  auto& p = peers_.at(name);
  if (p.current != s) return;
  p.view.state = peer_state::connecting;
  p.view.problem = why;
  publish(); // whoever hears of the end asks for it
  end_session(p, why);
  pause(p, steady::now());
}

void tls_link::end_session(peer& p, const std::string& why) {
  if (!p.current) return;
  const auto name = p.current->theirs.name;
  {
    std::lock_guard guard{mutex_};
    routes_.erase(name);
  }
  p.current->close();
  p.current = nullptr;
  options_.log("warn", "node " + name.value.str() + " is down: " + why);
  events_.down(name, why);
}

} // namespace troupe::cluster
