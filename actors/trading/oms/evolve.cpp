// What events do to the state, and what they send out. Shared by live turns and replay; neither can fail.

#include "actors/trading/oms/core.hpp"
#include "actors/trading/oms/corrections.hpp"
#include "actors/trading/oms/exposure.hpp"
#include "actors/trading/oms/pretrade.hpp"
#include "runtime/core/assert.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace troupe::oms {
namespace {

working& must_find(state& s, order_id id) {
  const auto at = s.orders.find(id);
  TROUPE_ASSERT(at != s.orders.end(), "an event is about an order that is open");
  return at->second;
}

account& account_of(state& s, const new_order& r) { return s.accounts[r.tenant][r.account]; }

std::int64_t second_of(time_ns at) { return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count(); }

void count_for_rate(account& a, time_ns at) {
  const auto second = second_of(at);
  if (second != a.rate_second) { // earlier: somebody set the clock back, and what was counted ahead of it says nothing
    a.rate_second = second;
    a.rate_count = 0;
  }
  ++a.rate_count;
}

/// Changes an open order by `f(working&, holding&)` with its contribution taken out before and put back after.
template <class F>
void change_order(state& s, working& w, F&& f) {
  change_holding(s, account_of(s, w.order.request), w.order.request.instrument, [&](holding& h) {
    take(h, w.order.request.side, contribution_of(w));
    f(w, h);
    add(h, w.order.request.side, contribution_of(w));
  });
}

using tenants = std::map<tenant_id, std::map<account_id, account>>;

/// When nothing of it is open, and its last second has passed.
void forget_if_idle(tenants& all, tenants::iterator tenant, tenants::mapped_type::iterator at, std::int64_t second) {
  const auto& a = at->second;
  if (a.open_orders > 0 || !a.holdings.empty() || a.rate_second == second) return;
  tenant->second.erase(at);
  if (tenant->second.empty()) all.erase(tenant);
}

/// An account whose orders all ended within their own second was not idle then. So each order looks at two more, round and round, and those that
/// came once and never again do not add up. Requires: there is an account.
void look_at_next(state& s, std::int64_t second) {
  const auto& [looked_tenant, looked_account] = s.looked_at;
  auto tenant = s.accounts.lower_bound(looked_tenant);
  if (tenant != s.accounts.end() && tenant->first == looked_tenant && tenant->second.upper_bound(looked_account) == tenant->second.end()) ++tenant;
  if (tenant == s.accounts.end()) tenant = s.accounts.begin();
  auto at = tenant->first == looked_tenant ? tenant->second.upper_bound(looked_account) : tenant->second.begin();
  if (at == tenant->second.end()) at = tenant->second.begin(); // the only tenant, once round
  s.looked_at = {tenant->first, at->first};
  forget_if_idle(s.accounts, tenant, at, second);
}

/// Out of memory, into the table; the account too when it is idle.
void finish(state& s, working& w, time_ns at, actor::archive& rows) {
  const auto request = w.order.request;
  const auto tenant = s.accounts.find(request.tenant);
  const auto place = tenant->second.find(request.account);
  auto& a = place->second;
  change_holding(s, a, request.instrument, [&](holding& h) { take(h, request.side, contribution_of(w)); });
  archive_done({w.order, std::move(w.executions)}, rows);
  if (!request.client_id.value.empty()) a.keys.erase(request.client_id);
  --a.open_orders;
  s.orders.erase(w.order.id);
  forget_if_idle(s.accounts, tenant, place, second_of(at));
}

/// Its account. Zero for a mark that is not known: the position is valued as before.
account& open(state& s, order_id id, const new_order& request, price reserve, price mark, time_ns at) {
  auto& w = s.orders[id];
  w.order.id = id;
  w.order.request = request;
  w.order.quantity = request.quantity;
  w.order.limit = request.limit;
  w.order.reserve = reserve;
  w.order.created_at = w.order.updated_at = at;
  auto& a = account_of(s, request);
  ++a.open_orders;
  if (!request.client_id.value.empty()) a.keys.emplace(request.client_id, id);
  change_holding(s, a, request.instrument, [&](holding& h) {
    if (mark.is_positive()) h.valued_at = mark;
    add(h, request.side, contribution_of(w));
  });
  return a;
}

void apply(state& s, const order_accepted& e, actor::archive&) {
  s.last_number = e.id.number();
  count_for_rate(open(s, e.id, e.request, e.reserve, e.mark, e.decided_at), e.decided_at);
  for (int looks = 0; looks < 2; ++looks) look_at_next(s, second_of(e.decided_at)); // of one each they would still add up
}

void apply(state& s, const order_rejected& e, actor::archive& rows) {
  s.last_number = e.id.number();
  order o;
  o.id = e.id;
  o.request = e.request;
  o.status = order_status::rejected;
  o.quantity = e.request.quantity;
  o.limit = e.request.limit;
  o.refusal = e.refusal;
  o.reason = e.reason;
  o.created_at = o.updated_at = e.decided_at;
  archive_done({o, {}}, rows);
}

order& ask_cancel(state& s, order_id id, time_ns at) {
  auto& o = must_find(s, id).order;
  o.cancel_asked = true;
  o.updated_at = at;
  return o;
}

void apply(state& s, const cancel_requested& e, actor::archive&) { ask_cancel(s, e.id, e.decided_at); }
void apply(state& s, const order_withdrawn& e, actor::archive&) { ask_cancel(s, e.id, e.decided_at).reason = e.reason; }

template <class Replace>
void ask_replace(working& w, const Replace& e, price reserve) {
  w.order.revision_asked = e.revision;
  w.asked_quantity = e.quantity;
  w.asked_limit = e.limit;
  w.asked_reserve = reserve;
  w.order.updated_at = e.decided_at;
}

void apply(state& s, const replace_requested& e, actor::archive&) {
  auto& open = must_find(s, e.id);
  count_for_rate(account_of(s, open.order.request), e.decided_at);
  change_order(s, open, [&](working& w, holding& h) {
    ask_replace(w, e, e.reserve);
    if (e.mark.is_positive()) h.valued_at = e.mark;
  });
}

void forget_replace(working& w) {
  w.asked_quantity = {};
  w.asked_limit.reset();
  w.asked_reserve = {};
}

void fold_trade(order& o, const execution& e) {
  o.filled = e.filled;
  o.filled_notional += notional(e.report.last_price, e.report.last_quantity, e.quote);
  o.fee += money{e.report.fee.units, e.quote};
  ++o.fills;
}

void book_trade(holding& h, const execution& e) {
  h.position += e.side == side::buy ? e.report.last_quantity : -e.report.last_quantity;
  h.valued_at = e.report.last_price;
}

void remember(working& w, const venue::report& r) {
  if (r.type == venue::exec_type::trade) {
    w.executions.insert(std::lower_bound(w.executions.begin(), w.executions.end(), r.id), r.id);
    return;
  }
  if (w.answers.size() == answers_kept) w.answers.erase(w.answers.begin());
  w.answers.push_back(r.id);
}

/// What the venue said, into the order itself.
void fold_report(working& w, const execution& e) {
  auto& o = w.order;
  const auto& r = e.report;
  o.status = e.status;
  o.updated_at = e.decided_at;
  switch (r.type) {
  case venue::exec_type::trade: fold_trade(o, e); break;
  case venue::exec_type::replaced:
    o.revision = r.revision;
    o.quantity = w.asked_quantity;
    o.limit = w.asked_limit;
    o.reserve = w.asked_reserve;
    forget_replace(w);
    break;
  case venue::exec_type::replace_rejected: forget_replace(w); break;
  case venue::exec_type::cancel_rejected:
    o.cancel_asked = false;
    o.reason = {};
    break;
  case venue::exec_type::rejected:
  case venue::exec_type::not_sent:
    if (is_terminal(e.status)) {
      o.refusal = r.type == venue::exec_type::rejected ? refusal::venue_rejected : refusal::not_sent;
      o.reason = {r.reason.view()};
    } else {
      forget_replace(w);
    }
    break;
  case venue::exec_type::canceled:
    if (o.reason.empty()) o.reason = {r.reason.view()}; // a halt's says more than "by request"
    break;
  case venue::exec_type::expired: o.reason = {r.reason.view()}; break;
  case venue::exec_type::new_: break;
  }
  if (e.status == order_status::filled) o.reason = {}; // what would have withdrawn it came too late
}

/// False for what leaves quantities and prices of the order as they are: it is not taken out of its holding and put back.
bool may_change_contribution(venue::exec_type t) noexcept {
  switch (t) {
  case venue::exec_type::new_:
  case venue::exec_type::canceled:
  case venue::exec_type::expired:
  case venue::exec_type::cancel_rejected: return false;
  default: return true;
  }
}

void apply(state& s, const execution& e, actor::archive& rows) {
  auto& open = must_find(s, e.report.order);
  remember(open, e.report);
  if (may_change_contribution(e.report.type))
    change_order(s, open, [&](working& w, holding& h) {
      fold_report(w, e);
      if (e.report.type == venue::exec_type::trade) book_trade(h, e);
    });
  else fold_report(open, e);
  if (is_terminal(e.status)) finish(s, open, e.decided_at, rows);
}

void apply(state& s, const order_lost& e, actor::archive& rows) {
  auto& w = must_find(s, e.id);
  w.order.status = e.status;
  w.order.refusal = refusal::venue_unknown;
  w.order.reason = venue_unknown_sentence;
  w.order.updated_at = e.decided_at;
  finish(s, w, e.decided_at, rows);
}

/// Its number is skipped later, with all that are.
void apply(state& s, const order_recovered& e, actor::archive&) {
  open(s, e.id, e.request, e.request.limit.value_or(price{}), price{}, e.decided_at);
}

void apply(state& s, const replace_recovered& e, actor::archive&) {
  change_order(s, must_find(s, e.id), [&](working& w, holding&) {
    ask_replace(w, e, e.limit.value_or(w.order.reserve));
  });
}

void apply(state& s, const numbers_skipped& e, actor::archive&) { s.last_number = std::max(s.last_number, e.upto); }

void apply(state& s, const account_disputed& e, actor::archive&) { s.disputed[disputed_name(e)] = e.execution; }
void apply(state& s, const dispute_closed& e, actor::archive&) { s.disputed.erase(e.account); }

void apply(state& s, const position_corrected& e, actor::archive& rows) { fold_correction(s, e, rows); }
void apply(state& s, const fill_disputed& e, actor::archive& rows) { fold_disputed_fill(s, e, rows); }

void apply(state&, const stray_order&, actor::archive&) {}     // nothing of ours; it only sends a cancel
void apply(state&, const command_refused&, actor::archive&) {} // nothing changed; it only tells the strategy

// -- what leaves ------------------------------------------------------------------------------------------------------

refusal refusal_of(venue::exec_type t) {
  switch (t) {
  case venue::exec_type::rejected:
  case venue::exec_type::cancel_rejected:
  case venue::exec_type::replace_rejected: return refusal::venue_rejected;
  case venue::exec_type::not_sent: return refusal::not_sent;
  default: return refusal::none;
  }
}

order_update update_of(order_id id, const new_order& r, order_status status, refusal why, quantity leaves) {
  return {id, r.client_id, r.instrument, r.side, status, why, {}, {}, {}, leaves, {}, {}};
}

order_update update_of(const execution& e) {
  const auto& r = e.report;
  const bool trade = r.type == venue::exec_type::trade;
  return {r.order, e.client_id, e.instrument, e.side, e.status, refusal_of(r.type), trade ? r.last_quantity : quantity{},
          trade ? r.last_price : price{}, e.filled, e.leaves, trade ? money{r.fee.units, e.quote} : money{}, r.id};
}

} // namespace

