#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/history.hpp"

#include "actors/trading/oms/core.hpp"
#include "nodes/desk/api/history_messages.hpp"
#include "nodes/desk/api/supervised.hpp"
#include "nodes/desk/api/turns_page.hpp"
#include "nodes/desk/mesh.hpp"
#include "runtime/actor/last_answers.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/recover.hpp"
#include "runtime/actor/spawn_blocking.hpp"
#include "runtime/wire/wire.ipp"

#include <caf/all.hpp>

#include <algorithm>

using namespace troupe;

TROUPE_WIRE(desk::finished_order_query)
TROUPE_WIRE(desk::finished_order_view)
TROUPE_WIRE(desk::finished_orders_query)
TROUPE_WIRE(desk::newest_finished_query)
TROUPE_WIRE(desk::orders_found)
TROUPE_WIRE(desk::open_in_slot_query)
TROUPE_WIRE(desk::open_in_slot)
TROUPE_WIRE(desk::fill_rows_query)
TROUPE_WIRE(desk::fills_found)
TROUPE_WIRE(desk::corrections_query)
TROUPE_WIRE(desk::corrections_found)
TROUPE_WIRE(desk::disputed_fills_query)
TROUPE_WIRE(desk::disputed_fills_found)
TROUPE_WIRE(desk::disputed_fill_query)
TROUPE_WIRE(desk::disputed_fill_view)
TROUPE_WIRE(desk::turns_query)
TROUPE_WIRE(desk::past_state_query)
TROUPE_WIRE(desk::json_found)

namespace troupe::desk {

using history_protocol = actor::protocol<
  actor::query<finished_order_query, finished_order_view>,
  actor::query<finished_orders_query, orders_found>,
  actor::query<newest_finished_query, orders_found>,
  // Only of a slot that was given up here.
  actor::query<open_in_slot_query, open_in_slot>,
  // Settle the portfolio first: it writes its rows now and then.
  actor::query<fill_rows_query, fills_found>,
  actor::query<corrections_query, corrections_found>,
  actor::query<disputed_fills_query, disputed_fills_found>,
  actor::query<disputed_fill_query, disputed_fill_view>,
  actor::query<turns_query, json_found>,
  actor::query<past_state_query, json_found>>;

} // namespace troupe::desk

TROUPE_PROTOCOL("history", desk::history_protocol)

namespace troupe::desk {
namespace {

class history_actor final : public actor::last_answers<caf::event_based_actor> {
public:
  history_actor(caf::actor_config& config, shared_parts& parts)
    : last_answers(config), parts_{parts}, pulse_{parts.env.pulses->of(history_name)} {}
  caf::behavior make_behavior() override;
  const char* name() const override { return "history"; }

private:
  /// Nobody waits for an answer past its deadline. A look-up is counted and not watched: how long it takes is the disk's and the journal's
  /// business, and neither a restart of this actor nor the watchdog's end of the process would make it shorter.
  template <class Q>
  auto on() {
    return [this](const troupe::context& c, const Q& q) {
      actor::count(pulse_->messages);
      if (actor::is_expired(c, *parts_.env.clock, *pulse_)) return;
      actor::reply(*this, c, look(q));
    };
  }

