#include "nodes/desk/market_relay.hpp"

#include "nodes/desk/feed_subscribers.hpp"
#include "nodes/desk/mesh.hpp"
#include "runtime/actor/answering.hpp"
#include "runtime/actor/last_answers.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/wire/wire.ipp"

#include <caf/all.hpp>

using namespace troupe;

TROUPE_WIRE(desk::relayed)
TROUPE_WIRE(desk::relayed_levels)
TROUPE_PROTOCOL("relay", actor::protocol<>, desk::relayed, desk::relayed_levels)

namespace troupe::desk {
namespace {

struct look_due {};

} // namespace
} // namespace troupe::desk
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::look_due)

namespace troupe::desk {
namespace {

constexpr nanoseconds look_interval = std::chrono::milliseconds{20};

class market_relay final : public actor::last_answers<caf::event_based_actor> {
public:
  market_relay(caf::actor_config& config, shared_parts& parts, const text<15>& feed, const std::vector<actor_name>& subscribers)
    : last_answers(config), parts_{parts}, self_name_{market_relay_name(feed)}, text_name_{self_name_.value.str()},
      called_{actor_name{self_name_.value.str() + "@" + parts.nodes->self().value.str()}},
      source_node_{parts.nodes->node_of(actor_name{"feed/" + feed.str()})}, pulse_{parts.env.pulses->of(self_name_)},
      subscribers_{*this, parts, self_name_, subscribers, std::make_shared<feed_progress>()} {
    set_exception_handler([this](std::exception_ptr& thrown) { return actor::end_by(*this, thrown); });
  }
  const char* name() const override { return text_name_.c_str(); }

  caf::behavior make_behavior() override {
    subscribers_.look();
    delayed_send(this, look_interval, look_due{});
    return caf::message_handler{
      [this](const relayed& r) {
        actor::handling scope{*pulse_, *this};
        note_session();
        source_ = current_sender();
        take(r);
        ++owed_;
        pay();
      },
      [this](const relayed_levels& l) {
        actor::handling scope{*pulse_, *this};
        if (is_up_ && shown_.contains(l.instrument)) parts_.board->set_levels(l.instrument, l.levels); // not of a book that is lost
      },
      [this](const actor::credit& c) {
        actor::handling scope{*pulse_, *this};
        subscribers_.on_credit(c.from);
        pay();
      },
      [this](look_due) {
        actor::handling scope{*pulse_, *this};
        look();
        delayed_send(this, look_interval, look_due{});
      },
    }.or_else(actor::system_handlers(*this, parts_.env, self_name_, [this] { return shown(); }));
  }

  void on_exit() override {
    subscribers_.clear();
    source_ = nullptr;
  }

private:
  void take(const relayed& r) {
    const bool follows = r.run == run_ && r.number == last_ + 1;
    if (!follows && !r.is_anew) {
      ++losses_;
      lose_books();
    }
    run_ = r.run;
    last_ = r.number;
    for (const auto& e : r.batch.events)
      if (const auto* q = std::get_if<market::quote>(&e)) shown_.insert(q->instrument);
    publish(r.batch, r.heard_at);
    if (r.batch.events.empty() && r.heard_at.size() == 1) parts_.board->confirm(shown_, r.heard_at.front());
  }

  void publish(const market::market_batch& batch, const std::vector<boot_ns>& heard_at) {
    if (batch.events.empty()) return;
    parts_.board->take(batch, heard_at);
    subscribers_.publish(batch, heard_at);
  }

  /// The feed gets its credit back when nobody here holds it up.
  void pay() {
    if (owed_ == 0 || subscribers_.is_blocked({})) return;
    for (; owed_ > 0 && source_; --owed_) actor::send_to(*this, source_, lane::data, actor::credit{called_});
  }

  void look() {
    subscribers_.look();
    note_session();
    pay();
  }

  /// Before anything of a new one is taken: what comes behind it stays.
  void note_session() {
    const bool is_up = parts_.nodes->is_up(source_node_);
    const auto session = parts_.nodes->sessions_of(source_node_);
    if (is_up_ && (!is_up || session != session_)) {
      lose_books();
      owed_ = 0;
      source_ = nullptr;
    }
    is_up_ = is_up;
    session_ = session;
  }

  void lose_books() {
    market::market_batch lost;
    for (const auto& id : shown_) lost.events.emplace_back(market::book_lost{id, parts_.env.clock->now(), {}});
    publish(lost, {});
  }

  [[nodiscard]] std::string shown() const {
    return "{\"from\":\"" + source_node_.value.str() + "\",\"up\":" + (is_up_ ? "true" : "false") + ",\"batches\":" + std::to_string(last_) +
           ",\"losses\":" + std::to_string(losses_) + ",\"subscribers\":" + subscribers_.shown() + '}';
  }

  shared_parts& parts_;
  const actor_name self_name_;
  const std::string text_name_;
  const actor_name called_; // by the feed
  const node_name source_node_;
  std::shared_ptr<actor::pulse> pulse_;
  feed_subscribers subscribers_;
  std::set<market::instrument_id> shown_;
  caf::strong_actor_ptr source_;
  std::uint64_t owed_ = 0;
  std::uint64_t run_ = 0, last_ = 0;
  std::uint64_t losses_ = 0;
  bool is_up_ = false;
  std::uint64_t session_ = 0;
};

} // namespace

started start_market_relay(caf::actor_system& system, shared_parts& parts, const text<15>& feed, const std::vector<actor_name>& subscribers) {
  return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<market_relay>(std::ref(parts), feed, subscribers));
}

} // namespace troupe::desk
