#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/order_stream.hpp"

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/history_messages.hpp"
#include "nodes/desk/api/market_stream.hpp"
#include "nodes/desk/api/open_orders.hpp"
#include "nodes/desk/api/slot_events.hpp"
#include "nodes/desk/api/stream_relay.hpp"
#include "nodes/desk/api/supervised.hpp"
#include "nodes/desk/api/trade2026_routes.hpp"
#include "nodes/desk/api/v1_correction_messages.hpp"
#include "runtime/actor/last_answers.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/wire/wire.hpp"

#include <caf/all.hpp>

#include <array>
#include <set>

namespace troupe::desk {
namespace {

struct look_due {};
struct flush_due {};

} // namespace
} // namespace troupe::desk
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::look_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::flush_due)

namespace troupe::desk {
namespace {

constexpr std::uint64_t positions_number = 1000; // of the question to the portfolio; below are slots
constexpr std::uint64_t ended_number = 1001;     // the least of questions about orders that ended; each has its own, so that each is answered
constexpr nanoseconds flush_interval = std::chrono::milliseconds{20}; // what other nodes show is this much older
/// The portfolio hears of a fill when we do, so one look may come too early; three are 300 ms.
constexpr int looks_after_fill = 3;
constexpr int looks_between = 50; // a look at positions although nothing happened
constexpr int patience = 20;      // looks before a slot that did not answer is asked again
constexpr std::uint32_t orders_per_page = 1000;

class stream_actor final : public actor::last_answers<caf::event_based_actor> {
public:
  stream_actor(caf::actor_config& config, std::shared_ptr<api> a, std::shared_ptr<told_turns> told)
    : last_answers(config), api_{std::move(a)}, told_{std::move(told)},
      pulse_{api_->node->parts().env.pulses->of(order_stream_name)}, hub_{api_->hub->shared_from_this()},
      orders_{api_->counts, [this](const v1::order_view& o, bool finished) { show(o, finished); }},
      relay_{*this, api_->node->parts(), hub_, api_->counts, api_->others},
      market_{hub_, api_->node->parts().board, symbols_of(*api_->node), api_->trade2026_tickers,
              api_->trade2026_trades} {}
  const char* name() const override { return "edge/orders"; }

  caf::behavior make_behavior() override {
    find_shown();
    for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) {
      if (api_->node->nodes().runs_here(trading::slot_name(slot))) open_slot(slot);
      else told_->next[slot] = 0;
    }
    delayed_send(this, market_look_interval, look_due{});
    if (!api_->node->nodes().is_alone()) delayed_send(this, flush_interval, flush_due{});
    return caf::message_handler{
      [this](const actor::published<oms::event>& message) {
        actor::handling scope{*pulse_, *this};
        on_published(message);
      },
      [this](std::uint64_t number, const oms::orders_view& page) {
        actor::handling scope{*pulse_, *this};
        if (number >= 1 && number <= trading::slot_count) on_page(static_cast<std::uint32_t>(number - 1), page);
      },
      [this](std::uint64_t, const portfolio::positions_view& seen) {
        actor::handling scope{*pulse_, *this};
        on_positions(seen);
      },
      [this](const stream_rows& r) {
        actor::handling scope{*pulse_, *this};
        relay_.take(r);
      },
      [this](const stream_request& r) {
        actor::handling scope{*pulse_, *this};
        relay_.take(r);
      },
      [this](std::uint64_t, const finished_order_view& v) {
        actor::handling scope{*pulse_, *this};
        on_ended(v);
      },
      [this](flush_due) {
        actor::handling scope{*pulse_, *this};
        relay_.flush();
        delayed_send(this, flush_interval, flush_due{});
      },
      [](const actor::unanswered&) {}, // asked again by the next looks
      [this](look_due) {
        actor::handling scope{*pulse_, *this};
        look();
        delayed_send(this, market_look_interval, look_due{});
      },
    }.or_else(under_supervision(*this, api_->node->parts(), order_stream_name));
  }

private:
  struct slot_view {
    std::shared_ptr<actor::pulse> pulse;
    std::unique_ptr<slot_events> events;
    std::optional<std::uint64_t> behind_at; // our position when the last look found the slot ahead of it
    bool asking = false;
    int asked_ago = 0;
  };