  finished_order_view look(const finished_order_query& q) const {
    auto found = finished_order(*parts_.journal, q.id);
    if (!found) return {{}, found.error()};
    return {std::move(*found), {}};
  }
  orders_found look(const finished_orders_query& q) const {
    auto found = finished_orders(*parts_.journal, q.after, q.last_slot, q.scope, q.limit, q.slots);
    if (!found) return {{}, {}, found.error()};
    return {std::move(found->orders), found->stopped_at, {}};
  }
  orders_found look(const newest_finished_query& q) const {
    auto found = newest_finished(*parts_.journal, q.scope, q.limit, q.slots);
    if (!found) return {{}, {}, found.error()};
    return {std::move(*found), {}, {}};
  }
  /// A slot that comes, goes or starts has its newest turns elsewhere, or adds to them. One that was given up adds none that a client was answered, and what was acknowledged is here.
  open_in_slot look(const open_in_slot_query& q) const {
    const auto slot = trading::slot_name(q.slot);
    if (((parts_.given_up.load() >> q.slot) & 1) == 0 || ((parts_.leaving.load() >> q.slot) & 1) != 0 || !parts_.nodes->runs_here(slot))
      return {0, fail(errc::unavailable, slot.value.str() + " was not given up here")};
    const auto known = actor::read_state<oms::core>(*parts_.journal, oms::core{oms::configuration{}}, slot, UINT64_MAX, false);
    if (!known) return {0, known.error()};
    const auto is_meant = [&](const auto& one) {
      const oms::new_order& o = one.second.order.request;
      return o.account == q.account && (!q.tenant || o.tenant == *q.tenant) && (!q.instrument || o.instrument == *q.instrument);
    };
    return {static_cast<std::uint64_t>(std::ranges::count_if(known->state.core.orders, is_meant)), {}};
  }
  fills_found look(const fill_rows_query& q) const {
    fills_found out;
    const auto from = key_of(q.from);
    if (!from) {
      out.failed = fail(errc::invalid_argument, "the key is not hexadecimal");
      return out;
    }
    auto found = read_fills(*parts_.books, *from, q.scope, q.limit, q.slots);
    if (!found) {
      out.failed = found.error();
      return out;
    }
    out.fills = std::move(found->fills);
    for (const auto& key : found->keys) out.keys.push_back(cursor_of(key));
    if (found->next) out.next = cursor_of(*found->next);
    return out;
  }

  /// Of a page of `read`, which is read_corrections or read_disputed_fills.
  template <class Found, class Q, class Read>
  Found page_of_rows(const Q& q, Read read) const {
    Found out;
    const auto from = key_of(q.from);
    if (!from) {
      out.failed = fail(errc::invalid_argument, "the key is not hexadecimal");
      return out;
    }
    auto found = read(*parts_.journal, *from, q.scope, std::size_t{q.limit}, q.slots);
    if (!found) {
      out.failed = found.error();
      return out;
    }
    out.rows = std::move(found->rows);
    for (const auto& key : found->keys) out.keys.push_back(cursor_of(key));
    if (found->next) out.next = cursor_of(*found->next);
    return out;
  }
  corrections_found look(const corrections_query& q) const { return page_of_rows<corrections_found>(q, read_corrections); }
  disputed_fills_found look(const disputed_fills_query& q) const { return page_of_rows<disputed_fills_found>(q, read_disputed_fills); }
  disputed_fill_view look(const disputed_fill_query& q) const {
    auto found = disputed_fill_of(*parts_.journal, q.slot, q.venue, q.execution);
    if (!found) return {{}, found.error()};
    return {std::move(*found), {}};
  }

  [[nodiscard]] const journal::journal& journal_of(const actor_name& name) const {
    return trading::venue_called(name.value.view()) ? *parts_.venues : *parts_.journal;
  }

  json_found look(const past_state_query& q) const {
    const auto read = inspector_of(q.name);
    if (!read) return {{}, read.error()};
    auto state = read->state(journal_of(q.name), q.name, q.at);
    if (!state) return {{}, state.error()};
    return {std::move(*state), {}};
  }

  json_found look(const turns_query& q) const {
    const auto read = inspector_of(q.name);
    if (!read) return {{}, read.error()};
    auto page = turns_page(&*read, journal_of(q.name), q.name, q.from, q.limit);
    if (!page) return {{}, page.error()};
    return {std::move(*page), {}};
  }

  shared_parts& parts_;
  std::shared_ptr<actor::pulse> pulse_;
};

caf::behavior history_actor::make_behavior() {
  return caf::message_handler{on<finished_order_query>(), on<finished_orders_query>(), on<newest_finished_query>(), on<open_in_slot_query>(),
                              on<fill_rows_query>(), on<corrections_query>(), on<disputed_fills_query>(), on<disputed_fill_query>(), on<turns_query>(), on<past_state_query>()}
    .or_else(under_supervision(*this, parts_, history_name));
}

} // namespace

started start_history(caf::actor_system& system, shared_parts& parts) {
  return actor::spawn_blocking<history_actor>(system, parts.env, std::ref(parts));
}

} // namespace troupe::desk
