#include "nodes/desk/feed_subscribers.hpp"

#include "runtime/actor/send.hpp"
#include "runtime/wire/wire.hpp"

namespace troupe::desk {
namespace {

constexpr std::uint32_t credit_window = 16; // batches under way to one subscriber
constexpr nanoseconds lagging_after = std::chrono::seconds{1};

} // namespace

feed_subscribers::feed_subscribers(caf::local_actor& self, const shared_parts& parts, actor_name feed,
                                   const std::vector<actor_name>& names, std::shared_ptr<feed_progress> progress)
  : self_{self}, parts_{parts}, feed_{feed}, progress_{std::move(progress)} {
  for (const auto& s : names) {
    lines_[s].to = parts_.env.names->ref(s);
    lines_[s].pulse = parts_.env.pulses->of(s);
    lines_[s].is_there = parts_.env.deterministic; // one thread: who is named has started, and takes what it is sent
  }
}

void feed_subscribers::look() {
  if (parts_.env.deterministic) return;
  for (auto& [name, l] : lines_) {
    const bool is_there = l.pulse->alive;
    const auto incarnation = l.pulse->restarts.load();
    if (is_there == l.is_there && incarnation == l.incarnation) continue;
    l.is_there = is_there;
    l.incarnation = incarnation;
    l.under_way = 0;
    l.lagging = false;
    if (is_there && !instruments_.empty()) send(l, present());
  }
}

bool feed_subscribers::is_blocked(const cause_id& cause) {
  if (parts_.env.deterministic) return false;
  const auto now = parts_.env.clock->boot();
  bool blocked = false;
  for (auto& [name, l] : lines_) {
    if (!l.is_there) continue;
    if (l.lagging) {
      if (now - l.since > lagging_after) {
        l.since = now;
        actor::send_to(self_, l.to, lane::data, present()); // is anybody there again?
      }
    } else if (l.under_way >= credit_window) {
      if (now - l.since > lagging_after) {
        l.lagging = true;
        parts_.env.log(feed_, cause, "warning", name.value.str() + " does not keep up: it is left behind until it answers");
      } else {
        blocked = true;
      }
    }
  }
  return blocked;
}

void feed_subscribers::on_credit(const actor_name& from) {
  auto it = lines_.find(from);
  if (it == lines_.end()) return;
  if (it->second.lagging) {
    it->second.lagging = false;
    it->second.under_way = 1;
    actor::send_to(self_, it->second.to, lane::data, present());
    return;
  }
  if (it->second.under_way > 0) --it->second.under_way;
}

void feed_subscribers::publish(const market::market_batch& batch) {
  for (const auto& e : batch.events)
    if (const auto* q = std::get_if<market::quote>(&e)) instruments_.insert(q->instrument);
  for (auto& [name, l] : lines_) {
    if (!l.is_there) continue;
    if (l.lagging) {
      progress_->dropped.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    send(l, batch);
  }
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

void feed_subscribers::send(line& l, const market::market_batch& batch) {
  ++l.under_way;
  l.since = parts_.env.clock->boot();
  actor::send_to(self_, l.to, lane::data, batch);
}

market::market_batch feed_subscribers::present() const {
  market::market_batch all;
  for (const auto& id : instruments_) {
    all.events.emplace_back(market::book_lost{id, parts_.env.clock->now(), {}});
    if (auto q = parts_.board->quote(id)) all.events.emplace_back(*q);
  }
  return all;
}

} // namespace troupe::desk
