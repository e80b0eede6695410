#pragma once
// A whole desk of three nodes in one thread on virtual time, from a seed: links that lose, delay, repeat and reorder, disks that take their
// time, nodes that die at any step and come back on what was durable, clients at every edge. Equal seeds give equal runs.

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/until_done.hpp"
#include "runtime/cluster/memory_link.hpp"
#include "tests/nodes/desk/simulated_disk.hpp"
#include "tests/support/test.hpp"

#include <array>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

namespace troupe::test {

class simulated_cluster {
public:
  static constexpr std::size_t size = 3;

  explicit simulated_cluster(std::uint64_t seed, std::vector<std::string> sets = {});
  /// From now on a node that starts is linked with the others before its actors are there, and nothing on a link or at a disk takes time: as
  /// if all were one.
  void be_as_one();
  ~simulated_cluster();

  /// All nodes start with these from now on, in the place of the constructor's `sets`. Requires: none of them runs.
  void configure(std::vector<std::string> sets);
  void start(std::size_t i);
  /// As `start`, of a node that may refuse: then nothing of it runs. Errors: why.
  [[nodiscard]] result<void> try_start(std::size_t i);
  /// Its process is gone from one moment to the next.
  void kill(std::size_t i);
  /// Its slots' journal as it is now.
  [[nodiscard]] std::shared_ptr<journal::journal> backup(std::size_t i) const;
  /// Once it was killed: it starts again with this one, and an operator says that this is meant.
  void restore(std::size_t i, std::shared_ptr<journal::journal> older);
  /// It dies when it passes this one of `desk::all_crash_points()` for the n-th time from now; 0: it does not.
  void kill_at_point(std::size_t i, std::string_view point, std::uint64_t n);
  /// How many nodes died at each point.
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& deaths() const { return deaths_; }
  /// What all of them had decided and not synced when they died.
  [[nodiscard]] const disk_losses& losses() const { return losses_; }
  /// Its process gets no time, as one that is stopped or starved: what is sent to it waits, and nothing comes from it. Its sessions stay.
  void stand_still(std::size_t i, bool still) { nodes_[i].stands_still = still; }
  [[nodiscard]] static node_name name(std::size_t i) { return node_name{std::string(1, static_cast<char>('a' + i))}; }
  [[nodiscard]] bool is_alive(std::size_t i) const { return nodes_[i].desk != nullptr; }
  [[nodiscard]] desk::desk& node(std::size_t i) { return *nodes_[i].desk; }
  [[nodiscard]] cluster::memory_network& network() { return network_; }
  void cut(std::size_t from, std::size_t to) { network_.cut(name(from), name(to)); }
  void heal_all();

  void run(nanoseconds d);
  /// While they are held feeds show nothing, as at the start of a run until done.
  void hold_feeds(bool held) { feeds_held_ = held; }
  [[nodiscard]] bool have_feeds_ended() const;

  /// A client at node `i` places the order with this id; what it is told is remembered. Its body follows from the id.
  void place(std::size_t i, const std::string& client_id);
  /// An operator at node `i` wants the slot on node `to`.
  void move(std::size_t i, std::uint32_t slot, std::size_t to);
  /// Somebody at node `i` halts the account of the order with this id, whether it was placed already or not.
  void halt(std::size_t i, const std::string& client_id);
  /// What is open of accounts whose halt was answered, by the journals of the nodes that serve them; empty when all is well.
  [[nodiscard]] std::string open_under_halts() const;
  [[nodiscard]] std::size_t halts() const { return halted_.size(); }
  /// Orders that halts asked the venues to cancel, as the slots have it on record.
  [[nodiscard]] std::size_t withdrawn() const;
  /// Slots that came to a node by a move, over all nodes, as they have it on record.
  [[nodiscard]] std::size_t moves() const;
  /// Moves that nobody has ended; empty when all is well.
  [[nodiscard]] std::string unfinished_moves() const;
  /// Every slot has one node that serves it, and all agree which.
  [[nodiscard]] std::string strays() const;
  /// Asks again for every id whose outcome nobody knows.
  void ask_again();
  [[nodiscard]] const std::map<std::string, trading::order_id>& acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::size_t unknown() const { return unknown_.size(); }
  /// Every invariant over all journals, by the checker; the first violations, or empty.
  [[nodiscard]] std::string violations() const;
  /// Of all journals together.
  [[nodiscard]] std::string history_hash() const;
  /// Of all but the venues'.
  [[nodiscard]] std::string decisions_hash() const;
  struct hashes {
    std::string history, decisions;
  };
  /// Of the same configuration run until done on one node.
  [[nodiscard]] hashes on_one_node() const;
  [[nodiscard]] std::mt19937_64& random() { return random_; }

private:
  class client_actor;
  struct member {
    std::unique_ptr<desk::configuration> config;
    std::shared_ptr<journal::journal> journal, venues, books; // what was durable
    std::shared_ptr<bool> is_alive;                           // of the process that runs now, as what follows
    std::array<std::shared_ptr<simulated_disk>, 3> disks;     // of `journal`, `venues`, `books`
    std::unique_ptr<desk::desk> desk;
    caf::strong_actor_ptr client;
    bool stands_still = false;
    bool is_restored = false;
    std::string dies_at;       // a crash point
    std::uint64_t dies_in = 0; // passings of it from now; 0: never
  };
  struct asked {
    std::string client_id;
    std::size_t at = 0;
  };

  void pass(member& m, std::string_view point);
  void die(member& m);
  [[nodiscard]] std::shared_ptr<simulated_disk> disk_of(member& m, std::shared_ptr<journal::journal> durable, nanoseconds slowest);
  void settle();
  bool do_one(member& m);
  void step_to(nanoseconds t);
  [[nodiscard]] nanoseconds next_due() const;
  void bury_the_dead();
  void take_answers(member& m);

  std::mt19937_64 random_;
  std::mt19937_64 disk_random_;
  cluster::memory_network network_;
  std::array<member, size> nodes_;
  nanoseconds now_{};
  std::uint64_t lives_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> deaths_;
  disk_losses losses_;
  bool feeds_held_ = false;
  bool is_as_one_ = false;
  std::uint64_t asks_ = 0;
  std::map<std::uint64_t, std::string> asked_; // number of the question -> client id
  std::map<std::uint64_t, trading::account_id> halting_; // the same for halts
  std::set<trading::account_id> halted_;       // answered
  std::map<std::string, trading::order_id> acknowledged_;
  std::set<std::string> unknown_;
};

} // namespace troupe::test
