// What venues say: execution reports through the FIX state machine, and reconciliation. Venues are outside: nothing
// they say may break a rule here, so what cannot be true is dropped, counted and kept on record.

#include "actors/trading/oms/core.hpp"
#include "actors/trading/oms/correction_rows.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace troupe::oms {
namespace {

constexpr int128 fee_units_max = int128{1} << 90; // sums of as many fills as fit in memory stay far inside 128 bits

enum class use : std::uint8_t { fold, ignore, impossible };

struct step {
  use what = use::impossible;
  order_status status = order_status::new_; // after the report
  quantity filled;
  quantity leaves;
};

step ended(const order& o, order_status s) { return {use::fold, s, o.filled, quantity{}}; }
step stays(const order& o, order_status s) { return {use::fold, s, o.filled, o.quantity - o.filled}; }

step after_trade(const order& o, const venue::report& r, const currency& quote) {
  const auto left = o.quantity - o.filled;
  if (!r.last_quantity.is_positive() || !r.last_price.is_positive() || r.last_quantity > left) return {};
  if (r.fee.units > fee_units_max || r.fee.units < -fee_units_max) return {};
  if (!r.fee.ccy.empty() && !quote.empty() && r.fee.ccy != quote) return {};
  const auto filled = o.filled + r.last_quantity;
  return {use::fold, filled == o.quantity ? order_status::filled : order_status::partially_filled, filled,
          o.quantity - filled};
}

step after_replaced(const working& w, const venue::report& r) {
  const auto& o = w.order;
  if (!w.replace_pending() || r.revision != o.revision_asked || w.asked_quantity < o.filled) return {};
  if (w.asked_quantity == o.filled) return ended(o, order_status::filled);
  const auto status = o.filled.is_positive() ? order_status::partially_filled : order_status::new_;
  return {use::fold, status, o.filled, w.asked_quantity - o.filled};
}

/// The FIX state machine: where a report takes an open order.
step after(const working& w, const venue::report& r, const currency& quote) {
  const auto& o = w.order;
  const bool answers_replace = w.replace_pending() && r.revision == o.revision_asked;
  switch (r.type) {
  case venue::exec_type::new_:
    if (o.status != order_status::pending_new) return {use::ignore}; // overtaken by what it announces
    return stays(o, order_status::new_);
  case venue::exec_type::trade: return after_trade(o, r, quote);
  case venue::exec_type::canceled: return ended(o, order_status::canceled);
  case venue::exec_type::expired: return ended(o, order_status::expired);
  case venue::exec_type::replaced: return after_replaced(w, r);
  case venue::exec_type::rejected:
    if (o.status != order_status::pending_new) return {};
    return ended(o, order_status::rejected);
  case venue::exec_type::cancel_rejected: return stays(o, o.status);
  case venue::exec_type::replace_rejected:
    if (!answers_replace) return {};
    return stays(o, o.status);
  case venue::exec_type::not_sent:
    if (r.revision > 0) return answers_replace ? stays(o, o.status) : step{};
    if (o.status != order_status::pending_new) return {};
    return ended(o, order_status::rejected);
  }
  return {};
}

bool is_known(const working& w, const execution_id& id) {
  return std::binary_search(w.executions.begin(), w.executions.end(), id) || std::ranges::find(w.answers, id) != w.answers.end() ||
         std::ranges::find(w.disputed, id) != w.disputed.end();
}

/// A fill that may be one of those in dispute which the order does not remember.
bool may_be_disputed(const working& w, const venue::report& r) { return r.type == venue::exec_type::trade && w.disputed.size() >= disputes_kept; }

/// The venue that speaks; empty when it is none.
venue_id speaker_of(const actor::turn_context& ctx) { return venue_called(ctx.message.principal.value.view()).value_or(venue_id{}); }

/// Nobody but the order's own venue speaks of it.
bool is_of_another_venue(const actor::turn_context& ctx, const venue_id& own) {
  const auto who = speaker_of(ctx);
  return !who.value.empty() && who != own;
}

/// What of a fill that no order could take its order says, when it is known: open, or finished. `own`: the venue of the order's instrument.
fill_disputed disputed_fill(const actor::turn_context& ctx, const venue::report& r, const order* about, const venue_id& own) {
  fill_disputed e{own, r, about && !is_of_another_venue(ctx, own)};
  if (const auto who = speaker_of(ctx); !who.value.empty()) e.venue = who;
  e.decided_at = ctx.decided_at;
  if (!about) return e;
  e.tenant = about->request.tenant;
  e.account = about->request.account;
  e.instrument = about->request.instrument;
  e.side = about->request.side;
  e.ordered = about->quantity;
  e.filled = about->filled;
  return e;
}

/// In the position already, by an order that took it before it ended.
bool was_taken(const fill_disputed& e, const std::optional<finished_order>& about) { return about && e.from_own_venue && about->has(e.report.id); }

/// On record as in dispute, and its account or venue with it, halted since or about to be.
bool was_disputed(const fill_disputed& e, const actor::turn_context& ctx) {
  if (e.report.id.value.empty()) return false; // another one may be meant
  const auto* row = ctx.row(disputed_fill_key(e.report.order.slot(), e.venue, e.report.id));
  if (!row) return false;
  const auto said = decode_disputed_fill(*row);
  return said && said->report.order == e.report.order && said->account == e.account;
}

/// Adds what a fill of an order that is not open wants to know, `from` whom it comes.
void want_rows(const state& s, const venue::report& r, const venue_id& from, std::vector<actor::lookup>& wanted) {
  if (r.type != venue::exec_type::trade || s.orders.contains(r.order)) return;
  wanted.push_back(done_order_row(r.order));
  wanted.push_back({std::string{done_table}, disputed_fill_key(r.order.slot(), from, r.id)});
}

/// The venue counts fills that we have not: a report of one was lost. What it says of itself is folded all the same. Zero: it does not tell.
bool has_missed_fills(const venue::report& r, quantity filled) { return r.cumulative.is_positive() && r.cumulative != filled; }

/// Venues know no tenants, so this is a guess: the usual one where the account hashes to this slot under it, else one that has the account here, else one under
/// which it would hash to it.
tenant_id tenant_of(const configuration& c, const state& s, const account_id& account) {
  if (slot_of(c.tenant, account) == c.slot) return c.tenant;
  auto known = std::ranges::find_if(s.accounts, [&](const auto& one) { return one.second.contains(account); });
  if (known == s.accounts.end()) known = std::ranges::find_if(s.accounts, [&](const auto& one) { return slot_of(one.first, account) == c.slot; });
  return known == s.accounts.end() ? c.tenant : known->first;
}

/// The replace that `r` says was taken, when it is not the one on record: the journal has lost it.
std::optional<replace_recovered> lost_replace(const state& s, const venue::report& r, const venue::submit& changed, time_ns at) {
  const auto open = s.orders.find(r.order);
  if (open == s.orders.end() || r.revision <= open->second.order.revision_asked) return std::nullopt;
  if (changed.id != r.order || !changed.quantity.is_positive() || changed.quantity < open->second.order.filled) return std::nullopt;
  const bool is_market = open->second.order.request.type == order_type::market; // its limit at the venue is not the client's
  return replace_recovered{r.order, r.revision, changed.quantity, is_market ? std::nullopt : changed.limit, at};
}

} // namespace

