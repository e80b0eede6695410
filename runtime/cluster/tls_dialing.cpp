// Dialing a peer: its host is looked up, each lane connects and greets, and what does not get up is tried again after a pause.

#include "runtime/cluster/tls_link_class.hpp"

#include <boost/asio/connect.hpp>

namespace troupe::cluster {

namespace {

/// Where a peer is dialed, in order. One address that swallows what is sent to it takes all the time of an attempt, so those behind one that
/// failed begin with another, whatever order the resolver gives them in.
std::vector<tcp::endpoint> in_turn(const std::vector<std::string>& found, std::uint16_t port, std::size_t failed_before) {
  std::vector<tcp::endpoint> all;
  boost::system::error_code is_none;
  for (const auto& text : found)
    if (const auto address = asio::ip::make_address(text, is_none); !is_none) all.emplace_back(address, port);
  if (failed_before == 0 || all.empty()) return all;
  std::ranges::sort(all);
  std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(failed_before % all.size()), all.end());
  return all;
}

} // namespace

void tls_link::dial(const node_name& name, peer& p) {
  auto coming = std::make_shared<session>();
  coming->number = ++last_session_;
  coming->is_looked_up = true;
  p.coming = coming;
  p.coming_since = steady::now();
  lookup_.find(name, p.address.host, [this, name, coming](const host_lookup::addresses& found) {
    if (!is_coming(name, coming)) return;
    coming->is_looked_up = false;
    if (!found) return give_up(name, coming, "its host name: " + found.error().message);
    const auto& to = peers_.at(name);
    const auto where = in_turn(*found, to.address.port, to.given_up);
    for (std::size_t l = 0; l < lane_count; ++l) connect(name, coming, l, where);
  });
}

void tls_link::connect(const node_name& name, const session_ptr& coming, std::size_t l, const std::vector<tcp::endpoint>& where) {
  auto socket = std::make_shared<tcp::socket>(io_);
  coming->connecting.push_back(socket);
  asio::async_connect(*socket, where, [this, name, coming, l, socket](const boost::system::error_code& failed, const tcp::endpoint&) {
    std::erase(coming->connecting, socket);
    if (!is_coming(name, coming)) return;
    if (failed) return give_up(name, coming, "connecting: " + failed.message());
    auto c = std::make_shared<tls_connection>(std::move(*socket), *tls_, tls_connection::role::dials);
    coming->lanes[l] = c;
    std::weak_ptr<tls_connection> weak = c;
    c->start({[this, name, coming, l, weak] { say_hello(name, coming, l, weak.lock()); },
              [this, name, coming, l](frame_type t, std::string_view bytes) { on_welcome(name, coming, l, t, bytes); },
              [this, name, coming](const std::string& why) { give_up(name, coming, why); }});
  });
}

void tls_link::say_hello(const node_name& name, const session_ptr& coming, std::size_t l, const connection_ptr& c) {
  if (c->peer() != name.value.view()) return give_up(name, coming, "its certificate is for " + c->peer());
  std::string bytes;
  wire::encode(hello{options_.self, static_cast<lane>(l), coming->number, {since_boot(), clock_gap::unknown}}, bytes);
  (void)c->offer(frame_type::hello, bytes);
}

void tls_link::on_welcome(const node_name& name, const session_ptr& coming, std::size_t l, frame_type t, std::string_view bytes) {
  const auto said = read_welcome(t, bytes);
  if (!said) return give_up(name, coming, said.error().message);
  auto& p = peers_.at(name);
  if (p.coming != coming) return;
  auto why = refusal(options_.rule, options_.self, said->who);
  if (!said->refused.empty() && !why) why = "it refuses: " + said->refused;
  if (!why && said->who.name != name) why = "it calls itself " + said->who.name.value.str();
  if (why) {
    if (said->refused.empty())
      for (auto& c : coming->lanes) // whichever of them it reads first
        if (c && !c->peer().empty()) turn_away(std::exchange(c, nullptr), *why);
    give_up(name, coming, *why);
    return note_refusal(name.value.str(), *why);
  }
  if (coming->theirs.boot != 0 && coming->theirs.boot != said->who.boot) return give_up(name, coming, "it restarts");
  coming->theirs = said->who;
  coming->lanes[l]->hold(); // what follows is for the session, once it is whole
  coming->gap.heard(said->clocks.sent, since_boot(), said->clocks.ours_ahead);
  say_welcome(*coming->lanes[l], {}, coming->gap.at_most());
  join_session(p, coming->lanes[l], static_cast<lane>(l));
}

bool tls_link::is_coming(const node_name& name, const session_ptr& s) const { return !stopping_ && peers_.at(name).coming == s; }

/// By value: what the caller holds may be the very pointer that is reset here.
void tls_link::give_up(const node_name& name, session_ptr coming, const std::string& why) { // NOLINT
  auto& p = peers_.at(name);
  if (p.coming != coming) return;
  p.coming = nullptr;
  coming->close();
  ++p.given_up;
  if (p.current) return;
  p.view.state = peer_state::connecting;
  p.view.problem = why;
  pause(p, p.coming_since); // an attempt that took its time was pause enough: the network may be back since
  publish();
}

/// A quarter of the pause is drawn, so that nodes that were cut off together do not come back together.
void tls_link::pause(peer& p, steady::time_point from) {
  const auto jitter = std::uniform_int_distribution<std::int64_t>{0, p.pause.count() / 4}(random_);
  p.dial_at = from + p.pause + nanoseconds{jitter};
  p.pause = std::min(2 * p.pause, options_.redial_after_max);
}

} // namespace troupe::cluster
