#pragma once
// The link of tls_link.hpp itself. Private to this folder (it includes Asio). All but open() and what `link` declares runs on the link's own thread.

#include "runtime/actor/clock.hpp"
#include "runtime/cluster/clock_gap.hpp"
#include "runtime/cluster/messages.hpp"
#include "runtime/cluster/tls_connection.hpp"
#include "runtime/cluster/tls_link.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace troupe::cluster {
namespace asio = boost::asio;
namespace ssl = asio::ssl;
using tcp = asio::ip::tcp;

class tls_link final : public link {
public:
  tls_link(tls_link_options options, link_events& events)
      : options_{std::move(options)}, events_{events}, acceptor_{io_}, timer_{io_},
        random_{options_.self.boot ^ std::hash<node_name>{}(options_.self.name)} {}
  ~tls_link() override;
  result<void> open();
  bool send(const node_name& to, lane l, std::string_view frame) override;
  std::size_t waiting(const node_name& to, lane l) const override;
  std::vector<peer_view> peers() const override;
  void show(link_tls renewed) override;

private:
  using steady = std::chrono::steady_clock;
  using connection_ptr = std::shared_ptr<tls_connection>;

  static nanoseconds now() { return std::chrono::duration_cast<nanoseconds>(steady::now().time_since_epoch()); }
  static nanoseconds since_boot() { return actor::wall_clock{}.boot().time_since_epoch(); }

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

  // -- start and end ----------------------------------------------------------------------------------------------------
  result<void> bind();
  void stop();

  // -- whoever comes ----------------------------------------------------------------------------------------------------
  void accept();
  void greet_stranger(const connection_ptr& c, const asio::ip::address& from);
  void make_room();
  void forget_stranger(const connection_ptr& c);
  void on_hello(const connection_ptr& c, frame_type t, std::string_view bytes);
  void on_answer(const node_name& name, const session_ptr& coming, std::size_t l, frame_type t, std::string_view bytes);
  static result<welcome> read_welcome(frame_type t, std::string_view bytes);
  void say_welcome(tls_connection& c, const std::string& refused, nanoseconds ours_ahead);
  void turn_away(const connection_ptr& c, const std::string& why);
  [[nodiscard]] bool is_up_elsewhere(const greeting& who) const;
  [[nodiscard]] static nanoseconds silence_of(const peer& p);
  [[nodiscard]] bool dials_us(const node_name& name) const;
  [[nodiscard]] bool we_dial(const node_name& name) const;
  void note_refusal(const std::string& name, const std::string& why);

  // -- dialing ----------------------------------------------------------------------------------------------------------
  void dial(const node_name& name, peer& p);
  void connect(const node_name& name, const session_ptr& coming, std::size_t l, const std::vector<tcp::endpoint>& where);
  void say_hello(const node_name& name, const session_ptr& coming, std::size_t l, const connection_ptr& c);
  void on_welcome(const node_name& name, const session_ptr& coming, std::size_t l, frame_type t, std::string_view bytes);
  [[nodiscard]] bool is_coming(const node_name& name, const session_ptr& s) const;
  void give_up(const node_name& name, session_ptr coming, const std::string& why);
  void pause(peer& p, steady::time_point from);

  // -- sessions ---------------------------------------------------------------------------------------------------------
  void join_session(peer& p, const connection_ptr& c, lane l);
  [[nodiscard]] bool listen(const node_name& name, const session_ptr& s, std::size_t l);
  void on_frame(const node_name& name, const session_ptr& s, std::size_t l, frame_type t, std::string_view bytes);
  void beat_to(session& s);
  void lose(const node_name& name, session_ptr s, const std::string& why);
  void end_session(peer& p, const std::string& why);

  // -- time -------------------------------------------------------------------------------------------------------------
  void look_after_peers();
  void look_after(const node_name& name, peer& p);
  void publish();

  const tls_link_options options_;
  link_events& events_;
  asio::io_context io_{1};
  host_lookup lookup_{io_, options_.resolve};
  link_tls tls_; // of connections to come
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

} // namespace troupe::cluster
