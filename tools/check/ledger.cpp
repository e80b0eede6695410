#include "tools/check/ledger.hpp"

#include "actors/trading/oms/done.hpp"

#include <algorithm>

namespace troupe::check {
namespace {

std::size_t index_of(side s) { return s == side::buy ? 0 : 1; }
const char* name_of(order_status s) { return boost::describe::enum_to_string(s, "?"); }

/// True when the turn took exactly one command, so that its inputs are about that one.
bool is_alone(const oms_turn& t) {
  if (const auto* b = std::get_if<actor::batch<oms::order_command>>(&t.command)) return b->items.size() == 1;
  return std::holds_alternative<oms::new_order>(t.command) || std::holds_alternative<oms::replace_order>(t.command);
}

} // namespace

std::uint64_t hash_of(std::string_view client_id) noexcept { return std::hash<std::string_view>{}(client_id); }

std::string ledger::where(const moment& m, order_id id) const {
  return m.header.stream.value.str() + " turn " + std::to_string(m.header.sequence) + ": order " + to_text(id) + ' ';
}

void ledger::read_slot(const journal::journal& j, const journal::journal& senders, std::uint32_t slot) {
  const auto stream = slot_name(slot);
  const auto snapshots = snapshots_of(j, stream);
  auto& marks = inboxes_[slot];
  read_turns<oms_stored>(j, stream, report_, [&](const journal::record_header& h, const oms_turn& t) {
    const moment m{slot, h, t, is_alone(t)};
    who_.take(h, t);
    between_.take(h, t);
    marks.take(senders, t.inbox, report_.executions, stream.value.str() + " turn " + std::to_string(h.sequence) + ": ");
    for (const auto& event : t.events) std::visit([&](const auto& e) { on(m, e); }, event);
    if (const auto at = snapshots.find(h.sequence); at != snapshots.end() && at->second.schema == actor::state_schema<oms_stored>())
      compare_snapshot(slot, at->second, marks);
  });
  report_.orders = orders_.size();
  report_.orders_open = open_.size();
}

// -- orders come --------------------------------------------------------------------------------------------------------

order_facts& ledger::register_order(const moment& m, order_id id, const oms::new_order& request) {
  auto [at, is_new] = orders_.try_emplace(id.value);
  report_.answers.expect(is_new, [&, first = at->second.sequence] { return where(m, id) + "is answered again, as turn " + std::to_string(first) + " did"; });
  if (!report_.acknowledged.expect(is_new, [&] { return where(m, id) + "is on record twice"; })) open_.erase(id);
  at->second = {request.quantity, request.quantity, {}, hash_of(request.client_id.value.view()), m.header.sequence,
                venue_named_by(request.instrument)};
  if (!request.client_id.value.empty()) {
    auto [key, fresh] = keys_.try_emplace(oms::done_client_key(request.tenant, request.account, request.client_id), id);
    report_.client_ids.expect(fresh, [&, owner = key->second] {
      return where(m, id) + "has client id " + request.client_id.value.str() + " of account " + request.account.value.str() +
             ", which order " + to_text(owner) + " has already";
    });
  }
  return at->second;
}

/// The slot gave the order its next number, and the account is one of its own.
void ledger::check_opened_here(const moment& m, order_id id, const oms::new_order& request) {
  auto& last = last_numbers_[m.slot];
  report_.acknowledged.expect(id.slot() == m.slot && id.number() == last + 1, [&] {
    return where(m, id) + "is not the one behind number " + std::to_string(last) + " of its slot";
  });
  last = std::max(last, id.number());
  report_.acknowledged.expect(slot_of(request.tenant, request.account) == m.slot,
                              [&] { return where(m, id) + "is of account " + request.account.value.str() + ", which another slot owns"; });
}

void ledger::on(const moment& m, const oms::order_accepted& e) {
  check_opened_here(m, e.id, e.request);
  auto& f = register_order(m, e.id, e.request);
  f.sent = true;
  report_.quantities.expect(e.request.quantity.is_positive(), [&] { return where(m, e.id) + "has no quantity"; });
  check_opening(m, e.id, e.request, e.valid_until);
  auto& o = open_[e.id] = {e.request, e.reserve};
  auto& a = account_of(e.request);
  ++a.open_orders;
  const auto second = std::chrono::floor<std::chrono::seconds>(e.decided_at).time_since_epoch().count();
  if (second != a.second) a.second = second, a.in_second = 0;
  ++a.in_second;
  auto& s = a.stakes[e.request.instrument];
  const auto before = s;
  count(s, f, o, 1);
  const growth g{e.request.quantity, e.reserve, e.mark, true, before.open[index_of(e.request.side)]};
  check_limits(m, e.id, e.request, before, s, g);
  check_budget(m, e.id, before, s, g);
}

void ledger::on(const moment& m, const oms::order_rejected& e) {
  check_opened_here(m, e.id, e.request);
  auto& f = register_order(m, e.id, e.request);
  f.status = order_status::rejected;
  report_.transitions.expect(oms::is_risk_refusal(e.refusal),
                             [&] { return where(m, e.id) + "is rejected without a refusal of pre-trade risk"; });
}

/// Between it and the order before it may be numbers that the venue refused. Its tenant is a guess, so nothing is asked of that.
void ledger::on(const moment& m, const oms::order_recovered& e) {
  const auto last = last_number(m.slot); // all that came back are skipped together, later
  report_.acknowledged.expect(e.id.slot() == m.slot && e.id.number() > last, [&] { return where(m, e.id) + "comes back with a number that was on record"; });
  strategies_.take(e);
  auto& f = register_order(m, e.id, e.request);
  f.sent = true;
  const auto& o = open_[e.id] = {e.request, e.request.limit.value_or(price{})};
  auto& a = account_of(e.request);
  ++a.open_orders;
  count(a.stakes[e.request.instrument], f, o, 1);
}

void ledger::on(const moment& m, const oms::numbers_skipped& e) {
  auto& last = last_numbers_[m.slot];
  report_.acknowledged.expect(e.upto > last, [&] {
    return m.header.stream.value.str() + " turn " + std::to_string(m.header.sequence) + ": numbers up to " + std::to_string(e.upto) +
           " are skipped behind " + std::to_string(last);
  });
  last = std::max(last, e.upto);
}

void ledger::check_opening(const moment& m, order_id id, const oms::new_order& request, boot_ns valid_until) {
  const auto& in = m.turn.inputs;
  report_.halts.expect(in.lease_expires_at > m.turn.decided_boot && valid_until <= in.lease_expires_at,
                       [&] { return where(m, id) + "was opened without a live lease"; });
  report_.halts.expect(in.limits_version <= risk_.version(), [&] {
    return where(m, id) + "cites limits version " + std::to_string(in.limits_version) + ", the risk stream ends at " +
           std::to_string(risk_.version());
  });
  const auto venue = venue_named_by(request.instrument);
  behind_halt_ = std::max(behind_halt_, risk_.behind_halt(in.limits_version, request, venue.value.view(), m.turn.decided_at));
  const auto why = risk_.stopped(in.limits_version, request, venue.value.view());
  report_.halts.expect(!why, [&] { return where(m, id) + "was opened while " + *why; });
  report_.halts.expect(!disputed_.contains({m.slot, request.account}), [&] { return where(m, id) + "was opened while its account was in dispute"; });
  report_.halts.expect(!disputed_.contains({m.slot, oms::disputed_venue(venue)}), [&] { return where(m, id) + "was opened while its venue was in dispute"; });
}

// -- orders change ------------------------------------------------------------------------------------------------------

open_order* ledger::must_be_open(const moment& m, order_id id, const char* what) {
  const auto at = open_.find(id);
  const bool open = at != open_.end();
  report_.transitions.expect(open, [&] {
    const auto* f = find(id);
    return where(m, id) + what + ", but it is " + (f ? name_of(f->status) : "not on record");
  });
  return open ? &at->second : nullptr;
}

void ledger::on(const moment& m, const oms::cancel_requested& e) { must_be_open(m, e.id, "is asked to be cancelled"); }
void ledger::on(const moment& m, const oms::order_withdrawn& e) { must_be_open(m, e.id, "is withdrawn"); }

void ledger::on(const moment& m, const oms::replace_requested& e) {
  auto* o = must_be_open(m, e.id, "is asked to be replaced");
  if (!o) return;
  const auto& f = orders_.at(e.id.value);
  report_.transitions.expect(o->replace_quantity.is_zero() && e.revision == o->revision_asked + 1,
                             [&] { return where(m, e.id) + "is replaced out of turn (revision " + std::to_string(e.revision) + ")"; });
  report_.quantities.expect(e.quantity > f.filled, [&] { return where(m, e.id) + "is replaced by less than is filled"; });
  check_opening(m, e.id, o->request, e.valid_until);
  auto& a = account_of(o->request);
  const auto second = std::chrono::floor<std::chrono::seconds>(e.decided_at).time_since_epoch().count();
  if (second != a.second) a.second = second, a.in_second = 0;
  ++a.in_second;
  auto& s = a.stakes[o->request.instrument];
  const auto before = s;
  ask(f, *o, e.revision, e.quantity, e.reserve);
  const growth g{e.quantity, e.reserve, e.mark, false, before.open[index_of(o->request.side)]};
  check_limits(m, e.id, o->request, before, s, g);
  check_budget(m, e.id, before, s, g);
}

/// The venue allowed it, and nobody asked pre-trade risk: whether it is true is seen by the report that follows.
void ledger::on(const moment& m, const oms::replace_recovered& e) {
  auto* o = must_be_open(m, e.id, "gets a replace back");
  if (!o) return;
  const auto& f = orders_.at(e.id.value);
  report_.transitions.expect(e.revision > o->revision_asked, [&] {
    return where(m, e.id) + "gets replace " + std::to_string(e.revision) + " back, but " + std::to_string(o->revision_asked) + " is on record";
  });
  report_.quantities.expect(e.quantity >= f.filled, [&] { return where(m, e.id) + "gets a replace back by less than is filled"; });
  ask(f, *o, e.revision, e.quantity, e.limit.value_or(o->reserve));
}

void ledger::ask(const order_facts& f, open_order& o, std::uint32_t revision, quantity size, price reserve) {
  auto& s = account_of(o.request).stakes[o.request.instrument];
  count(s, f, o, -1);
  o.replace_quantity = size;
  o.replace_reserve = reserve;
  o.revision_asked = revision;
  count(s, f, o, 1);
}

void ledger::on(const moment& m, const oms::order_lost& e) {
  auto* o = must_be_open(m, e.id, "is lost at the venue");
  if (!o) return;
  const auto& f = orders_.at(e.id.value);
  const auto end = f.status == order_status::pending_new ? order_status::rejected : order_status::canceled;
  report_.transitions.expect(e.status == end, [&] { return where(m, e.id) + "is lost and ends as " + name_of(e.status); });
  report_.quantities.expect(e.filled == f.filled, [&] { return where(m, e.id) + "is lost with another filled quantity"; });
  finish(e.id, e.status);
}

void ledger::on(const moment& m, const oms::stray_order& e) {
  report_.transitions.expect(!open_.contains(e.id), [&] { return where(m, e.id) + "is called a stray while it is open"; });
}

void ledger::finish(order_id id, order_status status) {
  auto at = open_.find(id);
  auto& f = orders_.at(id.value);
  auto& a = account_of(at->second.request);
  count(a.stakes[at->second.request.instrument], f, at->second, -1);
  --a.open_orders;
  f.status = status;
  open_.erase(at);
}

// -- executions ---------------------------------------------------------------------------------------------------------

namespace {

/// Where the state machine allows an order to go by a report, and what is filled then. Nothing: by no means.
struct step {
  order_status status;
  quantity filled;
  quantity leaves;
};
std::optional<step> allowed(const order_facts& f, const open_order& o, const venue::report& r) {
  const auto left = f.quantity_ - f.filled;
  const bool fresh = f.status == order_status::pending_new;
  const bool of_replace = o.replace_quantity.is_positive() && r.revision == o.revision_asked;
  const auto same = step{f.status, f.filled, left};
  const auto end = [&](order_status s) { return step{s, f.filled, {}}; };
  using enum venue::exec_type;
  switch (r.type) {
  case new_: return fresh ? std::optional{step{order_status::new_, f.filled, left}} : std::nullopt;
  case trade:
    if (!r.last_quantity.is_positive() || !r.last_price.is_positive() || r.last_quantity > left) return std::nullopt;
    return step{r.last_quantity == left ? order_status::filled : order_status::partially_filled,
                f.filled + r.last_quantity, left - r.last_quantity};
  case canceled: return end(order_status::canceled);
  case expired: return end(order_status::expired);
  case rejected: return fresh ? std::optional{end(order_status::rejected)} : std::nullopt;
  case cancel_rejected: return same;
  case replace_rejected: return of_replace ? std::optional{same} : std::nullopt;
  case not_sent:
    if (r.revision > 0) return of_replace ? std::optional{same} : std::nullopt;
    return fresh ? std::optional{end(order_status::rejected)} : std::nullopt;
  case replaced:
    if (!of_replace || o.replace_quantity < f.filled) return std::nullopt;
    if (o.replace_quantity == f.filled) return end(order_status::filled);
    return step{f.filled.is_positive() ? order_status::partially_filled : order_status::new_, f.filled,
                o.replace_quantity - f.filled};
  }
  return std::nullopt;
}

} // namespace

void ledger::check_execution(const moment& m, const oms::execution& e, const order_facts& f, const open_order& o) {
  const auto& r = e.report;
  const auto id = r.order;
  const auto type = [&] { return std::string{boost::describe::enum_to_string(r.type, "?")}; };
  const auto to = allowed(f, o, r);
  if (r.type == venue::exec_type::trade)
    report_.quantities.expect(r.last_quantity.is_positive() && r.last_quantity <= f.quantity_ - f.filled, [&] {
      return where(m, id) + "is overfilled: " + r.last_quantity.str() + " on top of " + f.filled.str() + " of " + f.quantity_.str();
    });
  if (to) {
    report_.quantities.expect(e.filled == to->filled && e.leaves == to->leaves, [&] {
      return where(m, id) + "says filled " + e.filled.str() + " and open " + e.leaves.str() + ", it is " +
             to->filled.str() + " and " + to->leaves.str();
    });
  }
  report_.transitions.expect(to && to->status == e.status, [&] {
    return where(m, id) + "goes from " + name_of(f.status) + " to " + name_of(e.status) + " by " + type();
  });
  const auto& q = o.request;
  report_.transitions.expect(e.account == q.account && e.tenant == q.tenant && e.instrument == q.instrument &&
                               e.side == q.side && e.client_id == q.client_id && e.strategy == q.strategy &&
                               e.venue == venue_named_by(q.instrument),
                             [&] { return where(m, id) + "has an execution of another order's account, instrument or side"; });
}

void ledger::on(const moment& m, const oms::execution& e) {
  const auto id = e.report.order;
  auto [report, is_new] = reports_.try_emplace(report_key(e.venue, e.report.id), facts_of(e.report));
  report_.executions.expect(is_new, [&, report = report] {
    return where(m, id) + "has execution " + report->first + ", which was applied before to order " + to_text(report->second.order);
  });
  if (e.report.type == venue::exec_type::trade) book(m, e);
  auto* o = must_be_open(m, id, "has an execution");
  if (!o) return;
  auto& f = orders_.at(id.value);
  check_execution(m, e, f, *o);

  auto& s = account_of(o->request).stakes[o->request.instrument];
  count(s, f, *o, -1);
  using enum venue::exec_type;
  if (e.report.type == trade) {
    f.filled = {f.filled.units + e.report.last_quantity.units};
    s.position += (o->request.side == side::buy ? 1 : -1) * int128{e.report.last_quantity.units};
  }
  if (e.report.type == replaced) {
    f.quantity_ = o->replace_quantity;
    o->reserve = o->replace_reserve;
  }
  if (e.report.type == replaced || e.report.type == replace_rejected || (e.report.type == not_sent && e.report.revision > 0)) {
    o->replace_quantity = {};
    o->replace_reserve = {};
  }
  f.status = e.status;
  count(s, f, *o, 1);
  if (is_terminal(e.status)) finish(id, e.status);
}

void ledger::book(const moment& m, const oms::execution& e) {
  ++report_.fills;
  strategies_.take(m.header, e);
  const auto& r = e.report;
  const int sign = e.side == side::buy ? 1 : -1;
  const auto value = notional(r.last_price, r.last_quantity, e.quote).units;
  const auto add = [&](fill_sum& s) {
    s.quantity += sign * int128{r.last_quantity.units};
    s.notional += sign * value;
    s.fees += r.fee.units;
    ++s.fills;
  };
  add_to_sums(m, {e.tenant, e.account, e.instrument}, e.quote, -(sign * value + r.fee.units), add);
}

} // namespace troupe::check
