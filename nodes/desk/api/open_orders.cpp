#include "nodes/desk/api/open_orders.hpp"

namespace troupe::desk {
namespace {

v1::order_view fresh(trading::order_id id, const oms::new_order& request, time_ns at) {
  oms::order o;
  o.id = id;
  o.request = request;
  o.quantity = request.quantity;
  o.limit = request.limit;
  o.created_at = o.updated_at = at;
  return v1::view_of(o);
}

/// What the slot's own record of a finished order says about its end.
void ended(v1::order_view& v, const venue::report& said) {
  using enum venue::exec_type;
  if (said.type == rejected || said.type == not_sent) v.refusal = said.type == rejected ? oms::refusal::venue_rejected : oms::refusal::not_sent;
  if (v.status == trading::order_status::filled) v.reason.reset();
  else if (said.type != canceled || !v.reason) v.reason = said.reason.empty() ? std::nullopt : std::optional{said.reason.str()};
}

void raise(std::atomic<std::uint64_t>& n) { n.fetch_add(1, std::memory_order_relaxed); }

} // namespace

open_orders::row* open_orders::find(trading::order_id id) {
  auto it = rows_.find(id);
  return it == rows_.end() ? nullptr : &it->second;
}

void open_orders::changed(row& r) {
  const bool finished = is_terminal(r.view.status);
  show_(r.view, finished);
  if (finished) {
    const auto id = r.view.order_id;
    rows_.erase(id);
  }
  counts_->open.store(rows_.size(), std::memory_order_relaxed);
}

void open_orders::fold(const oms::event& e) {
  std::visit([this](const auto& one) { on(one); }, e);
}

void open_orders::take(const oms::order& o) {
  auto& r = rows_[o.id];
  r.view = v1::view_of(o);
  r.notional = o.filled_notional;
  r.asked.reset();
  changed(r);
}

void open_orders::forget(std::uint32_t slot) {
  rows_.erase(rows_.lower_bound(trading::order_id::make(slot, 0)), rows_.lower_bound(trading::order_id::make(slot + 1, 0)));
  counts_->open.store(rows_.size(), std::memory_order_relaxed);
}

void open_orders::on(const oms::order_accepted& e) {
  raise(counts_->accepted);
  open(e.id, e.request, e.decided_at);
}

void open_orders::on(const oms::order_recovered& e) { open(e.id, e.request, e.decided_at); }

void open_orders::open(trading::order_id id, const oms::new_order& request, time_ns at) {
  if (rows_.contains(id)) return; // the slot has told about it
  auto& r = rows_[id];
  r = {fresh(id, request, at), {}, {}};
  changed(r);
}

void open_orders::on(const oms::order_rejected& e) {
  raise(counts_->risk_rejected);
  counts_->refuse(e.refusal);
  auto view = fresh(e.id, e.request, e.decided_at);
  view.status = trading::order_status::rejected;
  view.leaves = {};
  view.refusal = e.refusal;
  view.reason = e.reason.str();
  show_(view, true);
}

void open_orders::on(const oms::cancel_requested& e) { withdraw(e.id, std::nullopt, e.decided_at); }
void open_orders::on(const oms::order_withdrawn& e) { withdraw(e.id, e.reason.str(), e.decided_at); }

void open_orders::withdraw(trading::order_id id, std::optional<std::string> why, time_ns at) {
  auto* r = find(id);
  if (!r) return;
  r->view.cancel_requested = true;
  if (why) r->view.reason = std::move(why);
  r->view.updated_at = at;
  changed(*r);
}

void open_orders::on(const oms::replace_requested& e) {
  if (auto* r = find(e.id)) r->asked = {e.id, e.revision, e.quantity, e.limit, {}};
}

void open_orders::on(const oms::replace_recovered& e) {
  if (auto* r = find(e.id)) r->asked = {e.id, e.revision, e.quantity, e.limit, {}};
}

void open_orders::on(const oms::execution& e) {
  const auto& report = e.report;
  const bool is_fill = report.type == venue::exec_type::trade;
  if (report.type == venue::exec_type::new_) raise(counts_->acknowledged);
  if (is_fill) {
    raise(counts_->fills);
    add_capped(counts_->volume, report.last_quantity.units);
    add_capped(counts_->commission, report.fee.units);
  }
  if (e.status == trading::order_status::filled) raise(counts_->filled);
  else if (e.status == trading::order_status::canceled) raise(counts_->canceled);
  else if (e.status == trading::order_status::expired) raise(counts_->expired);
  else if (e.status == trading::order_status::rejected) raise(counts_->failed);
  if (report.type == venue::exec_type::not_sent) {
    raise(counts_->not_sent);
    counts_->refuse(oms::refusal::not_sent);
  } else if (report.type == venue::exec_type::rejected) {
    counts_->refuse(oms::refusal::venue_rejected);
  }
  auto* r = find(report.order);
  // What is filled only grows, so an execution that the slot's own picture holds already is told by it.
  if (!r || e.filled < r->view.filled || (is_fill && e.filled == r->view.filled)) return;
  auto& v = r->view;
  v.status = e.status;
  v.filled = e.filled;
  v.leaves = is_terminal(e.status) ? quantity{} : e.leaves;
  v.updated_at = e.decided_at;
  if (is_fill) {
    ++v.fills;
    v.fee += money{report.fee.units, e.quote};
    r->notional += notional(report.last_price, report.last_quantity, e.quote);
    if (v.filled.is_positive())
      v.average_price = price::from_units(divide(r->notional.units * scale, v.filled.units, rounding::half_even));
  } else if (report.type == venue::exec_type::replaced && r->asked && r->asked->revision == report.revision) {
    v.quantity = r->asked->quantity;
    if (r->asked->limit) v.limit_price = r->asked->limit;
    r->asked.reset();
  } else if (report.type == venue::exec_type::cancel_rejected) {
    v.cancel_requested = false;
    v.reason.reset();
  }
  if (is_terminal(e.status)) ended(v, report);
  changed(*r);
}

void open_orders::on(const oms::command_refused& e) {
  if (e.refusal != oms::refusal::none) counts_->refuse(e.refusal);
}

void open_orders::on(const oms::order_lost& e) {
  raise(counts_->failed);
  counts_->refuse(oms::refusal::venue_unknown);
  auto* r = find(e.id);
  if (!r) return;
  r->view.status = e.status;
  r->view.leaves = {};
  r->view.refusal = oms::refusal::venue_unknown;
  r->view.reason = oms::venue_unknown_sentence.str();
  r->view.updated_at = e.decided_at;
  changed(*r);
}

std::optional<portfolio::fill> fill_of(const oms::execution& e, std::uint64_t sequence) {
  const auto& r = e.report;
  if (r.type != venue::exec_type::trade) return std::nullopt;
  portfolio::fill f;
  f.order = r.order;
  f.client_id = e.client_id;
  f.tenant = e.tenant;
  f.account = e.account;
  f.instrument = e.instrument;
  f.side = e.side;
  f.quantity = r.last_quantity;
  f.price = r.last_price;
  f.notional = notional(r.last_price, r.last_quantity, e.quote);
  f.fee = money{r.fee.units, e.quote};
  f.maker = r.maker;
  f.strategy = e.strategy;
  f.venue = e.venue;
  f.execution = r.id;
  f.transacted_at = r.transacted_at;
  f.decided_at = e.decided_at;
  f.tape = r.tape;
  f.sequence = sequence;
  return f;
}

} // namespace troupe::desk