void core::decide(const state& s, view& v, const venue::report& r, const turn_context& ctx, output& out) const {
  const auto dispute = [&](const new_order& about) {
    out.events.push_back(account_disputed{about.account, venue_of(about.instrument), r.order, r.id, ctx.decided_at});
  };
  const auto at = s.orders.find(r.order);
  if (at == s.orders.end()) {
    if (r.type != venue::exec_type::trade) return void(++v.late_reports);
    return hear_fill_of_closed(v, r, ctx, out);
  }
  const auto& w = at->second;
  if (is_known(w, r.id)) {
    ++v.repeated_reports;
    return;
  }
  const auto& request = w.order.request;
  const auto quote = quote_of(request.instrument, r.fee.ccy);
  const auto own = venue_of(request.instrument);
  const bool is_untrue = !quote || r.id.value.empty() || is_of_another_venue(ctx, own) || may_be_disputed(w, r);
  const auto next = is_untrue ? step{} : after(w, r, *quote);
  if (next.what == use::ignore) return;
  if (next.what == use::impossible) {
    ++v.impossible_reports;
    out.record = true;
    if (r.type != venue::exec_type::trade) return;
    out.events.push_back(disputed_fill(ctx, r, &w.order, own));
    dispute(request);
    return;
  }
  out.events.emplace_back(execution{own, r, request.account, request.instrument, request.side, request.strategy, request.client_id, next.status,
                                    ctx.decided_at, request.tenant, *quote, next.filled, next.leaves});
  if (has_missed_fills(r, next.filled)) dispute(request);
}

/// Of an order that nobody knows only the venue's word is on record.
void core::hear_fill_of_closed(view& v, const venue::report& r, const turn_context& ctx, output& out) const {
  const auto done = find_finished(ctx, r.order);
  const auto own = done ? venue_of(done->order.request.instrument) : venue_id{};
  auto e = disputed_fill(ctx, r, done ? &done->order : nullptr, own);
  if (was_taken(e, done) || was_disputed(e, ctx)) return void(++v.repeated_reports);
  ++v.impossible_reports;
  const account_disputed about{e.account, done ? own : e.venue, r.order, r.id, ctx.decided_at};
  out.events.push_back(std::move(e));
  if (!about.account.value.empty() || !about.venue.value.empty()) out.events.push_back(about);
}

std::vector<actor::lookup> core::wanted_rows(const state& s, const venue::report& r, const turn_context& ctx) const {
  std::vector<actor::lookup> wanted;
  want_rows(s, r, speaker_of(ctx), wanted);
  return wanted;
}

