#pragma once
// Publishes channels of keyed values to WebSocket clients: a snapshot, then every later change, numbered so that a
// client can prove it missed nothing. Publishing is for any thread; everything else runs on the edge's thread.
// Shared by the node and the routes that serve it; one hub belongs to one server.

#include "runtime/core/hash.hpp"
#include "runtime/edge/lazy_json.hpp"
#include "runtime/edge/metrics.hpp"
#include "runtime/edge/route.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace troupe::edge {

class subscriber;

/// What a channel held when its last change had `sequence`. `data` is JSON.
struct snapshot {
  std::uint64_t sequence = 0;
  std::string data = "[]";
  bool is_incomplete = false; // values that hold are not in it, for there are more than the channel retains
};

/// What the owner of a channel answers a subscription with, once, from any thread.
class snapshot_answer {
public:
  template <std::invocable<snapshot> F>
    requires(!std::same_as<F, snapshot_answer>)
  snapshot_answer(F say) : say_{std::move(say)} {} // NOLINT: implicit, so that calls read well
  snapshot_answer(std::function<void(snapshot)> say, std::weak_ptr<const void> subscription)
    : say_{std::move(say)}, subscription_{std::move(subscription)}, may_end_{true} {}

  void operator()(snapshot s) const { say_(std::move(s)); }
  /// False when the client has left or subscribed anew: nobody reads this answer any more.
  [[nodiscard]] bool is_wanted() const noexcept { return !may_end_ || !subscription_.expired(); }

private:
  std::function<void(snapshot)> say_;
  std::weak_ptr<const void> subscription_;
  bool may_end_ = false;
};

struct channel_options {
  /// A slow client gets only the newest pending change of each key; otherwise it gets all of them or is cut off.
  bool conflate = false;
  /// How many keys the hub retains for snapshots; above it the key changed longest ago is forgotten, which a snapshot says.
  std::size_t keys_max = 10'000;
  /// Unless none but the newest values are meant: what happened is not what holds.
  bool newest_only = false;
  /// Instead of the retained values: asks the owner of the channel, who answers from any thread with what it holds
  /// and the sequence that its last `publish` returned. `key` is empty when the client wants every key.
  std::function<void(const std::string& key, snapshot_answer answer)> provider;
  /// The provider knows single keys only: a subscription names exactly one.
  bool one_key = false;
  /// How a key that a client names is spelt where it is published. Its error names a key that can never come, and refuses it. Without: any may come.
  std::function<result<std::string>(std::string_view)> key_of;
};

