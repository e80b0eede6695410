#include "runtime/cluster/tls_link.hpp"

#include "runtime/actor/clock.hpp"
#include "runtime/cluster/certificate.hpp"
#include "runtime/cluster/clock_gap.hpp"
#include "runtime/cluster/common_name.hpp"
#include "runtime/cluster/messages.hpp"
#include "runtime/cluster/tls_connection.hpp"
#include "runtime/wire/foreign_clock.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <openssl/ssl.h>

#include <algorithm>
#include <deque>
#include <random>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sys/stat.h>

namespace troupe::cluster {
namespace asio = boost::asio;
namespace ssl = asio::ssl;
using tcp = asio::ip::tcp;

namespace {

using steady = std::chrono::steady_clock;
using connection_ptr = std::shared_ptr<tls_connection>;

nanoseconds now() { return std::chrono::duration_cast<nanoseconds>(steady::now().time_since_epoch()); }
nanoseconds since_boot() { return actor::wall_clock{}.boot().time_since_epoch(); }

/// All lanes to one life of a peer.
struct session {
  std::uint64_t number = 0;
  greeting theirs;
  std::array<connection_ptr, lane_count> lanes;
  std::array<bool, lane_count> greeted{};
  bool is_looked_up = false;                            // its host is, before it is dialed
  std::vector<std::shared_ptr<tcp::socket>> connecting;
  steady::time_point up_since{};
  clock_gap gap;
  [[nodiscard]] bool is_whole() const { return std::ranges::all_of(greeted, [](bool b) { return b; }); }
  void close() {
    boost::system::error_code ignored;
    for (auto& socket : connecting) socket->close(ignored);
    for (auto& c : lanes)
      if (c) c->close();
  }
};
using session_ptr = std::shared_ptr<session>;

/// A connection that has not greeted yet.
struct stranger {
  connection_ptr connection;
  asio::ip::address from;
};

struct peer {
  tls_address address;
  session_ptr current; // up
  session_ptr coming;  // not all lanes yet
  std::vector<detector> beats;  // of each lane: one of them may be cut off alone
  peer_view view;
  std::string refused_for;      // as logged last
  nanoseconds pause{};          // before the next dial
  steady::time_point dial_at{}; // not before
  steady::time_point coming_since{};
  std::size_t given_up = 0;     // attempts to get it up
};

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

class tls_link final : public link {
public:
  tls_link(tls_link_options options, link_events& events)
      : options_{std::move(options)}, events_{events}, tls_{ssl::context::tlsv13}, acceptor_{io_}, timer_{io_},
        random_{options_.self.boot ^ std::hash<node_name>{}(options_.self.name)} {}

  ~tls_link() override {
    asio::post(io_, [this] { stop(); });
    if (thread_.joinable()) thread_.join();
  }

  result<void> open() {
    if (auto loaded = load_certificates(); !loaded) return loaded.error();
    if (auto bound = bind(); !bound) return bound.error();
    for (const auto& [name, address] : options_.peers) {
      auto& p = peers_[name];
      p.address = address;
      p.view.name = name;
      p.pause = options_.redial_after;
    }
    accept();
    look_after_peers();
    publish();
    events_.opened(*this);
    thread_ = std::thread{[this] { io_.run(); }};
    ::pthread_setname_np(thread_.native_handle(), "link");
    return {};
  }

  bool send(const node_name& to, lane l, std::string_view frame) override {
    connection_ptr c;
    {
      std::lock_guard guard{mutex_};
      const auto at = routes_.find(to);
      if (at == routes_.end()) return false;
      c = at->second[static_cast<std::size_t>(l)];
    }
    return c->offer(frame_type::payload, frame);
  }

  std::size_t waiting(const node_name& to, lane l) const override {
    std::lock_guard guard{mutex_};
    const auto at = routes_.find(to);
    return at == routes_.end() ? 0 : at->second[static_cast<std::size_t>(l)]->waiting();
  }

  std::vector<peer_view> peers() const override {
    std::lock_guard guard{mutex_};
    return views_;
  }

private:
  // -- start and end ----------------------------------------------------------------------------------------------------