std::vector<actor::lookup> core::wanted_rows(const state& s, const venue::fills_since& seen, const turn_context&) const {
  std::vector<actor::lookup> wanted;
  for (const auto& r : seen.reports) want_rows(s, r, seen.venue, wanted);
  return wanted;
}

void core::decide(const state& s, view&, const close_dispute& asked, const turn_context& ctx, output& out) const {
  if (s.disputed.contains(asked.account)) out.events.push_back(dispute_closed{asked.account, ctx.decided_at});
}

void core::decide(const state& s, view&, const venue::open_orders& seen, const turn_context& ctx, output& out) const {
  if (seen.fenced) return; // a newer owner of the slot has spoken: not our business any more
  // Only here, when every page of every venue is folded: which orders are missing is told by the numbers. What a venue refused has used its own too.
  if (seen.highest_number > s.last_number) out.events.push_back(numbers_skipped{seen.venue, seen.highest_number, ctx.decided_at});
  std::vector<order_id> there;
  there.reserve(seen.orders.size());
  const auto dispute = [&](const order_id& id, const account_id& account) {
    out.events.push_back(account_disputed{account, seen.venue, id, {"order " + to_text(id)}, ctx.decided_at});
  };
  for (const auto& o : seen.orders) { // fills of since may have overtaken a long answer, so less than ours says nothing
    there.push_back(o.request.id);
    const auto ours = s.orders.find(o.request.id);
    if (ours != s.orders.end() && o.cumulative > ours->second.order.filled) dispute(o.request.id, ours->second.order.request.account);
  }
  std::sort(there.begin(), there.end());
  there.erase(std::unique(there.begin(), there.end()), there.end());

  for (const auto& [id, w] : s.orders) {
    const auto& request = w.order.request;
    if (venue_of(request.instrument) != seen.venue || id.number() > seen.highest_number) continue;
    if (std::binary_search(there.begin(), there.end(), id)) continue;
    const auto end = w.order.status == order_status::pending_new ? order_status::rejected : order_status::canceled;
    out.events.push_back(order_lost{id, seen.venue, ctx.decided_at, request.strategy, request.client_id,
                                    request.instrument, request.side, end, w.order.filled});
    if (end == order_status::canceled) dispute(id, request.account); // it had been there: how it ended, and with which fills, nobody said
  }
  for (const auto& id : there)
    if (id.slot() == config_.slot && !s.orders.contains(id))
      out.events.push_back(stray_order{id, seen.venue, ctx.decided_at});
}

void core::decide(const state& s, view& v, const venue::fills_since& seen, const turn_context& ctx, output& out) const {
  if (seen.fenced) return;
  out.record = true; // it moves the place in the venue's stream
  auto ahead = s;    // with the events so far: reports are about orders that come back here
  auto from_venue = ctx;
  from_venue.message.principal.value = text<32>{venue_actor(seen.venue).value.view()};
  auto known = ctx.rows ? *ctx.rows : actor::found_rows{}; // with those that the page itself makes
  from_venue.rows = &known;
  std::vector<actor::archive::row> made;
  const auto fold = [&](const event& e) {
    actor::archive rows{made};
    evolve(ahead, e, rows);
    for (auto& row : made) known.insert_or_assign(std::move(row.key), std::move(row.value));
    made.clear();
  };
  const auto add = [&](event e) {
    out.events.push_back(std::move(e));
    fold(out.events.back());
  };
  std::map<order_id, order_recovered> lost; // each comes back in front of the first report about it: open all at once they may be more than can be counted
  for (const auto& o : seen.orders) {
    if (venue::is_change(o) || o.id.slot() != config_.slot || o.id.number() <= s.last_number || s.orders.contains(o.id)) continue;
    const auto limit = o.type == order_type::market ? std::nullopt : o.limit; // what protects a market order is not the client's
    lost.try_emplace(o.id, order_recovered{o.id, {tenant_of(config_, s, o.account), o.account, {}, o.instrument, o.side, o.type, o.tif, o.quantity, limit, {}}, ctx.decided_at});
  }
  auto change = std::ranges::find_if(seen.orders, venue::is_change);
  for (const auto& r : seen.reports) {
    if (auto back = lost.extract(r.order)) add(std::move(back.mapped()));
    if (r.type == venue::exec_type::replaced && change != seen.orders.end()) {
      if (auto replaced = lost_replace(ahead, r, *change, ctx.decided_at)) add(std::move(*replaced));
      change = std::find_if(std::next(change), seen.orders.end(), venue::is_change);
    }
    const auto before = out.events.size();
    decide(ahead, v, r, from_venue, out);
    for (auto i = before; i < out.events.size(); ++i) fold(out.events[i]);
  }
  for (auto& [id, order] : lost) add(std::move(order));
}

} // namespace troupe::oms