  /// What the stream shows as open already, because this actor was started again. The slots' pictures say which of them still are.
  void find_shown() {
    api_->counts->open = 0;
    for (const auto& key : hub_->keys("orders")) {
      trading::order_id id;
      if (trading::from_text(key, id) && api_->node->nodes().runs_here(trading::slot_name(id.slot()))) unconfirmed_.insert(id);
    }
  }

  /// The picture that the slot is asked for has what is durable before this instant. What comes after it is folded, or after the turn that
  /// an earlier actor told of last: between the two it was away.
  void open_slot(std::uint32_t slot) {
    const auto& parts = api_->node->parts();
    const auto name = trading::slot_name(slot);
    auto& s = slots_[slot];
    s.pulse = parts.env.pulses->of(name);
    auto& next = told_->next[slot];
    if (next == 0) next = s.pulse->durable.load() + 1;
    s.events = std::make_unique<slot_events>(
      parts.journal, name, next - 1,
      [this](std::uint64_t sequence, const oms::event& event) {
        orders_.fold(event);
        if (const auto* x = std::get_if<oms::execution>(&event))
          if (auto f = fill_of(*x, sequence)) show(*f);
        if (const auto* c = std::get_if<oms::position_corrected>(&event)) show(*c);
      });
    ask_slot(slot);
  }

  /// Its orders and positions are shown by the node it went to.
  void close_slot(std::uint32_t slot) {
    slots_[slot] = {};
    told_->next[slot] = 0;
    std::erase_if(unconfirmed_, [slot](const auto& id) { return id.slot() == slot; });
    orders_.forget(slot);
    relay_.forget(slot);
  }

  void follow_moves() {
    const auto mine = api_->node->nodes().slots_of(api_->node->nodes().self());
    for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) {
      const bool is_mine = ((mine >> slot) & 1) != 0;
      if (!is_mine && slots_[slot].events) close_slot(slot);
      if (is_mine && !slots_[slot].events && api_->node->parts().env.pulses->of(trading::slot_name(slot))->alive) open_slot(slot);
    }
  }

  void on_published(const actor::published<oms::event>& message) {
    if (const auto slot = trading::slot_called(message.stream); slot && slots_[*slot].events) report(*slot, slots_[*slot].events->take(message));
  }

  void ask_slot(std::uint32_t slot, trading::order_id after = {}) {
    auto& s = slots_[slot];
    s.asking = true;
    s.asked_ago = 0;
    ask(trading::slot_name(slot), slot + 1, oms::orders_query{std::nullopt, std::nullopt, after, {orders_per_page}, false});
  }

  void on_page(std::uint32_t slot, const oms::orders_view& page) {
    auto& s = slots_[slot];
    if (!s.asking) return;
    for (const auto& o : page.orders) {
      unconfirmed_.erase(o.id);
      orders_.take(o);
    }
    if (page.orders.size() == orders_per_page) return ask_slot(slot, page.orders.back().id);
    s.asking = false;
    ask_about_unconfirmed(slot);
  }

  /// What the whole picture of its slot does not have has ended.
  void ask_about_unconfirmed(std::uint32_t slot) {
    if (!slots_[slot].events || slots_[slot].asking) return;
    for (const auto& id : unconfirmed_)
      if (id.slot() == slot) ask_about_ended(id);
  }

  /// A slot that was restarted may have turns that it never published, and nothing new to publish. The journal is not read
  /// past a picture that is on its way: it would show again what the journal has ended.
  void look_at(std::uint32_t slot) {
    auto& s = slots_[slot];
    if (s.asking) {
      if (++s.asked_ago > patience) ask_slot(slot);
      return;
    }
    if (!s.events) return; // another node's
    const auto upto = s.events->upto();
    if (s.pulse->durable.load() <= upto) return s.behind_at.reset();
    if (s.behind_at == upto) report(slot, s.events->catch_up()); // for a whole look nothing came
    s.behind_at = upto;
  }

  void report(std::uint32_t slot, const result<void>& folded) {
    told_->next[slot] = slots_[slot].events->upto() + 1;
    if (!folded)
      api_->node->parts().env.log(order_stream_name, {}, "error", trading::slot_name(slot).value.str() + ": " + to_string(folded.error()));
  }

