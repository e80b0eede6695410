#include "nodes/desk/feed_subscribers.hpp"

#include "nodes/desk/market_relay.hpp"
#include "nodes/desk/mesh.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/wire/wire.hpp"

#include <utility>

namespace troupe::desk {
namespace {

constexpr std::uint32_t credit_window = 16; // batches under way to one subscriber
constexpr nanoseconds lagging_after = std::chrono::seconds{1};
constexpr std::size_t instruments_at_once = 512; // of a batch that tells all
constexpr nanoseconds confirm_interval = std::chrono::milliseconds{100};

} // namespace

feed_subscribers::feed_subscribers(caf::local_actor& self, const shared_parts& parts, actor_name feed,
                                   const std::vector<actor_name>& names, std::shared_ptr<feed_progress> progress)
  : self_{self}, parts_{parts}, feed_{feed}, progress_{std::move(progress)}, run_{static_cast<std::uint64_t>(parts.env.clock->boot().time_since_epoch().count())} {
  for (const auto& s : names) {
    auto& l = lines_[s];
    l.to = parts_.env.names->ref(s);
    if (!parts_.nodes->runs_here(s)) {
      l.node = parts_.nodes->node_of(s);
      continue;
    }
    l.pulse = parts_.env.pulses->of(s);
    l.is_there = parts_.env.deterministic; // one thread: who is named has started, and takes what it is sent
  }
}

bool feed_subscribers::is_there(const line& l) const {
  if (l.node) return parts_.nodes->is_up(*l.node);
  return parts_.env.deterministic || l.pulse->alive;
}

std::uint64_t feed_subscribers::incarnation_of(const line& l) const {
  if (l.node) return parts_.nodes->sessions_of(*l.node);
  return parts_.env.deterministic ? 0 : l.pulse->lives.load(std::memory_order_acquire);
}

void feed_subscribers::look() {
  for (auto& [name, l] : lines_) {
    const auto incarnation = incarnation_of(l); // first: one that starts in between is seen by the next look
    const bool there = is_there(l);
    if (there == l.is_there && incarnation == l.incarnation) continue;
    l.is_there = there;
    l.incarnation = incarnation;
    l.under_way = 0;
    l.lagging = false;
    if (there) send_present(l);
  }
}

bool feed_subscribers::is_blocked(const cause_id& cause) {
  const auto now = parts_.env.clock->boot();
  bool blocked = false;
  for (auto& [name, l] : lines_) {
    if (!l.is_there || (parts_.env.deterministic && !l.node)) continue;
    if (l.lagging) {
      if (now - l.since > lagging_after) send_present(l); // is anybody there again?
    } else if (l.under_way >= credit_window) {
      if (l.node || now - l.since > lagging_after) leave_behind(name, l, cause);
      else blocked = true;
    }
  }
  return blocked;
}

void feed_subscribers::leave_behind(const actor_name& name, line& l, const cause_id& cause) {
  l.lagging = true;
  if (!l.node) parts_.env.log(feed_, cause, "warning", name.value.str() + " does not keep up: it is left behind until it answers");
}

void feed_subscribers::on_credit(const actor_name& from) {
  auto it = lines_.find(from);
  if (it == lines_.end()) return;
  if (it->second.lagging) {
    it->second.lagging = false;
    it->second.under_way = 0;
    send_present(it->second);
    return;
  }
  if (it->second.under_way > 0) --it->second.under_way;
}

void feed_subscribers::publish(const market::market_batch& batch, const std::vector<boot_ns>& heard_at) {
  for (const auto& e : batch.events)
    if (const auto* q = std::get_if<market::quote>(&e)) instruments_.insert(q->instrument);
  for (auto& [name, l] : lines_) {
    if (!l.is_there) continue;
    if (l.lagging) {
      progress_->dropped.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    send(l, batch, heard_at);
  }
}

void feed_subscribers::confirm(boot_ns now) {
  if (now - confirmed_at_ < confirm_interval) return;
  confirmed_at_ = now;
  for (auto& [name, l] : lines_)
    if (l.node && l.is_there && !l.lagging) send(l, {}, {now});
}

void feed_subscribers::show_levels(const market::instrument_id& instrument, const book_levels& levels) {
  for (const auto& [name, l] : lines_)
    if (l.node && l.is_there && !l.lagging) actor::send_to(self_, l.to, lane::data, relayed_levels{instrument, levels});
}

std::string feed_subscribers::shown() const {
  std::string out = "[";
  for (const auto& [name, l] : lines_) {
    out += out.size() == 1 ? "{\"name\":" : ",{\"name\":";
    wire::append_json_string(out, name.value.view());
    out += ",\"under_way\":" + std::to_string(l.under_way) + ",\"lagging\":" + (l.lagging ? "true" : "false") + '}';
  }
  return out + ']';
}

void feed_subscribers::send(line& l, const market::market_batch& batch, const std::vector<boot_ns>& heard_at, bool is_anew) {
  ++l.under_way;
  l.since = parts_.env.clock->boot();
  if (l.node) actor::send_to(self_, l.to, lane::data, relayed{run_, ++l.number, is_anew, batch, heard_at});
  else actor::send_to(self_, l.to, lane::data, batch);
}

void feed_subscribers::send_present(line& l) {
  market::market_batch all;
  std::vector<boot_ns> heard_at;
  std::size_t told = 0;
  bool is_first = true; // behind it the parts are counted like any batch: one that is lost is missed
  for (const auto& id : instruments_) {
    all.events.emplace_back(market::book_lost{id, parts_.env.clock->now(), {}});
    if (auto q = parts_.board->quote(id)) {
      all.events.emplace_back(static_cast<const market::quote&>(*q));
      heard_at.push_back(q->heard_at);
    }
    if (++told % instruments_at_once != 0) continue;
    send(l, all, heard_at, std::exchange(is_first, false));
    all.events.clear();
    heard_at.clear();
  }
  if (!all.events.empty() || told == 0) send(l, all, heard_at, is_first);
}

} // namespace troupe::desk
