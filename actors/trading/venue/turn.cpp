#include "actors/trading/venue/turn.hpp"

#include <algorithm>

namespace troupe::venue {

namespace {

/// True when an order may trade at the displayed price of the other side.
bool crosses(const submit& order, const used_display& other) {
  if (!other.price.is_positive() || !other.size.is_positive()) return false;
  return !order.limit || !is_better(opposite(order.side), *order.limit, other.price);
}

quantity whole_lots(quantity q, quantity lot) { return {q.units - q.units % lot.units}; }

/// Fees are hundredths of a basis point of the notional.
money fee_of(const money& notional, std::int32_t rate) {
  return {divide(notional.units * rate, 1'000'000, rounding::half_even), notional.ccy};
}

/// Why an order can never work here; empty when it can.
std::string_view fault_of(const submit& s, const simulator_config& config) {
  const auto found = config.instruments.find(s.instrument);
  if (found == config.instruments.end()) return "unknown instrument";
  const auto& what = found->second;
  if (s.id.slot() >= slot_count || s.id.number() == 0) return "impossible order id";
  if (!s.quantity.is_positive()) return "quantity must be greater than 0";
  if (s.quantity.units % what.lot_size.units != 0) return "quantity is not a multiple of the lot";
  if (!s.limit) return s.type == order_type::market ? "" : "a limit order needs a limit";
  if (!s.limit->is_positive()) return "limit must be greater than 0";
  if (s.limit->units % what.tick_size.units != 0) return "limit is not a multiple of the tick";
  return "";
}

} // namespace

turn::turn(const simulator& core, const simulator_state& now, simulator_view& market, const actor::turn_context& at,
           simulator::output& out)
  : core_{core}, now_{now}, market_{market}, at_{at}, out_{out} {
  own_.next_execution = now.next_execution;
  own_.next_arrival = now.next_arrival;
}

// -- what this turn knows ---------------------------------------------------------------------------------------------

const working_order* turn::find(const order_id& id) const {
  const auto& where = touched_.contains(id) ? own_ : now_;
  const auto found = where.open.find(id);
  return found == where.open.end() ? nullptr : &found->second;
}

template <class Wants>
std::vector<order_id> turn::select(const instrument_id& instrument, Wants wants) const {
  std::vector<order_id> ids;
  // An order touched by this turn may have moved to another list, so both are looked at.
  for (const auto* s : {&now_, &own_})
    if (const auto book = s->books.find(instrument); book != s->books.end()) wants(book->second, ids);
  std::erase_if(ids, [&](const order_id& id) { return find(id) == nullptr; });
  std::sort(ids.begin(), ids.end(), [&](const order_id& a, const order_id& b) {
    const auto *x = find(a), *y = find(b);
    const auto &p = x->order.request, &q = y->order.request;
    if (p.side != q.side) return p.side < q.side;
    if (p.type != q.type) return p.type == order_type::market;
    if (p.type == order_type::limit && p.limit != q.limit) return is_better(p.side, *p.limit, *q.limit);
    return x->arrival < y->arrival;
  });
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::vector<order_id> turn::taking(const instrument_id& instrument) const {
  auto ids = select(instrument, [](const instrument_book& book, std::vector<order_id>& out) {
    out.insert(out.end(), book.taking.begin(), book.taking.end());
  });
  std::erase_if(ids, [&](const order_id& id) { return !find(id)->taking; });
  return ids;
}

std::vector<order_id> turn::resting_at_or_better(const instrument_id& instrument, side s, price limit) const {
  auto ids = select(instrument, [&](const instrument_book& book, std::vector<order_id>& out) {
    const auto add = [&](const auto& level) { out.insert(out.end(), level.second.begin(), level.second.end()); };
    if (s == side::buy) std::for_each(book.buys.lower_bound(limit), book.buys.end(), add);
    else std::for_each(book.sells.begin(), book.sells.upper_bound(limit), add);
  });
  std::erase_if(ids, [&](const order_id& id) { return find(id)->taking; });
  return ids;
}

const market_book& turn::read_book(const instrument_id& id) {
  static const market_book unknown;
  const auto found = market_.books.find(id);
  const auto& book = found == market_.books.end() ? unknown : found->second;
  auto& read = out_.inputs.books;
  if (std::none_of(read.begin(), read.end(), [&](const book_read& r) { return r.instrument == id; }))
    read.push_back({id, book.known, book.bid.price, book.ask.price, left(book.bid), left(book.ask), book.tape});
  return book;
}

// -- what it makes happen -----------------------------------------------------------------------------------------------

template <class E>
void turn::record(E event, const order_id& about) {
  if (touched_.insert(about).second)
    if (const auto found = now_.open.find(about); found != now_.open.end()) own_.open.insert(*found);
  event.sequence = at_.sequence;
  out_.events.emplace_back(std::move(event));
  actor::archive closed;
  core_.evolve(own_, out_.events.back(), closed);
}

report turn::report_for(const order_id& id, exec_type type) const {
  report r;
  r.id.value = std::string_view{std::to_string(own_.next_execution)};
  r.order = id;
  r.type = type;
  r.transacted_at = at_.decided_at;
  if (const auto* w = find(id)) {
    r.cumulative = w->order.cumulative;
    r.leaves = w->order.leaves;
    r.revision = w->order.revision;
    if (const auto book = market_.books.find(w->order.request.instrument); book != market_.books.end())
      r.tape = book->second.tape;
  }
  return r;
}

report turn::trade_report(const working_order& w, quantity size, price at, bool maker, const tape_position& tape) const {
  const auto& what = core_.config().instruments.at(w.order.request.instrument);
  auto r = report_for(w.order.request.id, exec_type::trade);
  r.last_quantity = size;
  r.last_price = at;
  r.cumulative += size;
  r.leaves -= size;
  r.maker = maker;
  r.fee = fee_of(notional(at, size, what.quote), maker ? core_.config().maker_fee : core_.config().taker_fee);
  r.tape = tape;
  return r;
}

void turn::refuse(const order_id& id, exec_type type, std::string_view reason) {
  order_refused e{report_for(id, type)};
  e.report.reason = reason;
  record(std::move(e), id);
}

void turn::refuse_change(const order_id& id, exec_type type, std::uint32_t revision, std::string_view reason) {
  change_refused e{report_for(id, type)};
  e.report.revision = revision;
  e.report.reason = reason;
  record(std::move(e), id);
}

void turn::close(const order_id& id, exec_type type, std::string_view reason) {
  order_closed e{report_for(id, type)};
  e.report.leaves = {};
  e.report.reason = reason;
  record(std::move(e), id);
}

// -- filling ------------------------------------------------------------------------------------------------------------

quantity turn::takeable(const venue::submit& order, quantity at_most) const {
  const auto found = market_.books.find(order.instrument);
  if (found == market_.books.end() || !found->second.known) return {};
  const auto& other = found->second.display(opposite(order.side));
  if (!crosses(order, other)) return {};
  return whole_lots(std::min(at_most, left(other)), core_.config().instruments.at(order.instrument).lot_size);
}

void turn::take(const order_id& id) {
  const auto& w = *find(id);
  const auto size = takeable(w.order.request, w.order.leaves);
  if (size.is_zero()) return;
  auto& book = market_.books.at(w.order.request.instrument);
  auto& other = book.display(opposite(w.order.request.side));
  other.used += size;
  record(display_taken{trade_report(w, size, other.price, false, book.tape), other}, id);
}

turn::place turn::place_of(const venue::submit& order) const {
  const auto& best = market_.books.at(order.instrument).display(order.side);
  if (!best.price.is_positive() || is_better(order.side, *order.limit, best.price)) return {{}, true};
  if (*order.limit == best.price) return {best.size, true};
  return {{}, false};
}

void turn::rest(const order_id& id) {
  const auto& w = *find(id);
  const auto where = place_of(w.order.request);
  if (w.taking || where.placed) record(queue_placed{id, where.ahead, where.placed}, id);
}

// -- commands -------------------------------------------------------------------------------------------------------------

void turn::submit(const venue::submit& s) {
  const auto& book = read_book(s.instrument);
  if (const auto* known = find(s.id)) {
    submit_repeated again{report_for(s.id, exec_type::new_)};
    again.report.id = known->accepted_as;
    again.report.transacted_at = known->accepted_at;
    return record(std::move(again), s.id);
  }
  const auto seen = now_.slots.find(s.id.slot());
  if (seen != now_.slots.end() && s.id.number() <= seen->second.highest_number)
    return refuse(s.id, exec_type::rejected, "order id is not above the highest received");
  if (at_.decided_boot > s.valid_until) return refuse(s.id, exec_type::not_sent, "lease or order age ran out");
  if (const auto fault = fault_of(s, core_.config()); !fault.empty()) return refuse(s.id, exec_type::rejected, fault);
  if (!at_.has_space) return refuse(s.id, exec_type::rejected, "the venue's disk is full");
  if (now_.open.size() >= core_.config().open_orders_max)
    return refuse(s.id, exec_type::rejected, "too many open orders");
  const bool waits = s.type == order_type::limit && (s.tif == time_in_force::day || s.tif == time_in_force::gtc);
  if (!book.known && !waits) return refuse(s.id, exec_type::rejected, "no book");

  order_opened e{s, report_for(s.id, exec_type::new_)};
  e.report.leaves = s.quantity;
  e.report.tape = book.tape;
  // Without a book nobody can say whether it crosses: the next one shown decides.
  e.taking = !waits || !book.known || crosses(s, book.display(opposite(s.side)));
  const bool taking = e.taking;
  record(std::move(e), s.id);
  if (!taking) return rest(s.id);
  if (s.tif == time_in_force::fok && takeable(s, s.quantity) < s.quantity)
    return close(s.id, exec_type::canceled, "not enough displayed to fill it whole");
  take(s.id);
  if (s.tif == time_in_force::ioc && find(s.id)) close(s.id, exec_type::canceled, "remainder of an IOC order");
}

void turn::cancel(const venue::cancel& c) {
  if (const auto* w = find(c.id)) {
    read_book(w->order.request.instrument);
    return close(c.id, exec_type::canceled, "by request");
  }
  refuse_change(c.id, exec_type::cancel_rejected, 0, "unknown or finished order");
}

void turn::replace(const venue::replace& r) {
  const auto* w = find(r.id);
  if (!w) return refuse_change(r.id, exec_type::replace_rejected, r.revision, "unknown or finished order");
  if (r.revision <= w->order.revision) return; // a repeat: its report is on its way already
  auto wanted = w->order.request;
  const auto& book = read_book(wanted.instrument);
  const bool same_price = !r.limit || r.limit == wanted.limit;
  const bool keeps_place = same_price && r.quantity <= wanted.quantity;
  wanted.quantity = r.quantity;
  if (r.limit) wanted.limit = r.limit;
  if (at_.decided_boot > r.valid_until)
    return refuse_change(r.id, exec_type::not_sent, r.revision, "lease or order age ran out");
  if (const auto fault = fault_of(wanted, core_.config()); !fault.empty())
    return refuse_change(r.id, exec_type::replace_rejected, r.revision, fault);
  if (r.quantity <= w->order.cumulative)
    return refuse_change(r.id, exec_type::replace_rejected, r.revision, "quantity is not above what is filled");

  order_replaced e{report_for(r.id, exec_type::replaced), wanted.quantity, wanted.limit, keeps_place};
  e.report.leaves = r.quantity - w->order.cumulative;
  e.report.revision = r.revision;
  e.taking = wanted.type == order_type::market || !book.known || crosses(wanted, book.display(opposite(wanted.side)));
  const bool taking = e.taking;
  record(std::move(e), r.id);
  if (keeps_place) return;
  if (taking) take(r.id);
  else rest(r.id);
}

void turn::close_day(time_ns closed_at) {
  auto places = closed_in_a_turn_max;
  for (const auto& [id, w] : now_.open)
    if (ends_with_day(w, closed_at) && places > 0) {
      close(id, exec_type::expired, "end of the day");
      --places;
    }
}

void turn::open_slot(const slot_opened& what) {
  const auto seen = now_.slots.find(what.slot);
  const auto epoch = seen == now_.slots.end() ? 0 : seen->second.epoch;
  if (what.slot >= slot_count || what.epoch <= epoch) return;
  out_.events.emplace_back(epoch_raised{what.slot, what.epoch, at_.sequence});
}

mass_cancel_report turn::cancel_all(const mass_cancel& what) {
  mass_cancel_report done;
  const auto seen = now_.slots.find(what.slot);
  if (what.epoch < std::max(market_.heard, seen == now_.slots.end() ? 0 : seen->second.epoch)) return done;
  for (auto i = now_.open.lower_bound(order_id::make(what.slot, 0)); i != now_.open.end() && i->first.slot() == what.slot; ++i) {
    if (done.affected == closed_in_a_turn_max) {
      ++done.left;
      continue;
    }
    close(i->first, exec_type::canceled, what.reason.view());
    ++done.affected;
  }
  return done;
}

// -- the market -----------------------------------------------------------------------------------------------------------

void turn::on(const market::quote& said) {
  if (!core_.config().instruments.contains(said.instrument)) return;
  const auto [at, first] = market_.books.try_emplace(said.instrument);
  auto& book = at->second;
  if (first) // after a restart: what was used of a display that is still there stays used
    if (const auto before = now_.books.find(said.instrument); before != now_.books.end()) {
      book.bid = before->second.bid;
      book.ask = before->second.ask;
    }
  const auto refresh = [](used_display& d, price p, quantity size) {
    if (d.price != p || d.size != size) d = {p, size, {}};
  };
  refresh(book.bid, said.bid, said.bid_size);
  refresh(book.ask, said.ask, said.ask_size);
  book.known = true;
  book.tape = said.tape;

  for (const auto& id : taking(said.instrument)) {
    const auto& order = find(id)->order.request;
    if (order.type == order_type::market || crosses(order, book.display(opposite(order.side)))) take(id);
    else rest(id);
  }
  for (const auto s : {side::buy, side::sell}) {
    const auto best = book.display(s).price;
    // An empty side: every order of ours is the best of it.
    const auto reach = best.is_positive() || s == side::buy ? best : price{INT64_MAX};
    for (const auto& id : resting_at_or_better(said.instrument, s, reach)) {
      const auto* w = find(id);
      const bool leads = place_of(w->order.request).ahead.is_zero(); // what was displayed ahead is gone
      if (!w->placed || (leads && !w->order.queue_ahead.is_zero())) rest(id);
    }
  }
}

void turn::on(const market::trade& said) {
  const auto found = market_.books.find(said.instrument);
  if (found == market_.books.end() || !found->second.known || !said.size.is_positive()) return;
  const auto lot = core_.config().instruments.at(said.instrument).lot_size;
  auto available = said.size;
  quantity queue_gone; // market size ahead of ours at this price that the trade has used
  for (const auto& id : resting_at_or_better(said.instrument, opposite(said.aggressor), said.last)) {
    const auto* w = find(id);
    if (*w->order.request.limit == said.last) {
      if (!w->placed) continue;
      auto ahead = w->order.queue_ahead;
      if (ahead > queue_gone) {
        const auto gone = std::min(ahead - queue_gone, available);
        queue_gone += gone;
        available -= gone;
      }
      ahead = std::max(ahead - queue_gone, quantity{});
      const auto size = ahead.is_zero() ? whole_lots(std::min(w->order.leaves, available), lot) : quantity{};
      if (size.is_zero() && ahead != w->order.queue_ahead) record(queue_placed{id, ahead, true}, id);
      if (size.is_zero()) continue;
    }
    w = find(id);
    const auto size = whole_lots(std::min(w->order.leaves, available), lot);
    if (size.is_zero()) continue;
    available -= size;
    const auto limit = *w->order.request.limit;
    record(resting_filled{trade_report(*w, size, limit, true, said.tape), said.last, said.size, said.trade_id}, id);
  }
}

void turn::on(const market::book_lost& said) {
  if (const auto found = market_.books.find(said.instrument); found != market_.books.end()) found->second.known = false;
}

} // namespace troupe::venue