  void look() {
    market_.publish_changes();
    relay_.set_out_of_date(api_->node->parts().given_up.load() & api_->node->nodes().slots_of(api_->node->nodes().self()));
    if (!api_->node->nodes().is_alone()) follow_moves();
    for (const auto& id : relay_.ended_to_ask()) ask_about_ended(id);
    for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) look_at(slot);
    if (looks_left_ > 0) --looks_left_;
    else if (++idle_looks_ < looks_between) return;
    idle_looks_ = 0;
    for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) ask_about_unconfirmed(slot); // history may have been away
    portfolio::positions_query q;
    q.flat.value = true;
    ask(portfolio_name, positions_number, q);
  }

  /// Marks move all the time; a position is published when a fill changed it.
  void on_positions(const portfolio::positions_view& seen) {
    for (auto p : seen.positions) {
      p.mark.reset();
      p.unrealized.reset();
      const auto key = p.tenant.value.str() + '/' + p.account.value.str() + '/' + p.instrument.value.str();
      auto shown = wire::to_json(p);
      auto& before = positions_[key];
      if (before == shown) continue;
      before = shown;
      relay_.publish("positions", key, std::move(shown));
    }
  }

  void show(const v1::order_view& o, bool finished) {
    const auto key = to_text(o.order_id);
    if (finished) unconfirmed_.erase(o.order_id);
    relay_.publish("orders", key, edge::lazy_json{[o] { return wire::to_json(o); }}, finished);
  }

  void show(const portfolio::fill& f) {
    relay_.publish("fills", f.venue.value.str() + '/' + f.execution.value.str(), edge::lazy_json{[f] { return wire::to_json(v1::view_of(f)); }});
    looks_left_ = looks_after_fill;
  }

  void show(const oms::position_corrected& e) {
    const auto& c = e.correction;
    relay_.publish("corrections", c.tenant.value.str() + '/' + c.account.value.str() + '/' + c.id.value.str(), edge::lazy_json{[e] { return wire::to_json(v1::view_of(e)); }});
    looks_left_ = looks_after_fill;
  }

  /// Of orders that were shown as open and ended while nobody listened: theirs while the link was down, ours while this actor was away.
  void on_ended(const finished_order_view& v) {
    if (!v.order) return;
    const auto& id = v.order->id;
    auto shown = wire::to_json(v1::view_of(*v.order));
    if (unconfirmed_.erase(id) > 0) relay_.publish("orders", to_text(id), std::move(shown), true);
    else relay_.publish_ended(to_text(id), std::move(shown));
  }

  /// Its slot's node knows.
  void ask_about_ended(const trading::order_id& id) {
    const auto& nodes = api_->node->nodes();
    ask(nodes.name_on(nodes.node_of(trading::slot_name(id.slot())), history_name), ended_number + asked_, finished_order_query{id});
  }

  template <class Q>
  void ask(const actor_name& to, std::uint64_t number, const Q& query) {
    troupe::context c;
    c.cause = {"edge/orders", ++asked_};
    c.principal = principal_id{"edge/orders"};
    c.request = number;
    actor::send_to(*this, api_->node->parts().env.names->ref(to), lane::data, c, query);
  }

  std::shared_ptr<api> api_;
  std::shared_ptr<told_turns> told_;
  std::shared_ptr<actor::pulse> pulse_;
  std::shared_ptr<edge::stream_hub> hub_;
  open_orders orders_;
  stream_relay relay_;
  market_stream market_;
  std::array<slot_view, trading::slot_count> slots_;
  std::set<trading::order_id> unconfirmed_; // shown as open by an earlier actor, and neither in a picture nor known to have ended
  std::map<std::string, std::string> positions_;
  int looks_left_ = 1;
  int idle_looks_ = 0;
  std::uint64_t asked_ = 0;
};

} // namespace

started start_order_stream(std::shared_ptr<api> a, std::shared_ptr<told_turns> told) {
  auto& system = a->node->system();
  return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<stream_actor>(std::move(a), std::move(told)));
}

} // namespace troupe::desk