struct hub_options {
  std::size_t subscribers_max = 256;
  std::size_t message_bytes = 16 * 1024;        // of a client's command; longer closes with 1009
  std::size_t keys_per_subscription = 256;
  std::size_t queue_messages = 4096;            // waiting for one client; more cuts it off with 1013
  std::size_t queue_bytes = 4 * 1024 * 1024;    // the same in bytes of JSON; snapshots, of which each channel has one at most, are beside it
  std::size_t inbox_messages = 65'536;          // published and not yet taken by the edge's thread
  std::chrono::milliseconds idle_time{30'000};  // without any frame, pings included, the connection closes
  std::chrono::milliseconds close_time{1'000};  // for the closing handshake, then the socket is closed
};

struct hub_metrics {
  counter subscribers{0}; // gauge
  counter published{0};
  counter sent{0};
  counter conflated{0};
  counter cut_off{0}; // slow clients
  counter refused{0}; // above subscribers_max
};

class stream_hub : public std::enable_shared_from_this<stream_hub> {
public:
  explicit stream_hub(hub_options options = {});

  /// Declares a channel. Before the server starts; the name is new.
  void declare(const std::string& name, channel_options options);

  /// Any thread: sends `data` as the newest value of `key`, retains it, and returns its sequence in the channel
  /// (1, 2, 3, ...). Requires: the channel is declared.
  std::uint64_t publish(std::string_view channel, std::string_view key, lazy_json data);
  /// The same, and forgets the key: later snapshots do not show it.
  std::uint64_t publish_last(std::string_view channel, std::string_view key, lazy_json data);

  /// Any thread: a message beside the values, without a sequence: to every client of the channel, whatever its keys, and when it `lasts` to those who come later
  /// too, behind their snapshot, until another one is told. Nothing is told twice in a row, and no end of what nobody was told. Bare clients get none.
  /// Requires: the channel is declared, without a provider.
  void tell(std::string_view channel, std::string message, bool lasts);

  /// Any thread: the keys whose newest values the channel retains. Requires: the channel is declared, without a provider.
  [[nodiscard]] std::vector<std::string> keys(std::string_view channel);

  /// A route where clients choose: {"op":"subscribe","channels":[...],"keys":[...]}, "unsubscribe", "ping".
  void serve(route_table& table, const std::string& surface, const std::string& path, const std::string& summary);
  /// A route that is subscribed to one channel on arrival, to the key in the path's part `{key_part}`; when the channel refuses it, the
  /// connection is closed with 1008 and the error. `bare`: only the data of each value, without type and sequence.
  void serve_channel(route_table& table, const std::string& surface, const std::string& path,
                     const std::string& summary, const std::string& channel, const std::string& key_part, bool bare);

  /// Closes, with 1008, every WebSocket that was let in by a key for which `counts` is false. The edge's thread.
  void close_without_key(const std::function<bool(const sha256_digest& key)>& counts);

  [[nodiscard]] const hub_metrics& metrics() const noexcept { return metrics_; }

private:
  friend class subscriber;

  struct change {
    std::size_t channel = 0;
    std::uint64_t sequence = 0;
    std::string key;
    lazy_json data;
    bool is_told = false; // a message of `tell`; these have a sequence of their own
  };
  using change_ptr = std::shared_ptr<const change>;
  struct retained {
    std::list<change_ptr> by_age;
    std::unordered_map<std::string_view, std::list<change_ptr>::iterator> by_key; // views into by_age
  };
  struct channel_state {
    std::string name;
    channel_options options;
    // Under the mutex.
    std::uint64_t sequence = 0;
    retained values;
    std::unordered_set<std::string> forgotten; // keys that were retained and have not changed since; at most forgotten_max, then more_forgotten
    bool more_forgotten = false;
    std::size_t listeners = 0;
    std::uint64_t told = 0; // messages of `tell`
    change_ptr lasting;     // the last of them, while it holds
    bool lost = false; // a change did not fit into the inbox: whoever listens is cut off
    // The edge's thread.
    std::vector<subscriber*> subscribers;
  };
  struct preset {
    std::string channel;
    std::string key_part;
    bool bare = false;
  };

  /// Under the mutex: makes `one` the newest value of its key, or the key one that has none.
  static void retain(channel_state& c, const change_ptr& one, bool last);
  /// Under the mutex.
  [[nodiscard]] static bool has_forgotten(const channel_state& c, const std::set<std::string, std::less<>>& keys);
  std::uint64_t put(std::string_view channel, std::string_view key, lazy_json data, bool last);
  /// Under the mutex.
  void deliver(channel_state& c, change_ptr one);
  [[nodiscard]] std::size_t index_of(const channel_state& c) const noexcept;
  void add_route(route_table& table, const std::string& surface, const std::string& path, const std::string& summary,
                 preset first);
  void arrive(websocket_upgrade&& upgrade, const preset& first);
  void leave(subscriber& s);
  void close_all(bool at_once);
  void drain();
  [[nodiscard]] channel_state* find(std::string_view name) noexcept;
  /// As it is published. Errors: those of the channel's key_of.
  [[nodiscard]] static result<std::string> key_in(const channel_state& c, std::string_view key);
  /// Registers and returns what the channel holds at that very moment, so that the next change delivered is its
  /// successor. With a provider only the sequence counts.
  [[nodiscard]] snapshot join(channel_state& c, subscriber& s, const std::set<std::string, std::less<>>& keys);
  /// What holds of the channel; of what was told a client has seen everything up to `upto` then.
  [[nodiscard]] change_ptr lasting(const channel_state& c, std::uint64_t& upto);
  void quit(channel_state& c, subscriber& s);

  const hub_options options_;
  hub_metrics metrics_;
  std::vector<std::unique_ptr<channel_state>> channels_;
  std::mutex mutex_;
  std::vector<change_ptr> inbox_;              // under the mutex
  std::function<void(std::function<void()>)> post_; // under the mutex; set when the first client arrives
  std::vector<std::shared_ptr<subscriber>> subscribers_;
};

} // namespace troupe::edge