  result<void> load_certificates() {
    const auto load = [](const char* what, const std::filesystem::path& file, auto&& f) -> result<void> {
      boost::system::error_code failed;
      f(failed);
      if (failed) return fail(errc::invalid_argument, std::string{"the cluster's "} + what + " in " + file.string() + ": " + failed.message());
      return {};
    };
    tls_.set_options(ssl::context::default_workarounds | ssl::context::no_compression);
    tls_.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    SSL_CTX_set_num_tickets(tls_.native_handle(), 0); // every session shows its certificate
    SSL_CTX_set_session_cache_mode(tls_.native_handle(), SSL_SESS_CACHE_OFF);
    // Both usages are in every certificate: the end that dials is checked as strictly as the one that listens.
    auto done = load("authority", options_.authority, [&](auto& e) { tls_.load_verify_file(options_.authority.string(), e); });
    if (done) done = load("certificate", options_.certificate, [&](auto& e) { tls_.use_certificate_chain_file(options_.certificate.string(), e); });
    struct stat about {};
    if (done && ::stat(options_.key.c_str(), &about) == 0 && (about.st_mode & 07) != 0)
      return fail(errc::forbidden, "the cluster's key in " + options_.key.string() + " can be read by others: chmod 600 it");
    if (done) done = load("key", options_.key, [&](auto& e) { tls_.use_private_key_file(options_.key.string(), ssl::context::pem, e); });
    if (!done) return done;
    const auto name = common_name(X509_get_subject_name(SSL_CTX_get0_certificate(tls_.native_handle())));
    if (options_.self.name.value.view() != name)
      return fail(errc::invalid_argument, "the certificate in " + options_.certificate.string() + " is for node " + name + ", and this one is " +
                                            options_.self.name.value.str());
    return {};
  }

  result<void> bind() {
    boost::system::error_code failed;
    const auto address = asio::ip::make_address(options_.listen.host, failed);
    if (failed) return fail(errc::invalid_argument, "the cluster listens on an address of this host, and \"" + options_.listen.host + "\" is none");
    const tcp::endpoint endpoint{address, options_.listen.port};
    acceptor_.open(endpoint.protocol(), failed);
    if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address{true}, failed);
    if (!failed) acceptor_.bind(endpoint, failed);
    if (!failed) acceptor_.listen(128, failed);
    if (failed)
      return fail(errc::unavailable, "the cluster's port " + options_.listen.host + ":" + std::to_string(options_.listen.port) + ": " + failed.message());
    return {};
  }

  void stop() {
    stopping_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
    for (auto& s : strangers_) s.connection->close();
    for (auto& [name, p] : peers_) {
      if (p.coming) p.coming->close();
      end_session(p, "this node stops");
    }
    io_.stop();
  }

