#include "runtime/edge/subscriber.hpp"

#include "runtime/wire/json_value.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>

namespace troupe::edge {

namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using wire::append_json_string;

subscriber::subscriber(stream_hub& hub, websocket_upgrade&& upgrade)
  : hub_{hub}, keep_hub_{hub.shared_from_this()}, surface_{*upgrade.context.matched->surface}, socket_{std::move(upgrade.socket)},
    request_{std::move(upgrade.request)}, counted_{std::move(upgrade.counted)}, key_{upgrade.key},
    input_{hub.options_.message_bytes + 1024}, close_timer_{socket_.get_executor()} {
  websocket::stream_base::timeout times{};
  times.handshake_timeout = std::chrono::seconds{5};
  times.idle_timeout = hub.options_.idle_time;
  times.keep_alive_pings = true;
  socket_.set_option(times);
  socket_.read_message_max(hub.options_.message_bytes);
  socket_.auto_fragment(false);
  // A browser that offered protocols wants one of them in the answer.
  if (boost::beast::http::token_list{request_[boost::beast::http::field::sec_websocket_protocol]}.exists("troupe"))
    socket_.set_option(websocket::stream_base::decorator(
      [](websocket::response_type& r) { r.set(boost::beast::http::field::sec_websocket_protocol, "troupe"); }));
}

// -- arriving and leaving --------------------------------------------------------------------------------------------

void subscriber::after_handshake(std::function<void()> then) {
  socket_.async_accept(request_, [self = shared_from_this(), then = std::move(then)](error_code ec) {
    if (ec || self->closing_) return self->drop(); // closed since, when it was in no channel yet: it joins none
    self->open_ = true;
    self->request_ = {};
    then();
  });
}

void subscriber::start(const std::string& channel, const std::string& key, bool bare) {
  bare_ = bare;
  after_handshake([this, channel, key] {
    if (auto* c = hub_.find(channel))
      subscribe(*c, key.empty() ? std::set<std::string, std::less<>>{} : std::set<std::string, std::less<>>{key});
    pump();
    read();
  });
}

void subscriber::refuse(websocket::close_code code, std::string why) {
  constexpr std::size_t reason_bytes_max = 123; // RFC 6455, 5.5
  why.resize(std::min(why.size(), reason_bytes_max));
  // It may repeat what the client said, and half a character, or what is none, would break the protocol.
  std::ranges::replace_if(why, [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
  after_handshake([this, code, why = std::move(why)] { close(code, why); });
}

void subscriber::cut_off(std::string_view why) {
  if (closing_) return;
  raise(hub_.metrics_.cut_off);
  close(websocket::close_code::try_again_later, why);
}

void subscriber::lose_key() { close(websocket::close_code::policy_error, "its key counts no more"); }

void subscriber::say_goodbye() { close(websocket::close_code::going_away, "the node is stopping"); }

void subscriber::close(websocket::close_code code, std::string_view why) {
  if (closing_) return;
  closing_ = true;
  const auto self = shared_from_this();
  hub_.leave(*this);
  queue_.clear();
  pending_.clear();
  queue_bytes_ = 0;
  if (!open_) return drop();
  // A client that does not read never sees the closing frame; it gets this long, then only the end of the stream.
  close_timer_.expires_after(hub_.options_.close_time);
  close_timer_.async_wait([self](error_code stopped) {
    if (!stopped) self->drop();
  });
  const auto reason = websocket::close_reason{code, boost::beast::string_view{why.data(), why.size()}};
  socket_.async_close(reason, [self](error_code) { self->drop(); });
}

void subscriber::drop() {
  const auto self = weak_from_this().lock();
  closing_ = true;
  close_timer_.cancel();
  error_code ec;
  socket_.next_layer().close(ec);
  counted_.reset();
  hub_.leave(*this);
}

// -- commands --------------------------------------------------------------------------------------------------------

void subscriber::read() {
  socket_.async_read(input_, [self = shared_from_this()](error_code ec, std::size_t) {
    if (self->closing_) return;
    if (ec) return self->drop();
    const auto data = self->input_.data();
    self->obey({static_cast<const char*>(data.data()), data.size()});
    self->input_.clear();
    if (self->closing_) return;
    self->pump();
    self->read();
  });
}

void subscriber::complain(errc code, const std::string& message) {
  item one;
  one.text = "{\"type\":\"error\",\"code\":\"" + std::string{to_string(code)} + "\",\"message\":";
  append_json_string(one.text, message);
  one.text += '}';
  push(std::move(one));
}

namespace {

/// The strings of a member that must be an array of strings; nothing when it is something else.
std::optional<std::set<std::string, std::less<>>> strings(const wire::json_value* v) {
  std::set<std::string, std::less<>> out;
  if (!v) return out;
  if (v->kind != wire::json_kind::array) return std::nullopt;
  for (const auto& item : v->items) {
    if (item.kind != wire::json_kind::string) return std::nullopt;
    out.insert(item.text);
  }
  return out;
}

} // namespace

bool subscriber::takes_members_of(const wire::json_value& command) {
  std::uint64_t unknown = 0;
  for (const auto& [name, value] : command.members) {
    if (name == "op" || name == "channels" || name == "keys") continue;
    if (surface_.rules.unknown == wire::unknown_fields::refuse) {
      complain(errc::unknown_field, "\"" + name + "\" is not a known field");
      return false;
    }
    ++unknown;
  }
  if (unknown > 0) raise(surface_.unknown_fields, unknown);
  return true;
}

std::optional<std::set<std::string, std::less<>>> subscriber::keys_in(const stream_hub::channel_state& c, const std::set<std::string, std::less<>>& named) {
  std::set<std::string, std::less<>> keys;
  std::optional<error> wrong;
  for (const auto& name : named) {
    auto key = stream_hub::key_in(c, name);
    if (key) keys.insert(std::move(*key));
    else wrong = key.error();
  }
  if (!keys.empty() || !wrong) return keys; // the others may be meant for other channels of the command
  complain(wrong->code, "\"" + c.name + "\" has no such key: " + wrong->message);
  return std::nullopt;
}

void subscriber::obey(std::string_view text) {
  auto command = wire::parse_json(text, {.depth_max = 4, .values_max = 1024});
  if (!command) return complain(command.error().code, command.error().message);
  if (!takes_members_of(*command)) return;
  const auto* op = command->find("op");
  const auto channels = strings(command->find("channels"));
  const auto keys = strings(command->find("keys"));
  if (!op || op->kind != wire::json_kind::string || !channels || !keys)
    return complain(errc::invalid_argument, "send {\"op\":\"subscribe\",\"channels\":[text],\"keys\":[text]}");
  if (op->text == "ping") return push({.text = "{\"type\":\"pong\"}"});
  if (op->text != "subscribe" && op->text != "unsubscribe")
    return complain(errc::invalid_argument, "\"op\" must be one of subscribe, unsubscribe, ping");
  if (channels->empty()) return complain(errc::invalid_argument, "\"channels\" must name at least one; there are " + channel_names());
  if (keys->size() > hub_.options_.keys_per_subscription) return complain(errc::too_large, "too many keys");
  for (const auto& name : *channels) {
    auto* c = hub_.find(name);
    if (!c) {
      complain(errc::not_found, "there is no channel \"" + name + "\"; there are " + channel_names());
    } else if (op->text == "subscribe") {
      if (auto known = keys_in(*c, *keys)) subscribe(*c, std::move(*known));
    } else {
      unsubscribe(*c);
      item one{.text = "{\"type\":\"unsubscribed\",\"channel\":"};
      append_json_string(one.text, name);
      one.text += '}';
      push(std::move(one));
    }
    if (closing_) return;
  }
}

std::string subscriber::channel_names() const {
  std::string known;
  for (const auto& each : hub_.channels_) known += (known.empty() ? "" : ", ") + each->name;
  return known;
}

/// A snapshot is large and asking for it is cheap: again and again is allowed a few times a second.
bool subscriber::may_ask_again(std::size_t channel) {
  if (asked_.insert(channel).second) return true;
  const auto second = std::chrono::steady_clock::now().time_since_epoch() / std::chrono::seconds{1};
  if (std::exchange(again_in_, second) != second) again_ = 0;
  return ++again_ <= again_max;
}

void subscriber::subscribe(stream_hub::channel_state& c, std::set<std::string, std::less<>> keys) {
  if (c.options.one_key && keys.size() != 1)
    return complain(errc::invalid_argument, "\"" + c.name + "\" is subscribed to with exactly one key");
  const auto channel = hub_.index_of(c);
  if (!may_ask_again(channel))
    return complain(errc::overloaded, "more than " + std::to_string(again_max) + " snapshots again within a second; repeat after a pause");
  unsubscribe(c); // subscribing again asks for a new snapshot
  auto& s = subscriptions_[channel];
  s.keys = std::move(keys);
  s.generation = ++generations_;
  const auto now = hub_.join(c, *this, s.keys);
  s.joined_at = now.sequence;
  if (!c.options.provider) {
    const auto told = hub_.lasting(c, s.told_upto);
    push_snapshot(channel, now);
    if (told) push_told(told);
    return;
  }
  s.waiting = true;
  ask_provider(c, s);
}

void subscriber::ask_provider(stream_hub::channel_state& c, subscription& s) {
  const auto key = s.keys.size() == 1 ? *s.keys.begin() : std::string{};
  const auto say = [weak = weak_from_this(), hub = keep_hub_, channel = hub_.index_of(c), generation = s.generation](snapshot answer) {
    std::lock_guard guard{hub->mutex_}; // keeps post_ alive: it goes with the server
    if (hub->post_)
      hub->post_([weak, channel, generation, answer = std::move(answer)] {
        if (auto self = weak.lock()) self->provided(channel, generation, answer);
      });
  };
  c.options.provider(key, snapshot_answer{say, s.alive});
}

void subscriber::provided(std::size_t channel, std::uint64_t generation, snapshot answer) {
  auto it = subscriptions_.find(channel);
  if (closing_ || it == subscriptions_.end() || it->second.generation != generation || !it->second.waiting) return;
  auto& s = it->second;
  if (answer.sequence < s.joined_at) { // the owner answered from before we listened: changes between are unknown
    complain(errc::unavailable, "no snapshot of \"" + hub_.channels_[channel]->name + "\" now; subscribe again");
    unsubscribe(*hub_.channels_[channel]);
    return pump();
  }
  s.waiting = false;
  s.joined_at = answer.sequence;
  const auto held = std::move(s.held);
  push_snapshot(channel, answer);
  for (const auto& change : held) {
    if (closing_) return;
    if (change->sequence > answer.sequence) push_change(change);
  }
  pump();
}

void subscriber::unsubscribe(stream_hub::channel_state& c) {
  const auto channel = hub_.index_of(c);
  if (subscriptions_.erase(channel) == 0) return;
  hub_.quit(c, *this);
  for (auto it = queue_.begin(); it != queue_.end();) {
    const auto at = it++;
    if (at->change ? at->change->channel == channel : at->snapshot_of == channel) erase(at);
  }
}

// -- the queue -------------------------------------------------------------------------------------------------------

void subscriber::offer(const stream_hub::change_ptr& change) {
  auto it = subscriptions_.find(change->channel);
  if (closing_ || it == subscriptions_.end()) return;
  auto& s = it->second;
  if (change->is_told) {
    if (change->sequence <= s.told_upto) return;
    push_told(change);
    return pump();
  }
  if (change->sequence <= s.joined_at) return; // the snapshot has it
  if (!s.keys.empty() && !s.keys.contains(change->key)) return;
  if (!s.waiting) {
    push_change(change);
    return pump();
  }
  s.held.push_back(change);
  if (s.held.size() > hub_.options_.queue_messages) cut_off("too many changes before the snapshot");
}

void subscriber::push_snapshot(std::size_t channel, const snapshot& s) {
  item one;
  one.snapshot_of = channel;
  if (bare_) {
    one.text = s.data;
  } else {
    one.text = "{\"type\":\"snapshot\",\"channel\":";
    append_json_string(one.text, hub_.channels_[channel]->name);
    one.text += ",\"sequence\":" + std::to_string(s.sequence) + (s.is_incomplete ? ",\"incomplete\":true" : "") + ",\"data\":" + s.data + "}";
  }
  subscriptions_[channel].last_sent = s.sequence;
  push(std::move(one));
}

void subscriber::push_told(const stream_hub::change_ptr& told) {
  if (!bare_) push({.text = told->data.text()});
}

void subscriber::push_change(const stream_hub::change_ptr& change) {
  item one;
  one.change = change;
  if (!hub_.channels_[change->channel]->options.conflate) return push(std::move(one));
  const auto place = std::pair{change->channel, change->key};
  if (auto it = pending_.find(place); it != pending_.end()) {
    raise(hub_.metrics_.conflated);
    erase(it->second);
  }
  push(std::move(one));
  if (!closing_) pending_[place] = std::prev(queue_.end());
}

void subscriber::push(item one) {
  if (closing_) return;
  queue_bytes_ += one.bytes();
  queue_.push_back(std::move(one));
  const auto& limits = hub_.options_;
  // One message may be larger than the bound, or a large change could never be sent.
  if (queue_.size() > limits.queue_messages || (queue_bytes_ > limits.queue_bytes && queue_.size() > 1))
    cut_off("the client reads too slowly; subscribe again for a new snapshot");
}

void subscriber::erase(queue::iterator at) {
  queue_bytes_ -= at->bytes();
  if (at->change) pending_.erase({at->change->channel, at->change->key});
  queue_.erase(at);
}

std::string subscriber::frame(item& one) {
  if (!one.change) return std::move(one.text);
  const auto& c = *one.change;
  if (bare_) return c.data.text();
  // `previous` links to what this client was sent before, so filters and conflation leave no doubt about gaps.
  auto& last = subscriptions_[c.channel].last_sent;
  std::string out = "{\"type\":\"delta\",\"channel\":";
  append_json_string(out, hub_.channels_[c.channel]->name);
  out += ",\"sequence\":" + std::to_string(c.sequence) + ",\"previous\":" + std::to_string(last) + ",\"key\":";
  append_json_string(out, c.key);
  out += ",\"data\":";
  out += c.data.text();
  out += '}';
  last = c.sequence;
  return out;
}

void subscriber::pump() {
  if (sending_ || closing_ || !open_ || queue_.empty()) return;
  sending_ = true;
  const auto bytes = queue_.front().bytes();
  if (queue_.front().change) pending_.erase({queue_.front().change->channel, queue_.front().change->key});
  writing_ = frame(queue_.front());
  queue_bytes_ -= bytes;
  queue_.pop_front();
  raise(hub_.metrics_.sent);
  socket_.text(true);
  socket_.async_write(boost::asio::buffer(writing_), [self = shared_from_this()](error_code ec, std::size_t) {
    self->sending_ = false;
    if (self->closing_) return;
    if (ec) return self->drop();
    self->pump();
  });
}

} // namespace troupe::edge
