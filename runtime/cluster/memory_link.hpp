#pragma once
// The carrier for tests and simulation: all nodes in one process, virtual time, faults drawn from a seed. Equal seeds and
// equal calls give equal runs. Worse than TCP on purpose: beside cuts it may drop, delay, reorder and duplicate single frames. One
// thread drives it.

#include "runtime/cluster/admission.hpp"
#include "runtime/cluster/link.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>

namespace troupe::cluster {

struct network_faults {
  int drop_permille = 0;
  int duplicate_permille = 0;
  nanoseconds delay_min = std::chrono::microseconds{50};
  nanoseconds delay_max = std::chrono::microseconds{50};
  bool reorders = false; // else a lane keeps its order
  nanoseconds frame_time{};                                // each frame has its lane for itself that long; not when it reorders
  std::size_t queue_bytes_max = SIZE_MAX;                  // under way in one lane and direction
};

class memory_network {
public:
  explicit memory_network(std::uint64_t seed, nanoseconds beat = std::chrono::milliseconds{100},
                          nanoseconds dead_after = std::chrono::milliseconds{900})
      : random_{seed}, beat_{beat}, dead_after_{dead_after} {}

  /// A node's process starts; sessions with whoever can be reached come with the next beat. The network must outlive the link,
  /// `events` the node's stay.
  [[nodiscard]] std::unique_ptr<link> join(greeting self, admission rule, link_events& events);

  void set(network_faults f) noexcept { faults_ = f; }
  /// Whoever can be reached meets now and not with the next beat.
  void meet_now() { beat(); }
  /// Changes a frame on its way, when set.
  std::function<void(std::string& frame)> spoil;
  /// True for frames that are not taken, as if they were too large or the queue full; when set.
  std::function<bool(std::string_view frame)> refuses;
  /// Nothing passes from one to the other; within `dead_after` both have noticed.
  void cut(const node_name& from, const node_name& to) { cuts_.insert({from, to}); }
  void heal(const node_name& from, const node_name& to) { cuts_.erase({from, to}); }

  /// Of the next thing that happens by itself.
  [[nodiscard]] nanoseconds next_due() const;
  /// Everything due until then happens, in order.
  void advance_to(nanoseconds t);
  [[nodiscard]] nanoseconds now() const noexcept { return now_; }
  /// Frames that were lost on purpose.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

private:
  class member;
  struct flight {
    node_name from, to;
    std::uint64_t session = 0;
    troupe::lane lane = troupe::lane::control;
    std::string frame;
  };
  using pair = std::pair<node_name, node_name>; // ordered by name
  struct session {
    std::uint64_t number = 0;
    std::optional<nanoseconds> cut_since;
  };

  [[nodiscard]] bool send(const node_name& from, const node_name& to, lane l, std::string_view frame);
  [[nodiscard]] std::size_t waiting(const node_name& from, const node_name& to, lane l) const;
  void put(flight f);
  void leave(const node_name& name);
  void beat();
  void meet(const pair& who);
  void part(const pair& who, const std::string& why);
  void deliver(const flight& f);
  [[nodiscard]] bool is_cut(const pair& who) const { return cuts_.contains(who) || cuts_.contains({who.second, who.first}); }
  [[nodiscard]] bool happens(int permille) { return permille > 0 && std::uniform_int_distribution{0, 999}(random_) < permille; }

  std::mt19937_64 random_;
  const nanoseconds beat_, dead_after_;
  network_faults faults_;
  nanoseconds now_{};
  nanoseconds next_beat_{};
  std::uint64_t last_session_ = 0;
  std::uint64_t dropped_ = 0;
  std::map<node_name, member*> members_;
  std::map<pair, session> sessions_;
  std::map<pair, std::string> refused_;
  std::set<pair> cuts_; // (from, to)
  std::multimap<nanoseconds, flight> flights_; // equal times keep the order of sending
  std::map<std::pair<pair, lane>, nanoseconds> last_arrival_; // of each direction's lane
};

} // namespace troupe::cluster