void core::evolve(state& s, const event& e, actor::archive& rows) const {
  std::visit([&](const auto& what) { apply(s, what, rows); }, e);
}

std::optional<price> core::limit_at_venue(const new_order& r, price reserve) const {
  if (r.type != order_type::market) return r.limit;
  const auto what = config_.instruments.find(r.instrument);
  if (what == config_.instruments.end()) return std::nullopt;
  const auto beyond = r.side == side::buy ? 0 : config_.market_protection_bps; // a buy counts at it already
  return worst_price(r.side, reserve, what->second.tick_size, beyond);
}

core::reaction_list core::reactions(const event& e) const {
  reaction_list out;
  const auto to_venue = [&](const venue_id& v, venue::command c) { out.push_back({venue_actor(v), std::move(c)}); };
  const auto to_strategy = [&](const strategy_id& id, order_update u) {
    if (!id.value.empty()) out.push_back({strategy_actor(id), std::move(u)});
  };
  if (const auto* a = std::get_if<order_accepted>(&e)) {
    const auto& r = a->request;
    to_venue(venue_of(r.instrument), venue::submit{a->id, r.account, r.instrument, r.side, r.type, r.tif, r.quantity,
                                                   limit_at_venue(r, a->reserve), a->valid_until});
    to_strategy(r.strategy, update_of(a->id, r, order_status::pending_new, refusal::none, r.quantity));
  } else if (const auto* j = std::get_if<order_rejected>(&e)) {
    to_strategy(j->request.strategy, update_of(j->id, j->request, order_status::rejected, j->refusal, {}));
  } else if (const auto* c = std::get_if<cancel_requested>(&e)) {
    to_venue(venue_of(c->instrument), venue::cancel{c->id});
  } else if (const auto* w = std::get_if<order_withdrawn>(&e)) {
    to_venue(venue_of(w->instrument), venue::cancel{w->id});
  } else if (const auto* p = std::get_if<replace_requested>(&e)) {
    to_venue(venue_of(p->instrument), venue::replace{p->id, p->revision, p->quantity, p->limit, p->valid_until});
  } else if (const auto* x = std::get_if<execution>(&e)) {
    to_strategy(x->strategy, update_of(*x));
  } else if (const auto* l = std::get_if<order_lost>(&e)) {
    to_strategy(l->strategy, {l->id, l->client_id, l->instrument, l->side, l->status, refusal::venue_unknown, {}, {},
                              l->filled, {}, {}, {}});
  } else if (const auto* s = std::get_if<stray_order>(&e)) {
    to_venue(s->venue, venue::cancel{s->id});
  } else if (const auto* r = std::get_if<command_refused>(&e)) {
    to_strategy(r->strategy, {r->order, r->client_id, r->instrument, r->side, r->status, r->refusal, {}, {}, r->filled,
                              r->leaves, {}, {}});
  }
  return out;
}

} // namespace troupe::oms
