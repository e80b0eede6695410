#include "runtime/cluster/memory_link.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>

namespace troupe::cluster {

class memory_network::member final : public link {
public:
  member(memory_network& network, greeting self, admission rule, link_events& events)
      : network_{network}, self_{std::move(self)}, rule_{std::move(rule)}, events_{events} {}
  ~member() override { network_.leave(self_.name); }

  bool send(const node_name& to, lane l, std::string_view frame) override { return network_.send(self_.name, to, l, frame); }

  std::size_t waiting(const node_name& to, lane l) const override { return network_.waiting(self_.name, to, l); }

  std::vector<peer_view> peers() const override {
    std::vector<peer_view> all;
    for (const auto& name : rule_.members) {
      if (name == self_.name) continue;
      peer_view v;
      v.name = name;
      const auto who = std::minmax(self_.name, name);
      if (network_.sessions_.contains(who)) v.state = peer_state::up;
      else if (const auto why = network_.refused_.find(who); why != network_.refused_.end()) {
        v.state = peer_state::refused;
        v.problem = why->second;
      }
      all.push_back(std::move(v));
    }
    return all;
  }

  [[nodiscard]] const greeting& self() const noexcept { return self_; }
  [[nodiscard]] const admission& rule() const noexcept { return rule_; }
  [[nodiscard]] link_events& events() const noexcept { return events_; }

private:
  memory_network& network_;
  const greeting self_;
  const admission rule_;
  link_events& events_;
};

std::unique_ptr<link> memory_network::join(greeting self, admission rule, link_events& events) {
  const auto name = self.name;
  TROUPE_ASSERT(!members_.contains(name), "a node is in the network once");
  auto made = std::make_unique<member>(*this, std::move(self), std::move(rule), events);
  members_[name] = made.get();
  events.opened(*made);
  return made;
}

/// Its process ended, and what was under way is lost with its connections.
void memory_network::leave(const node_name& name) {
  members_.erase(name);
  std::erase_if(refused_, [&](const auto& item) { return item.first.first == name || item.first.second == name; });
  std::vector<pair> over;
  for (const auto& [who, s] : sessions_)
    if (who.first == name || who.second == name) over.push_back(who);
  for (const auto& who : over) part(who, "the connection was closed");
}

bool memory_network::send(const node_name& from, const node_name& to, lane l, std::string_view frame) {
  const auto s = sessions_.find(std::minmax(from, to));
  if (s == sessions_.end() || frame.size() > frame_bytes_max || (refuses && refuses(frame))) return false;
  if (faults_.queue_bytes_max != SIZE_MAX && waiting(from, to, l) + frame.size() > faults_.queue_bytes_max) return false;
  if (happens(faults_.drop_permille)) {
    ++dropped_;
    return true;
  }
  flight f{from, to, s->second.number, l, std::string{frame}};
  if (spoil) spoil(f.frame);
  if (happens(faults_.duplicate_permille)) put(f);
  put(std::move(f));
  return true;
}

std::size_t memory_network::waiting(const node_name& from, const node_name& to, lane l) const {
  const auto s = sessions_.find(std::minmax(from, to));
  if (s == sessions_.end()) return 0;
  std::size_t bytes = 0;
  for (const auto& [at, f] : flights_)
    if (f.session == s->second.number && f.from == from && f.to == to && f.lane == l) bytes += f.frame.size();
  return bytes;
}

void memory_network::put(flight f) {
  const auto span = std::max<std::int64_t>(0, (faults_.delay_max - faults_.delay_min).count());
  auto at = now_ + faults_.delay_min + nanoseconds{std::uniform_int_distribution<std::int64_t>{0, span}(random_)};
  if (!faults_.reorders) {
    auto& last = last_arrival_[{{f.from, f.to}, f.lane}];
    at = last = std::max(at, last + faults_.frame_time);
  }
  flights_.emplace(at, std::move(f));
}

nanoseconds memory_network::next_due() const {
  return flights_.empty() ? next_beat_ : std::min(next_beat_, flights_.begin()->first);
}

void memory_network::advance_to(nanoseconds t) {
  while (next_due() <= t) {
    now_ = std::max(now_, next_due());
    if (!flights_.empty() && flights_.begin()->first <= now_) {
      const auto f = std::move(flights_.begin()->second);
      flights_.erase(flights_.begin());
      deliver(f);
    } else {
      next_beat_ = now_ + beat_;
      beat();
    }
  }
  now_ = std::max(now_, t);
}

void memory_network::deliver(const flight& f) {
  const auto s = sessions_.find(std::minmax(f.from, f.to));
  const bool is_over = s == sessions_.end() || s->second.number != f.session; // a connection's last bytes are lost with it
  if (is_over || cuts_.contains({f.from, f.to})) ++dropped_;
  else members_.at(f.to)->events().received(f.from, f.lane, f.frame, nanoseconds{}); // one host, one clock
  if (!is_over) members_.at(f.from)->events().written(f.to, f.lane);
}

void memory_network::beat() {
  std::vector<pair> all;
  for (const auto& [a, first] : members_)
    for (const auto& [b, second] : members_)
      if (a < b) all.push_back({a, b});
  for (const auto& who : all) {
    if (!members_.contains(who.first) || !members_.contains(who.second)) continue; // one left while others were told
    const auto s = sessions_.find(who);
    if (s == sessions_.end()) {
      if (!is_cut(who)) meet(who);
    } else if (!is_cut(who)) {
      s->second.cut_since.reset();
    } else if (!s->second.cut_since) {
      s->second.cut_since = now_;
    } else if (now_ - *s->second.cut_since >= dead_after_) {
      part(who, "not heard");
    }
  }
}

void memory_network::meet(const pair& who) {
  auto& a = *members_.at(who.first);
  auto& b = *members_.at(who.second);
  auto why = refusal(a.rule(), a.self(), b.self());
  if (!why) why = refusal(b.rule(), b.self(), a.self());
  if (why) {
    refused_[who] = *why;
    return;
  }
  refused_.erase(who);
  sessions_[who] = {++last_session_, std::nullopt};
  a.events().up(b.self());
  if (members_.contains(who.second)) b.events().up(a.self());
}

void memory_network::part(const pair& who, const std::string& why) {
  sessions_.erase(who);
  std::erase_if(last_arrival_, [&](const auto& item) { return item.first.first == who || item.first.first == pair{who.second, who.first}; });
  for (const auto& [told, about] : {who, pair{who.second, who.first}})
    if (const auto m = members_.find(told); m != members_.end()) m->second->events().down(about, why);
}

} // namespace troupe::cluster
