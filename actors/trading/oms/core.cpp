#include "actors/trading/oms/core.hpp"

#include "actors/trading/oms/considered.hpp"
#include "actors/trading/oms/sentence.hpp"
#include "runtime/core/assert.hpp"

#include <algorithm>
#include <utility>

namespace troupe::oms {
namespace {

order_ack first_answer(const order& o) {
  if (is_risk_refusal(o.refusal)) return {o.id, o.request.client_id, order_status::rejected, o.refusal, o.reason.str(), o.created_at};
  return {o.id, o.request.client_id, order_status::pending_new, refusal::none, {}, o.created_at};
}

template <class T>
T must_decode(result<T> row) {
  TROUPE_ASSERT(row.has_value(), "a row of the table of finished orders can be read");
  return *std::move(row);
}

order_ack order_as_is(const order& o) { return {o.id, o.request.client_id, o.status, refusal::none, {}, o.created_at}; }

order_ack refused(const order& o, refusal r, std::string why) {
  return {o.id, o.request.client_id, o.status, r, sentence(std::move(why)), o.created_at};
}

/// The open order with this idempotency key, or nothing.
const working* find_open(const state& s, const tenant_id& tenant, const account_id& account,
                         const client_order_id& client_id) {
  const auto t = s.accounts.find(tenant);
  if (t == s.accounts.end()) return nullptr;
  const auto a = t->second.find(account);
  if (a == t->second.end()) return nullptr;
  const auto k = a->second.keys.find(client_id);
  return k == a->second.keys.end() ? nullptr : &s.orders.at(k->second);
}
const working* find_open(const state& s, order_id id) {
  const auto at = s.orders.find(id);
  return at == s.orders.end() ? nullptr : &at->second;
}

const instrument* find_instrument(const configuration& c, const instrument_id& id) {
  const auto at = c.instruments.find(id);
  return at == c.instruments.end() ? nullptr : &at->second;
}

/// What is wrong with a quantity and a price, whoever asks; nothing when they may be used.
struct flaw {
  refusal what = refusal::none;
  std::string why;
};
flaw flaw_of(const instrument& i, quantity q, const std::optional<price>& limit, order_type type) {
  if (!q.is_positive() || q.units % i.lot_size.units != 0)
    return {refusal::off_lot, "quantity " + q.str() + " is not a positive multiple of the lot " + i.lot_size.str()};
  if (type == order_type::limit && !limit) return {refusal::price_missing, "a limit order needs a limit price"};
  if (type == order_type::market && limit)
    return {refusal::price_forbidden, "a market order has no limit price, " + limit->str() + " was given"};
  if (limit && (!limit->is_positive() || limit->units % i.tick_size.units != 0))
    return {refusal::off_tick, "limit " + limit->str() + " is not a positive multiple of the tick " + i.tick_size.str()};
  return {};
}

constexpr const char* no_lease_yet = "risk has granted this slot no lease since it started; repeat with the same client id";
constexpr const char* no_space = "the disk reserve is reached; cancels pass, nothing new opens until space returns";

} // namespace

core::core(configuration c) : config_{std::move(c)} {
  TROUPE_ASSERT(config_.slot < slot_count, "a slot number is below slot_count");
  for (const auto& [id, i] : config_.instruments)
    TROUPE_ASSERT(id == i.id && i.tick_size.is_positive() && i.lot_size.is_positive(),
                  "an instrument is listed under its id, with a tick and a lot");
}

// -- a new order ------------------------------------------------------------------------------------------------------

new_order core::with_tenant(const new_order& given) const {
  auto asked = given;
  if (asked.tenant.value.empty()) asked.tenant = config_.tenant;
  return asked;
}

namespace {

/// Whoever was refused for the slot's budget tries anew soon, if at all.
constexpr auto wants_for = std::chrono::seconds{5};

/// Of an order that was refused for the slot's budget. Requires: there is a lease.
bool can_be_lent(const view& v, price wanted) { return wanted <= v.lease->exposure_reachable.value; }

/// The largest that risk can lend: an order that is too large for the firm must not hide one that is not.
void ask_for(view& v, const pretrade_verdict& judged, boot_ns now) {
  if (!judged.wanted.is_positive()) return;
  const auto rank = [&](price p) { return std::pair{can_be_lent(v, p), p}; };
  if (now < v.wanted_until && rank(judged.wanted) < rank(v.wanted)) return;
  v.wanted = judged.wanted;
  v.wanted_until = now + wants_for;
}

/// An order was taken: what is lent and idle from here on may go back.
void has_what_it_wanted(view& v) {
  if (v.lease && v.wanted <= v.lease->exposure_budget.value) v.wanted = {};
}

} // namespace

core::considered core::consider(const state& s, const view& v, const new_order& asked, const turn_context& ctx,
                                inputs& read, std::vector<std::string>* warnings) const {
  const auto nothing = [&](refusal r, std::string why) {
    return considered{outcome::refused, {{}, asked.client_id, order_status::rejected, r, sentence(std::move(why))}, {}};
  };
  const auto repeat = [&](const new_order& first, order_ack answer) {
    if (first == asked) return considered{outcome::repeated, std::move(answer), {}};
    return nothing(refusal::conflict, "client id " + asked.client_id.value.str() + " belongs to order " +
                                        to_text(answer.order) + " with another body");
  };
  if (!asked.client_id.value.empty()) {
    if (const auto* open = find_open(s, asked.tenant, asked.account, asked.client_id))
      return repeat(open->order.request, first_answer(open->order));
    if (ctx.found) {
      const auto done = must_decode(decode_done(*ctx.found));
      return repeat(done.request, first_answer(done));
    }
  }
  const auto* what = find_instrument(config_, asked.instrument);
  if (!what) return nothing(refusal::unknown_instrument, "instrument " + asked.instrument.value.str() + " is not traded here");
  if (auto f = flaw_of(*what, asked.quantity, asked.limit, asked.type); f.what != refusal::none)
    return nothing(f.what, std::move(f.why));
  const auto not_now = [&](refusal r, const char* why) {
    auto c = nothing(r, why);
    c.what = outcome::refused_unrecorded;
    return c;
  };
  if (!ctx.has_space) return not_now(refusal::disk_full, no_space);
  if (!v.lease) return not_now(refusal::no_lease, no_lease_yet);

  const auto id = order_id::make(config_.slot, s.last_number + 1);
  auto judged = pretrade(config_, s, v, {asked, *what, asked.quantity, asked.limit}, ctx.decided_at, ctx.decided_boot,
                         read, warnings);
  if (judged.refusal == refusal::none)
    return {outcome::accepted, {id, asked.client_id, order_status::pending_new, refusal::none, {}, ctx.decided_at}, std::move(judged)};
  order_ack ack{id, asked.client_id, order_status::rejected, judged.refusal, judged.reason, ctx.decided_at};
  return {outcome::rejected, std::move(ack), std::move(judged)};
}

order_ack core::decide(const state& s, view& v, const new_order& given, const turn_context& ctx, output& out) const {
  const auto asked = with_tenant(given);
  auto c = consider(s, v, asked, ctx, out.inputs, nullptr);
  switch (c.what) {
  case outcome::accepted:
    has_what_it_wanted(v);
    out.events.emplace_back(order_accepted{c.ack.order, asked, ctx.decided_at, c.judged.valid_until, c.judged.reserve, c.judged.mark});
    break;
  case outcome::rejected:
    ask_for(v, c.judged, ctx.decided_boot);
    out.waits = ctx.may_wait && c.judged.wanted.is_positive() && can_be_lent(v, c.judged.wanted);
    if (out.waits) break;
    out.events.push_back(order_rejected{c.ack.order, asked, c.ack.refusal, {c.ack.reason}, ctx.decided_at});
    break;
  case outcome::refused: out.record = true; break;
  case outcome::repeated:
  case outcome::refused_unrecorded: break;
  }
  return std::move(c.ack);
}

namespace {

actor::turn_context moment_of(const check_query& q, actor::turn_context ctx) {
  ctx.decided_at = q.asked_at;
  ctx.decided_boot = q.asked_boot;
  ctx.has_space = q.has_space;
  return ctx;
}

} // namespace

void core::ask_for_budget(const state& s, view& v, const check_query& q) const {
  const auto ctx = moment_of(q, {});
  inputs read;
  ask_for(v, consider(s, v, with_tenant(q.request), ctx, read, nullptr).judged, ctx.decided_boot);
}

check_view core::answer(const state& s, const view& v, const check_query& q, const turn_context& asked) const {
  const auto ctx = moment_of(q, asked);
  inputs read;
  check_view shown;
  auto c = consider(s, v, with_tenant(q.request), ctx, read, &shown.warnings);
  shown.refusal = c.ack.refusal;
  shown.reason = std::move(c.ack.reason);
  return shown;
}

orders_view core::answer(const state& s, const view&, const client_order_query& q, const turn_context& asked) const {
  const auto& tenant = q.tenant.value.empty() ? config_.tenant : q.tenant;
  if (const auto* open = find_open(s, tenant, q.account, q.client_id)) return orders_view{{open->order}};
  if (asked.found) return orders_view{{must_decode(decode_done(*asked.found))}};
  return {};
}

// -- cancel and replace -----------------------------------------------------------------------------------------------

namespace {

/// A command that names nothing open: finished or never heard of.
order_ack not_open(order_id id, const client_order_id& client_id, const std::optional<order_ack>& finished) {
  if (finished) {
    auto ack = *finished;
    ack.refusal = refusal::order_finished;
    ack.reason = sentence("order " + to_text(ack.order) + " is " +
                          boost::describe::enum_to_string(ack.status, "finished") + "; nothing of it is open");
    return ack;
  }
  const auto name = id.value != 0 ? "order " + to_text(id) : "client id " + client_id.value.str();
  return {id, client_id, order_status::rejected, refusal::unknown_order, sentence(name + " is not known in this slot")};
}

} // namespace

order_ack core::decide(const state& s, view&, const cancel_order& asked, const turn_context& ctx, output& out) const {
  const auto& tenant = asked.tenant.value.empty() ? config_.tenant : asked.tenant;
  const bool by_id = asked.order.value != 0;
  const auto* open = by_id ? find_open(s, asked.order) : find_open(s, tenant, asked.account, asked.client_id);
  if (!open) {
    out.record = ctx.has_space;
    std::optional<order_ack> finished;
    if (ctx.found) finished = order_as_is(must_decode(decode_done(*ctx.found)));
    return not_open(asked.order, asked.client_id, finished);
  }
  const auto& o = open->order;
  if (!o.cancel_asked) out.events.push_back(cancel_requested{o.id, ctx.decided_at, o.request.instrument});
  return order_as_is(o);
}

order_ack core::decide(const state& s, view& v, const replace_order& asked, const turn_context& ctx, output& out) const {
  out.record = true; // until it is a repeat or has an event, it is a refusal
  const auto* open = find_open(s, asked.order);
  if (!open) {
    std::optional<order_ack> finished;
    if (ctx.found) finished = order_as_is(must_decode(decode_done(*ctx.found)));
    return not_open(asked.order, {}, finished);
  }
  const auto& o = open->order;
  const auto* what = find_instrument(config_, o.request.instrument);
  if (!what) return refused(o, refusal::unknown_instrument, o.request.instrument.value.str() + " is not traded here any more");
  const auto limit = asked.limit || o.request.type == order_type::market ? asked.limit : o.limit;
  if (auto f = flaw_of(*what, asked.quantity, limit, o.request.type); f.what != refusal::none)
    return refused(o, f.what, std::move(f.why));
  const bool pending = open->replace_pending();
  if ((pending && open->asked_quantity == asked.quantity && open->asked_limit == limit) ||
      (!pending && o.quantity == asked.quantity && o.limit == limit)) {
    out.record = false;
    return order_as_is(o);
  }
  if (pending) return refused(o, refusal::replace_pending, "order " + to_text(o.id) + ": its venue has not answered the last replace yet; wait, or cancel it");
  if (asked.quantity <= o.filled)
    return refused(o, refusal::quantity_below_filled, "quantity " + asked.quantity.str() + " must be above the filled " +
                                                        o.filled.str() + "; to keep only what is filled, cancel");
  if (!ctx.has_space) {
    out.record = false;
    return refused(o, refusal::disk_full, no_space);
  }
  auto judged = pretrade(config_, s, v, {o.request, *what, asked.quantity, limit, open}, ctx.decided_at, ctx.decided_boot,
                         out.inputs);
  ask_for(v, judged, ctx.decided_boot);
  if (judged.refusal != refusal::none) return refused(o, judged.refusal, std::move(judged.reason));
  has_what_it_wanted(v);
  out.events.push_back(replace_requested{o.id, o.revision_asked + 1, asked.quantity, limit, ctx.decided_at,
                                         judged.valid_until, judged.reserve, judged.mark, o.request.instrument});
  return order_as_is(o);
}

// -- from strategies --------------------------------------------------------------------------------------------------

namespace {

constexpr const char* asked_too_long_ago =
  "the strategy asked for it longer ago than an order may be old, or before its last start; what it saw then is over";

/// Of a first hearing: a command that was taken before has its answer.
std::optional<order_ack> too_late(const state& s, const order_command& command, const actor::turn_context& ctx, nanoseconds age_max) {
  if (!ctx.asked_boot || (*ctx.asked_boot != boot_ns{} && ctx.decided_boot - *ctx.asked_boot <= age_max)) return std::nullopt;
  if (const auto* o = std::get_if<new_order>(&command)) {
    if (ctx.found || find_open(s, o->tenant, o->account, o->client_id)) return std::nullopt;
    return order_ack{{}, o->client_id, order_status::rejected, refusal::not_sent, sentence(asked_too_long_ago)};
  }
  const auto* r = std::get_if<replace_order>(&command); // a cancel is never too late
  const auto* open = r ? find_open(s, r->order) : nullptr;
  return open ? std::optional{refused(open->order, refusal::not_sent, asked_too_long_ago)} : std::nullopt;
}

/// A replace of what is just so already: nothing goes to the venue, whose word the strategy would wait for.
bool is_as_asked(const state& s, const order_command& command) {
  const auto* r = std::get_if<replace_order>(&command);
  const auto* open = r ? find_open(s, r->order) : nullptr;
  return open && !open->replace_pending();
}

} // namespace

void core::decide(const state& s, view& v, const order_command& command, const turn_context& ctx, output& out) const {
  const auto before = out.events.size();
  auto ack = too_late(s, command, ctx, config_.order_age_max).value_or(order_ack{});
  if (ack.refusal == refusal::none) ack = std::visit([&](const auto& c) { return decide(s, v, c, ctx, out); }, command);
  if (out.events.size() != before || (ack.refusal == refusal::none && !is_as_asked(s, command))) return;

  command_refused e;
  e.order = ack.order;
  e.client_id = ack.client_id;
  e.status = ack.status;
  e.refusal = ack.refusal;
  e.reason = {ack.reason};
  e.decided_at = ctx.decided_at;
  if (const auto name = strategy_called(ctx.message.principal.value.view())) e.strategy = *name;
  if (const auto* asked = std::get_if<new_order>(&command)) {
    if (!asked->strategy.value.empty()) e.strategy = asked->strategy;
    e.instrument = asked->instrument;
    e.side = asked->side;
  } else if (const auto* open = find_open(s, ack.order)) {
    const auto& o = open->order;
    if (e.strategy.value.empty()) e.strategy = o.request.strategy;
    e.instrument = o.request.instrument;
    e.side = o.request.side;
    e.filled = o.filled;
    e.leaves = o.quantity - o.filled;
  }
  if (!e.strategy.value.empty()) out.events.push_back(std::move(e));
}

// -- finished things --------------------------------------------------------------------------------------------------

namespace {

/// What leads to the finished order under a client's id; nothing when the one under it is open.
std::optional<actor::lookup> client_row(const state& s, const tenant_id& tenant, const account_id& account, const client_order_id& client_id) {
  if (find_open(s, tenant, account, client_id)) return std::nullopt;
  return actor::lookup{std::string{done_table}, done_client_key(tenant, account, client_id), true};
}

} // namespace

std::optional<actor::lookup> core::wanted(const state& s, const new_order& given) const {
  if (given.client_id.value.empty()) return std::nullopt;
  return client_row(s, given.tenant.value.empty() ? config_.tenant : given.tenant, given.account, given.client_id);
}

std::optional<actor::lookup> core::wanted(const state& s, const cancel_order& asked) const {
  if (asked.order.value != 0) {
    if (find_open(s, asked.order)) return std::nullopt;
    return done_order_row(asked.order);
  }
  return client_row(s, asked.tenant.value.empty() ? config_.tenant : asked.tenant, asked.account, asked.client_id);
}

std::optional<actor::lookup> core::wanted(const state& s, const replace_order& asked) const {
  if (find_open(s, asked.order)) return std::nullopt;
  return done_order_row(asked.order);
}

std::optional<actor::lookup> core::wanted(const state& s, const order_command& command) const {
  return std::visit([&](const auto& c) { return wanted(s, c); }, command);
}

std::optional<actor::lookup> core::wanted(const state& s, const check_query& q) const { return wanted(s, q.request); }

std::optional<actor::lookup> core::wanted(const state& s, const client_order_query& q) const {
  return client_row(s, q.tenant.value.empty() ? config_.tenant : q.tenant, q.account, q.client_id);
}

} // namespace troupe::oms
