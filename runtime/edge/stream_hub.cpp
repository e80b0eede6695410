#include "runtime/edge/stream_hub.hpp"

#include "runtime/edge/core.hpp"
#include "runtime/edge/subscriber.hpp"
#include "runtime/wire/json_value.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace troupe::edge {

stream_hub::stream_hub(hub_options options) : options_{options} {}

void stream_hub::declare(const std::string& name, channel_options options) {
  TROUPE_ASSERT(find(name) == nullptr, "a channel is declared once");
  auto c = std::make_unique<channel_state>();
  c->name = name;
  c->options = std::move(options);
  channels_.push_back(std::move(c));
}

stream_hub::channel_state* stream_hub::find(std::string_view name) noexcept {
  for (auto& c : channels_)
    if (c->name == name) return c.get();
  return nullptr;
}

result<std::string> stream_hub::key_in(const channel_state& c, std::string_view key) {
  return c.options.key_of ? c.options.key_of(key) : std::string{key};
}

// -- any thread ------------------------------------------------------------------------------------------------------

std::uint64_t stream_hub::publish(std::string_view channel, std::string_view key, lazy_json data) {
  return put(channel, key, std::move(data), false);
}

std::uint64_t stream_hub::publish_last(std::string_view channel, std::string_view key, lazy_json data) {
  return put(channel, key, std::move(data), true);
}

std::uint64_t stream_hub::put(std::string_view channel, std::string_view key, lazy_json data, bool last) {
  auto* c = find(channel);
  TROUPE_ASSERT(c != nullptr, "only declared channels are published");
  auto made = std::make_shared<change>(change{index_of(*c), 0, std::string{key}, std::move(data)});
  raise(metrics_.published);

  std::lock_guard guard{mutex_};
  made->sequence = ++c->sequence;
  if (!c->options.provider) retain(*c, made, last);
  const auto sequence = made->sequence;
  deliver(*c, std::move(made));
  return sequence;
}

void stream_hub::retain(channel_state& c, const change_ptr& one, bool last) {
  constexpr std::size_t forgotten_max = 100'000;
  auto& values = c.values;
  if (auto it = values.by_key.find(one->key); it != values.by_key.end()) {
    const auto at = it->second;
    values.by_key.erase(it);
    values.by_age.erase(at);
  } else if (!c.forgotten.empty()) {
    c.forgotten.erase(one->key);
  }
  if (last) return;
  values.by_age.push_back(one);
  values.by_key.emplace(one->key, std::prev(values.by_age.end()));
  if (values.by_age.size() <= c.options.keys_max) return;
  const auto oldest = values.by_age.front();
  const bool is_missed = !c.options.newest_only;
  if (is_missed && c.forgotten.size() < forgotten_max) c.forgotten.insert(oldest->key);
  else if (is_missed) c.more_forgotten = true;
  values.by_key.erase(oldest->key);
  values.by_age.pop_front();
}

bool stream_hub::has_forgotten(const channel_state& c, const std::set<std::string, std::less<>>& keys) {
  if (c.more_forgotten) return true;
  if (keys.empty() || c.forgotten.empty()) return !c.forgotten.empty();
  return std::ranges::any_of(keys, [&](const auto& key) { return c.forgotten.contains(key); });
}

void stream_hub::tell(std::string_view channel, std::string message, bool lasts) {
  auto* c = find(channel);
  TROUPE_ASSERT(c != nullptr && !c->options.provider, "only a declared channel without a provider is told of");
  std::lock_guard guard{mutex_};
  if (c->lasting ? lasts && c->lasting->data.text() == message : !lasts) return;
  const auto made = std::make_shared<const change>(change{index_of(*c), ++c->told, {}, std::move(message), true});
  c->lasting = lasts ? made : nullptr;
  deliver(*c, made);
}

std::size_t stream_hub::index_of(const channel_state& c) const noexcept {
  return static_cast<std::size_t>(std::find_if(channels_.begin(), channels_.end(), [&](const auto& p) { return p.get() == &c; }) - channels_.begin());
}

void stream_hub::deliver(channel_state& c, change_ptr one) {
  if (c.listeners == 0) return;
  if (inbox_.size() >= options_.inbox_messages) {
    c.lost = true;
    return;
  }
  inbox_.push_back(std::move(one));
  if (inbox_.size() == 1) post_([self = shared_from_this()] { self->drain(); });
}

std::vector<std::string> stream_hub::keys(std::string_view channel) {
  const auto* c = find(channel);
  TROUPE_ASSERT(c != nullptr && !c->options.provider, "only a declared channel without a provider retains values");
  std::vector<std::string> all;
  std::lock_guard guard{mutex_};
  for (const auto& value : c->values.by_age) all.push_back(value->key);
  return all;
}

// -- the edge's thread -----------------------------------------------------------------------------------------------

