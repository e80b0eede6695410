#include "runtime/cluster/tls_link.hpp"

#include "runtime/cluster/tls_link_class.hpp"

#include <boost/asio/post.hpp>

#include <pthread.h>

namespace troupe::cluster {

tls_link::~tls_link() {
  asio::post(io_, [this] { stop(); });
  if (thread_.joinable()) thread_.join();
}

result<void> tls_link::open() {
  auto shown = make_link_tls(options_.self.name, options_.files);
  if (!shown) return shown.error();
  tls_ = std::move(*shown);
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

bool tls_link::send(const node_name& to, lane l, std::string_view frame) {
  connection_ptr c;
  {
    std::lock_guard guard{mutex_};
    const auto at = routes_.find(to);
    if (at == routes_.end()) return false;
    c = at->second[static_cast<std::size_t>(l)];
  }
  return c->offer(frame_type::payload, frame);
}

std::size_t tls_link::waiting(const node_name& to, lane l) const {
  std::lock_guard guard{mutex_};
  const auto at = routes_.find(to);
  return at == routes_.end() ? 0 : at->second[static_cast<std::size_t>(l)]->waiting();
}

std::vector<peer_view> tls_link::peers() const {
  std::lock_guard guard{mutex_};
  return views_;
}

void tls_link::show(link_tls renewed) {
  asio::post(io_, [this, next = std::move(renewed)]() mutable { tls_ = std::move(next); });
}

result<void> tls_link::bind() {
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

void tls_link::stop() {
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

void tls_link::look_after_peers() {
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

void tls_link::look_after(const node_name& name, peer& p) {
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

void tls_link::publish() {
  std::vector<peer_view> all;
  for (auto& [name, p] : peers_) {
    if (!p.current) p.view.silent = p.view.round_trip = {};
    all.push_back(p.view);
  }
  std::lock_guard guard{mutex_};
  views_ = std::move(all);
}

result<std::unique_ptr<link>> open_tls_link(tls_link_options options, link_events& events) {
  auto made = std::make_unique<tls_link>(std::move(options), events);
  if (auto opened = made->open(); !opened) return opened.error();
  return std::unique_ptr<link>{std::move(made)};
}

} // namespace troupe::cluster
