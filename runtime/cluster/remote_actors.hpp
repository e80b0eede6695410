#pragma once
// Location transparency: a proxy stands on this node for an actor on another one. It takes a message in the sender's
// thread, puts it into an envelope and hands it to the link; on the other side the message goes to whoever has that name there,
// with a sender that takes the answers back. While the peer is down, and for what was under way when it went down, whoever asked
// gets `unanswered` at once, as from an actor that restarts; so does whoever asked what the other side could not read or whose answer
// could not leave, and, after a long time, whoever asked what nobody answers. Put a proxy behind a name of the directory, and nobody
// has to know. Peers are trusted with our protocols and nothing else: messages of CAF itself (exit, down and the like) do not pass.
// Thread-safe.

#include "runtime/actor/directory.hpp"
#include "runtime/actor/hybrid_clock.hpp"
#include "runtime/cluster/bulk_queue.hpp"
#include "runtime/cluster/envelope.hpp"
#include "runtime/cluster/link.hpp"

#include <caf/actor_clock.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <map>
#include <optional>
#include <unordered_map>

namespace troupe::cluster {

struct remote_statistics {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t bounced = 0;   // the peer was down or its queue full
  std::uint64_t unreadable = 0; // frames that held no message we know
  std::uint64_t pending = 0;   // asked and not answered yet
};

class remote_actors final : public link_events {
public:
  /// `boot` is the process's, as in its greeting: answers to another life of this node find nobody. `clock`, when there is one, travels
  /// with every message, so that nothing here is later than what it led to there.
  remote_actors(caf::actor_system& system, actor::directory& names, std::uint64_t boot, actor::hybrid_clock* clock = nullptr);
  ~remote_actors() override { clear(); }

  /// Told on the link's thread: of an up behind our own work, of a down before anybody learns that there is no answer.
  std::function<void(const greeting&)> on_up;
  std::function<void(const node_name&, const std::string& why)> on_down;

  /// The lasting stand-in for `name` on `node`; never null.
  [[nodiscard]] caf::strong_actor_ptr proxy(const node_name& node, const actor_name& name);
  [[nodiscard]] remote_statistics stats() const;
  /// Retires every stand-in, also those asked for later, and waits for messages that are just passing; the system and the link must not
  /// end before.
  void clear();

  void opened(link& carrier) override { link_ = &carrier; }
  void up(const greeting& peer) override;
  void down(const node_name& peer, const std::string& why) override;
  void received(const node_name& from, lane l, std::string_view frame, nanoseconds ours_ahead) override;
  void written(const node_name& to, lane l) override;

private:
  /// Stand-ins may be held by anybody for as long as they like; what they pass messages to may not.
  struct gate {
    std::atomic<bool> is_closed{false};
    std::atomic<int> passing{0};
  };
  class stand_in;
  class called;
  class asker;
  struct known_asker {
    std::uint64_t number = 0;
    caf::weak_actor_ptr who;
  };
  struct question {
    std::uint64_t address = 0;
    std::uint64_t request = 0;
    friend bool operator==(const question&, const question&) = default;
  };
  struct question_hash {
    std::size_t operator()(const question& q) const noexcept { return std::hash<std::uint64_t>{}(q.address * 0x9e3779b97f4a7c15 ^ q.request); }
  };
  /// What belongs to one session of a peer.
  struct known_peer {
    std::unordered_map<std::uint64_t, caf::weak_actor_ptr> askers; // by address: who asks us from there
    std::size_t askers_checked_at = 1024;
    std::unordered_map<question, caf::actor_clock::time_point, question_hash> open; // asked there by us, not answered; when
    std::array<std::optional<envelope>, lane_count> begun;           // of which pieces are still to come
  };

  void call(const node_name& node, const actor_name& name, caf::mailbox_element& what);
  void answer(const node_name& node, std::uint64_t number, caf::mailbox_element& what);
  void tell_unanswered(const node_name& node, envelope e);
  [[nodiscard]] bool send(const node_name& node, const caf::mailbox_element& what, envelope e);
  [[nodiscard]] bool post(link& carrier, const node_name& node, lane l, envelope e);
  void push_bulk(link& carrier, const node_name& node);
  [[nodiscard]] std::optional<envelope> whole(const node_name& from, lane l, envelope e);
  void refuse(const node_name& from, const envelope& e);
  [[nodiscard]] bool close_question(const node_name& from, const envelope& e);
  std::uint64_t address_of(const caf::strong_actor_ptr& sender);
  [[nodiscard]] caf::strong_actor_ptr at_address(std::uint64_t number) const;
  [[nodiscard]] caf::strong_actor_ptr asker_at(const node_name& from, std::uint64_t number);
  void deliver_call(const node_name& from, lane l, const envelope& e, caf::message content);
  void deliver_answer(const node_name& from, lane l, const envelope& e, caf::message content);
  void forget_addresses();
  void give_up_old_questions();
  template <class Kind, class... Args>
  [[nodiscard]] caf::strong_actor_ptr make(Args&&... args);

  caf::actor_system& system_;
  actor::directory& names_;
  actor::hybrid_clock* const clock_;
  std::atomic<link*> link_{nullptr};
  std::shared_ptr<gate> gate_ = std::make_shared<gate>();

  bulk_queue bulk_;
  mutable std::mutex mutex_;
  std::map<node_name, std::map<actor_name, caf::strong_actor_ptr>> proxies_;
  std::map<node_name, known_peer> peers_;
  std::unordered_map<caf::actor_id, known_asker> addresses_; // of our actors that asked others
  std::unordered_map<std::uint64_t, caf::weak_actor_ptr> by_number_;
  std::uint64_t last_address_ = 0;
  std::size_t addresses_checked_at_ = 1024;
  std::atomic<caf::actor_clock::time_point> look_at_questions_at_{};
  std::atomic<std::uint64_t> sent_{0}, received_{0}, bounced_{0}, unreadable_{0};
};

} // namespace troupe::cluster