void stream_hub::drain() {
  std::vector<change_ptr> changes;
  std::vector<channel_state*> lost;
  {
    std::lock_guard guard{mutex_};
    changes.swap(inbox_);
    for (auto& c : channels_)
      if (std::exchange(c->lost, false)) lost.push_back(c.get());
  }
  for (auto* c : lost) {
    const auto affected = c->subscribers; // cutting changes the list
    for (auto* s : affected) s->cut_off("the node published faster than the edge could send");
  }
  for (const auto& one : changes) {
    const auto& to = channels_[one->channel]->subscribers;
    for (std::size_t i = to.size(); i > 0; --i) to[i - 1]->offer(one); // an offer may remove its own subscriber
  }
}

snapshot stream_hub::join(channel_state& c, subscriber& s, const std::set<std::string, std::less<>>& keys) {
  c.subscribers.push_back(&s);
  snapshot out;
  std::vector<change_ptr> held; // made into text behind the lock, which publishers need
  {
    std::lock_guard guard{mutex_};
    ++c.listeners;
    out.sequence = c.sequence;
    if (c.options.provider) return out;
    out.is_incomplete = has_forgotten(c, keys);
    for (const auto& value : c.values.by_age)
      if (keys.empty() || keys.contains(value->key)) held.push_back(value);
  }
  std::string values{'['};
  for (const auto& value : held) {
    values += values.size() == 1 ? "{\"key\":" : ",{\"key\":";
    wire::append_json_string(values, value->key);
    values += ",\"data\":";
    values += value->data.text();
    values += '}';
  }
  values += ']';
  out.data = std::move(values);
  return out;
}

stream_hub::change_ptr stream_hub::lasting(const channel_state& c, std::uint64_t& upto) {
  std::lock_guard guard{mutex_};
  upto = c.told;
  return c.lasting;
}

void stream_hub::quit(channel_state& c, subscriber& s) {
  if (std::erase(c.subscribers, &s) == 0) return;
  std::lock_guard guard{mutex_};
  --c.listeners;
}

void stream_hub::arrive(websocket_upgrade&& upgrade, const preset& first) {
  const auto reject = [&](boost::beast::websocket::close_code code, std::string why) {
    std::make_shared<subscriber>(*this, std::move(upgrade))->refuse(code, std::move(why));
  };
  if (subscribers_.size() >= options_.subscribers_max) {
    raise(metrics_.refused);
    return reject(boost::beast::websocket::close_code::try_again_later, "too many subscribers; repeat after a pause");
  }
  std::string key;
  if (const auto* c = find(first.channel)) {
    auto made = key_in(*c, upgrade.context.path_value(first.key_part));
    if (!made) return reject(boost::beast::websocket::close_code::policy_error, made.error().message);
    key = std::move(*made);
  }
  {
    std::lock_guard guard{mutex_};
    post_ = [io = upgrade.socket.get_executor()](std::function<void()> fn) { boost::asio::post(io, std::move(fn)); };
  }
  auto s = std::make_shared<subscriber>(*this, std::move(upgrade));
  subscribers_.push_back(s);
  metrics_.subscribers.store(subscribers_.size(), std::memory_order_relaxed);
  s->start(first.channel, key, first.bare);
}

void stream_hub::leave(subscriber& s) {
  for (auto& c : channels_) quit(*c, s);
  std::erase_if(subscribers_, [&](const auto& p) { return p.get() == &s; });
  metrics_.subscribers.store(subscribers_.size(), std::memory_order_relaxed);
}

void stream_hub::close_all(bool at_once) {
  const auto all = subscribers_;
  for (const auto& s : all) {
    if (at_once) s->drop();
    else s->say_goodbye();
  }
  if (!at_once) return;
  std::lock_guard guard{mutex_};
  inbox_.clear();
  post_ = nullptr; // the server and its executor end
}

void stream_hub::close_without_key(const std::function<bool(const sha256_digest& key)>& counts) {
  const auto all = subscribers_; // closing changes the list
  for (const auto& s : all)
    if (s->key() && !counts(*s->key())) s->lose_key();
}

void stream_hub::add_route(route_table& table, const std::string& surface, const std::string& path,
                           const std::string& summary, preset first) {
  auto& r = table.add_untyped(method::get, surface, path, summary, {});
  detail::declare_parameters(r, {});
  r.upgrade = [self = shared_from_this(), first = std::move(first)](websocket_upgrade&& u) {
    self->arrive(std::move(u), first);
  };
  r.close_upgraded = [self = shared_from_this()](bool at_once) { self->close_all(at_once); };
}

void stream_hub::serve(route_table& table, const std::string& surface, const std::string& path,
                       const std::string& summary) {
  add_route(table, surface, path, summary, {});
}

void stream_hub::serve_channel(route_table& table, const std::string& surface, const std::string& path,
                               const std::string& summary, const std::string& channel, const std::string& key_part, bool bare) {
  TROUPE_ASSERT(find(channel) != nullptr, "a channel is declared before its route");
  add_route(table, surface, path, summary, {channel, key_part, bare});
}

} // namespace troupe::edge