  // -- whoever comes ----------------------------------------------------------------------------------------------------

  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& failed, tcp::socket socket) {
      if (stopping_) return;
      if (failed) { // out of descriptors, mostly: not at once again
        auto pause = std::make_shared<asio::steady_timer>(io_, std::chrono::milliseconds{50});
        return pause->async_wait([this, pause](const auto&) { accept(); });
      }
      boost::system::error_code is_gone;
      const auto from = socket.remote_endpoint(is_gone);
      greet_stranger(std::make_shared<tls_connection>(std::move(socket), tls_, tls_connection::role::accepts), from.address());
      accept();
    });
  }

  void greet_stranger(const connection_ptr& c, const asio::ip::address& from) {
    if (strangers_.size() >= options_.strangers_max) make_room();
    strangers_.push_back({c, from});
    std::weak_ptr<tls_connection> weak = c;
    c->start({[] {}, [this, weak](frame_type t, std::string_view bytes) { on_hello(weak.lock(), t, bytes); },
              [this, weak](const std::string&) { forget_stranger(weak.lock()); }});
  }

  /// The oldest of the address that has the most goes: whoever floods the port pushes out himself, and not a member whose handshake takes longer.
  void make_room() {
    std::map<asio::ip::address, std::size_t> counts;
    for (const auto& s : strangers_) ++counts[s.from];
    const auto most = std::ranges::max_element(counts, {}, [](const auto& n) { return n.second; });
    const auto goes = std::ranges::find(strangers_, most->first, &stranger::from);
    goes->connection->close();
    strangers_.erase(goes);
  }

  void forget_stranger(const connection_ptr& c) {
    std::erase_if(strangers_, [&](const stranger& s) { return s.connection == c; });
  }

  void on_hello(const connection_ptr& c, frame_type t, std::string_view bytes) {
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
  void on_answer(const node_name& name, const session_ptr& coming, std::size_t l, frame_type t, std::string_view bytes) {
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

  static result<welcome> read_welcome(frame_type t, std::string_view bytes) {
    auto said = t == frame_type::welcome ? wire::decode<welcome>(bytes) : result<welcome>{fail(errc::malformed, "")};
    if (!said) return fail(errc::malformed, "its greeting cannot be read: another version of the link");
    return said;
  }

  void say_welcome(tls_connection& c, const std::string& refused, nanoseconds ours_ahead) {
    std::string bytes;
    wire::encode(welcome{options_.self, refused, {since_boot(), ours_ahead}}, bytes);
    (void)c.offer(frame_type::welcome, bytes);
  }

  /// The other end is told why, and what it says is heard no more.
  void turn_away(const connection_ptr& c, const std::string& why) {
    c->hold();
    say_welcome(*c, why, clock_gap::unknown);
    auto linger = std::make_shared<asio::steady_timer>(io_, std::chrono::milliseconds{200}); // until the answer has left
    linger->async_wait([linger, c](const auto&) { c->close(); });
  }

  /// One that was heard just now lives: whoever calls itself the same is not its next life.
  [[nodiscard]] bool is_up_elsewhere(const greeting& who) const {
    const auto& p = peers_.at(who.name);
    return p.current && p.current->theirs.boot != who.boot && silence_of(p) < options_.beats.suspect_after;
  }
  [[nodiscard]] static nanoseconds silence_of(const peer& p) {
    nanoseconds most{};
    for (const auto& b : p.beats) most = std::max(most, b.silent(now()));
    return most;
  }

  [[nodiscard]] bool dials_us(const node_name& name) const { return peers_.contains(name) && !we_dial(name); }
  [[nodiscard]] bool we_dial(const node_name& name) const {
    return options_.dials == dialing::smaller_name ? options_.self.name < name : options_.dials == dialing::always;
  }

  /// Only about members: what a stranger claims is nothing to show.
  void note_refusal(const std::string& name, const std::string& why) {
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

  // -- dialing ----------------------------------------------------------------------------------------------------------

  void dial(const node_name& name, peer& p) {
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

  void connect(const node_name& name, const session_ptr& coming, std::size_t l, const std::vector<tcp::endpoint>& where) {
    auto socket = std::make_shared<tcp::socket>(io_);
    coming->connecting.push_back(socket);
    asio::async_connect(*socket, where, [this, name, coming, l, socket](const boost::system::error_code& failed, const tcp::endpoint&) {
      std::erase(coming->connecting, socket);
      if (!is_coming(name, coming)) return;
      if (failed) return give_up(name, coming, "connecting: " + failed.message());
      auto c = std::make_shared<tls_connection>(std::move(*socket), tls_, tls_connection::role::dials);
      coming->lanes[l] = c;
      std::weak_ptr<tls_connection> weak = c;
      c->start({[this, name, coming, l, weak] { say_hello(name, coming, l, weak.lock()); },
                [this, name, coming, l](frame_type t, std::string_view bytes) { on_welcome(name, coming, l, t, bytes); },
                [this, name, coming](const std::string& why) { give_up(name, coming, why); }});
    });
  }

  void say_hello(const node_name& name, const session_ptr& coming, std::size_t l, const connection_ptr& c) {
    if (c->peer() != name.value.view()) return give_up(name, coming, "its certificate is for " + c->peer());
    std::string bytes;
    wire::encode(hello{options_.self, static_cast<lane>(l), coming->number, {since_boot(), clock_gap::unknown}}, bytes);
    (void)c->offer(frame_type::hello, bytes);
  }

  void on_welcome(const node_name& name, const session_ptr& coming, std::size_t l, frame_type t, std::string_view bytes) {
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

  [[nodiscard]] bool is_coming(const node_name& name, const session_ptr& s) const { return !stopping_ && peers_.at(name).coming == s; }

  /// By value: what the caller holds may be the very pointer that is reset here.
  void give_up(const node_name& name, session_ptr coming, const std::string& why) { // NOLINT
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
  void pause(peer& p, steady::time_point from) {
    const auto jitter = std::uniform_int_distribution<std::int64_t>{0, p.pause.count() / 4}(random_);
    p.dial_at = from + p.pause + nanoseconds{jitter};
    p.pause = std::min(2 * p.pause, options_.redial_after_max);
  }

  // -- sessions ---------------------------------------------------------------------------------------------------------

  void join_session(peer& p, const connection_ptr& c, lane l) {
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

  [[nodiscard]] bool listen(const node_name& name, const session_ptr& s, std::size_t l) {
    return s->lanes[l]->take_over({[] {},
                            [this, name, s, l](frame_type t, std::string_view bytes) { on_frame(name, s, l, t, bytes); },
                            [this, name, s](const std::string& why) { lose(name, s, why); },
                            [this, name, s, l] { if (peers_.at(name).current == s) events_.written(name, static_cast<lane>(l)); }},
                           options_.queue_bytes_max[l]);
  }

  void on_frame(const node_name& name, const session_ptr& s, std::size_t l, frame_type t, std::string_view bytes) {
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

  void beat_to(session& s) {
    std::string bytes;
    wire::encode(beat{since_boot(), s.gap.at_most()}, bytes);
    for (const auto& c : s.lanes) (void)c->offer(frame_type::beat, bytes);
  }

  void lose(const node_name& name, session_ptr s, const std::string& why) { // NOLINT: as give_up
    auto& p = peers_.at(name);
    if (p.current != s) return;
    p.view.state = peer_state::connecting;
    p.view.problem = why;
    publish(); // whoever hears of the end asks for it
    end_session(p, why);
    pause(p, steady::now());
  }

  void end_session(peer& p, const std::string& why) {
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

  // -- time -------------------------------------------------------------------------------------------------------------

  void look_after_peers() {
    timer_.expires_after(options_.beats.beat_every);
    timer_.async_wait([this](const boost::system::error_code& failed) {
      if (failed || stopping_) return;
      const auto late = steady::now() - options_.greet_within;
      while (!strangers_.empty() && strangers_.front().connection->opened_at() < late) {
        strangers_.front().connection->close();
        strangers_.pop_front();
      }
      for (auto& [name, p] : peers_) look_after(name, p);
      publish();
      look_after_peers();
    });
  }

  void look_after(const node_name& name, peer& p) {
    if (p.coming && p.coming_since + options_.greet_within < steady::now())
      give_up(name, p.coming, p.coming->is_looked_up ? "its host name: no answer within the time-out" : "no greeting within the time-out");
    if (!p.current) {
      if (!p.coming && we_dial(name) && p.dial_at <= steady::now()) dial(name, p);
      return;
    }
    beat_to(*p.current);
    auto alive = liveness::alive;
    for (auto& lane : p.beats) alive = std::max(alive, lane.look(now()));
    if (steady::now() - p.current->up_since > options_.beats.dead_after) p.pause = options_.redial_after; // it lasts
    p.view.state = alive == liveness::alive ? peer_state::up : peer_state::suspect;
    p.view.silent = silence_of(p);
    p.view.round_trip = p.current->gap.round_trip();
    if (alive == liveness::dead)
      lose(name, p.current, "not heard for " + std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(p.view.silent).count()) + " ms");
  }

  void publish() {
    std::vector<peer_view> all;
    for (auto& [name, p] : peers_) {
      if (!p.current) p.view.silent = p.view.round_trip = {};
      all.push_back(p.view);
    }
    std::lock_guard guard{mutex_};
    views_ = std::move(all);
  }

  const tls_link_options options_;
  link_events& events_;
  asio::io_context io_{1};
  host_lookup lookup_{io_, options_.resolve};
  ssl::context tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  std::mt19937_64 random_;
  std::map<node_name, peer> peers_;
  std::deque<stranger> strangers_; // oldest first
  std::uint64_t last_session_ = 0;
  bool stopping_ = false;
  std::thread thread_;

  mutable std::mutex mutex_; // what other threads see
  std::map<node_name, std::array<connection_ptr, lane_count>> routes_;
  std::vector<peer_view> views_;
};

} // namespace

void use_certificates_of(tls_link_options& o, const node_name& name, const std::filesystem::path& folder) {
  o.authority = folder / authority_certificate_name;
  o.certificate = folder / (name.value.str() + ".crt");
  o.key = folder / (name.value.str() + ".key");
}

result<std::unique_ptr<link>> open_tls_link(tls_link_options options, link_events& events) {
  auto made = std::make_unique<tls_link>(std::move(options), events);
  if (auto opened = made->open(); !opened) return opened.error();
  return std::unique_ptr<link>{std::move(made)};
}

} // namespace troupe::cluster
