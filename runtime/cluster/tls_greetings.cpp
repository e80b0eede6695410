// Whoever comes: kept apart until it has greeted, and turned away when it may not be here.

#include "runtime/cluster/tls_link_class.hpp"

#include <boost/asio/steady_timer.hpp>

namespace troupe::cluster {

void tls_link::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& failed, tcp::socket socket) {
    if (stopping_) return;
    if (failed) { // out of descriptors, mostly: not at once again
      auto pause = std::make_shared<asio::steady_timer>(io_, std::chrono::milliseconds{50});
      return pause->async_wait([this, pause](const auto&) { accept(); });
    }
    boost::system::error_code is_gone;
    const auto from = socket.remote_endpoint(is_gone);
    greet_stranger(std::make_shared<tls_connection>(std::move(socket), *tls_, tls_connection::role::accepts), from.address());
    accept();
  });
}

void tls_link::greet_stranger(const connection_ptr& c, const asio::ip::address& from) {
  if (strangers_.size() >= options_.strangers_max) make_room();
  strangers_.push_back({c, from});
  std::weak_ptr<tls_connection> weak = c;
  c->start({[] {}, [this, weak](frame_type t, std::string_view bytes) { on_hello(weak.lock(), t, bytes); },
            [this, weak](const std::string&) { forget_stranger(weak.lock()); }});
}

/// The oldest of the address that has the most goes: whoever floods the port pushes out himself, and not a member whose handshake takes longer.
void tls_link::make_room() {
  std::map<asio::ip::address, std::size_t> counts;
  for (const auto& s : strangers_) ++counts[s.from];
  const auto most = std::ranges::max_element(counts, {}, [](const auto& n) { return n.second; });
  const auto goes = std::ranges::find(strangers_, most->first, &stranger::from);
  goes->connection->close();
  strangers_.erase(goes);
}

void tls_link::forget_stranger(const connection_ptr& c) {
  std::erase_if(strangers_, [&](const stranger& s) { return s.connection == c; });
}

void tls_link::on_hello(const connection_ptr& c, frame_type t, std::string_view bytes) {
  auto said = t == frame_type::hello ? wire::decode<hello>(bytes) : result<hello>{fail(errc::malformed, "no greeting")};
  forget_stranger(c);
  if (!said) return c->close();
  auto why = refusal(options_.rule, options_.self, said->who);
  if (said->who.name.value.view() != c->peer()) why = "the certificate is for " + c->peer() + ", not for " + said->who.name.value.str();
  else if (!why && !dials_us(said->who.name)) why = options_.dials == dialing::smaller_name ? "the node with the smaller name dials" : "this end dials";
  else if (!why && is_up_elsewhere(said->who)) why = "another process of this name is up";
  const auto arrived = since_boot();
  if (why) {
    note_refusal(c->peer(), *why);
    return turn_away(c, *why);
  }
  clock_gap first;
  first.heard(said->clocks.sent, arrived, said->clocks.ours_ahead);
  say_welcome(*c, {}, first.at_most());
  const auto name = said->who.name;
  auto& p = peers_.at(name);
  const bool is_old = p.coming && p.coming->theirs.boot == said->who.boot && said->session < p.coming->number;
  if (is_old || (p.coming && p.coming->number == said->session && p.coming->theirs != said->who)) return c->close();
  if (!p.coming || p.coming->number != said->session) {
    if (p.coming) p.coming->close();
    p.coming = std::make_shared<session>();
    p.coming->number = said->session;
    p.coming->theirs = said->who;
    p.coming_since = steady::now();
  }
  const auto s = p.coming;
  s->gap.heard(said->clocks.sent, arrived, said->clocks.ours_ahead);
  const auto l = static_cast<std::size_t>(said->lane);
  if (s->lanes[l]) s->lanes[l]->close();
  s->lanes[l] = c;
  c->hand_to({[] {}, [this, name, s, l](frame_type u, std::string_view answer) { on_answer(name, s, l, u, answer); },
              [this, name, s](const std::string& reason) { give_up(name, s, reason); }});
}

/// Of the end that dialed, to our welcome.
void tls_link::on_answer(const node_name& name, const session_ptr& coming, std::size_t l, frame_type t, std::string_view bytes) {
  const auto said = read_welcome(t, bytes);
  if (!said) return give_up(name, coming, said.error().message);
  auto& p = peers_.at(name);
  if (p.coming != coming) return;
  if (!said->refused.empty()) {
    give_up(name, coming, "it refuses: " + said->refused);
    return note_refusal(name.value.str(), "it refuses: " + said->refused);
  }
  coming->lanes[l]->hold(); // what follows is for the session, once it is whole
  coming->gap.heard(said->clocks.sent, since_boot(), said->clocks.ours_ahead);
  join_session(p, coming->lanes[l], static_cast<lane>(l));
}

result<welcome> tls_link::read_welcome(frame_type t, std::string_view bytes) {
  auto said = t == frame_type::welcome ? wire::decode<welcome>(bytes) : result<welcome>{fail(errc::malformed, "")};
  if (!said) return fail(errc::malformed, "its greeting cannot be read: another version of the link");
  return said;
}

void tls_link::say_welcome(tls_connection& c, const std::string& refused, nanoseconds ours_ahead) {
  std::string bytes;
  wire::encode(welcome{options_.self, refused, {since_boot(), ours_ahead}}, bytes);
  (void)c.offer(frame_type::welcome, bytes);
}

/// The other end is told why, and what it says is heard no more.
void tls_link::turn_away(const connection_ptr& c, const std::string& why) {
  c->hold();
  say_welcome(*c, why, clock_gap::unknown);
  auto linger = std::make_shared<asio::steady_timer>(io_, std::chrono::milliseconds{200}); // until the answer has left
  linger->async_wait([linger, c](const auto&) { c->close(); });
}

/// One that was heard just now lives: whoever calls itself the same is not its next life.
bool tls_link::is_up_elsewhere(const greeting& who) const {
  const auto& p = peers_.at(who.name);
  return p.current && p.current->theirs.boot != who.boot && silence_of(p) < options_.beats.suspect_after;
}

nanoseconds tls_link::silence_of(const peer& p) {
  nanoseconds most{};
  for (const auto& b : p.beats) most = std::max(most, b.silent(now()));
  return most;
}

bool tls_link::dials_us(const node_name& name) const { return peers_.contains(name) && !we_dial(name); }
bool tls_link::we_dial(const node_name& name) const {
  return options_.dials == dialing::smaller_name ? options_.self.name < name : options_.dials == dialing::always;
}

/// Only about members: what a stranger claims is nothing to show.
void tls_link::note_refusal(const std::string& name, const std::string& why) {
  const auto known = decltype(node_name::value)::make(name);
  const auto at = known ? peers_.find(node_name{*known}) : peers_.end();
  if (at == peers_.end()) return options_.log("warn", "node " + name + " was refused: " + why);
  auto& p = at->second;
  if (p.refused_for != why) options_.log("warn", "node " + name + " was refused: " + why); // it tries again and again
  p.refused_for = why;
  if (p.current) return;
  p.view.state = peer_state::refused;
  p.view.problem = why;
  publish();
}

} // namespace troupe::cluster
