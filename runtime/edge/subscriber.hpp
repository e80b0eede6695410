#pragma once
// Internal: one WebSocket client of a stream_hub with its subscriptions and its bounded queue. Lives on the edge's
// thread, kept by the hub and by its own pending operations.

#include "runtime/edge/core.hpp"
#include "runtime/edge/stream_hub.hpp"
#include "runtime/wire/json_value.hpp"

#include <boost/beast/websocket/stream.hpp>

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::edge {

class subscriber : public std::enable_shared_from_this<subscriber> {
public:
  subscriber(stream_hub& hub, websocket_upgrade&& upgrade);

  /// Shakes hands; with a channel, subscribes to it (all keys when `key` is empty).
  void start(const std::string& channel, const std::string& key, bool bare);
  /// Shakes hands only to close, at most 123 bytes of `why` with it.
  void refuse(boost::beast::websocket::close_code code, std::string why);
  /// Takes a change of a channel this client subscribed to.
  void offer(const stream_hub::change_ptr& change);
  /// Closes with 1013 because this client cannot keep up.
  void cut_off(std::string_view why);
  /// The key that let it in; nothing: it needs none.
  [[nodiscard]] const std::optional<sha256_digest>& key() const noexcept { return key_; }
  /// Closes with 1008: that key counts no more.
  void lose_key();
  /// Closes with 1001: the node stops.
  void say_goodbye();
  /// Closes the socket without a word.
  void drop();

private:
  struct subscription {
    std::set<std::string, std::less<>> keys; // empty: all
    std::uint64_t last_sent = 0;             // the `previous` of the next delta
    std::uint64_t joined_at = 0;             // changes up to here are in the snapshot
    std::uint64_t told_upto = 0;             // what the hub told beside values, of the channel
    std::uint64_t generation = 0;            // tells a late snapshot of an earlier subscription apart
    bool waiting = false;                    // for the provider's snapshot; changes are held meanwhile
    std::vector<stream_hub::change_ptr> held;
    std::shared_ptr<const void> alive = std::make_shared<char>('\0'); // ends with this subscription, so that its provider forgets it
  };
  struct item {
    std::string text; // as it is sent, unless `change` is set
    stream_hub::change_ptr change;
    std::size_t snapshot_of = SIZE_MAX; // the channel, when this is its snapshot
    /// Against hub_options::queue_bytes. A client reads too slowly when changes pile up, not because a snapshot is large.
    [[nodiscard]] std::size_t bytes() const noexcept { return change ? change->data.text().size() : snapshot_of == SIZE_MAX ? text.size() : 0; }
  };
  using queue = std::list<item>;

  void after_handshake(std::function<void()> then);
  void read();
  void obey(std::string_view text);
  /// The members of a command that nobody declared are refused, or ignored and counted, as the surface has it. False: refused.
  [[nodiscard]] bool takes_members_of(const wire::json_value& command);
  /// As the channel publishes them; nothing, when it refuses one and the client was told.
  [[nodiscard]] std::optional<std::set<std::string, std::less<>>> keys_in(const stream_hub::channel_state& c, const std::set<std::string, std::less<>>& named);
  void subscribe(stream_hub::channel_state& c, std::set<std::string, std::less<>> keys);
  [[nodiscard]] bool may_ask_again(std::size_t channel);
  void unsubscribe(stream_hub::channel_state& c);
  void ask_provider(stream_hub::channel_state& c, subscription& s);
  void provided(std::size_t channel, std::uint64_t generation, snapshot s);
  void complain(errc code, const std::string& message);
  /// For people: "orders, fills".
  [[nodiscard]] std::string channel_names() const;

  void push_snapshot(std::size_t channel, const snapshot& s);
  void push_told(const stream_hub::change_ptr& told);
  void push_change(const stream_hub::change_ptr& change);
  void push(item one);
  void erase(queue::iterator at);
  void pump();
  [[nodiscard]] std::string frame(item& one);
  void close(boost::beast::websocket::close_code code, std::string_view why);

  stream_hub& hub_;
  const std::shared_ptr<stream_hub> keep_hub_;
  const surface& surface_;
  boost::beast::websocket::stream<edge_stream, false> socket_; // without compression: it costs more than it saves here
  http_request request_;
  std::shared_ptr<void> counted_;
  const std::optional<sha256_digest> key_;
  boost::beast::flat_buffer input_;
  boost::asio::steady_timer close_timer_;
  std::map<std::size_t, subscription> subscriptions_; // by channel
  queue queue_;
  std::size_t queue_bytes_ = 0;
  std::map<std::pair<std::size_t, std::string>, queue::iterator> pending_; // of conflating channels
  std::string writing_;
  std::uint64_t generations_ = 0;
  static constexpr std::uint32_t again_max = 8; // snapshots of channels that were subscribed before, in a second
  std::set<std::size_t> asked_;                 // channels that were subscribed at some time
  std::int64_t again_in_ = 0;                   // the second that `again_` counts
  std::uint32_t again_ = 0;
  bool bare_ = false;
  bool open_ = false;
  bool sending_ = false;
  bool closing_ = false;
};

} // namespace troupe::edge
