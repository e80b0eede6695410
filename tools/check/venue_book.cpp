#include "tools/check/venue_book.hpp"

namespace troupe::check {
namespace {

/// When the replace that made this event was valid until; the beginning of time when the turn took none.
boot_ns valid_until(const venue_turn& t, const venue::order_replaced& e) {
  if (const auto* taken = std::get_if<actor::batch<venue::command>>(&t.command))
    for (const auto& command : taken->items)
      if (const auto* r = std::get_if<venue::replace>(&command); r && r->id == e.report.order && r->revision == e.report.revision)
        return r->valid_until;
  return {};
}

} // namespace

void venue_book::read(const journal::journal& j, const journal::journal& senders) {
  const auto snapshots = snapshots_of(j, stream_);
  read_turns<venue_stored>(j, stream_, report_, [&](const journal::record_header& h, const venue_turn& t) {
    who_.take(h, t);
    between_.take(h, t);
    inboxes_.take(senders, t.inbox, report_.executions, stream_.value.str() + " turn " + std::to_string(h.sequence) + ": ");
    must_be_in_time(h.sequence, t);
    for (const auto& event : t.events) std::visit([&](const auto& e) { on(h.sequence, e); }, event);
    const auto at = snapshots.find(h.sequence);
    if (at == snapshots.end() || at->second.schema != actor::state_schema<venue_stored>()) return;
    auto stored = wire::decode<actor::shell_state<venue_stored>>(at->second.state);
    const auto which = stream_.value.str() + " snapshot " + std::to_string(h.sequence) + ": ";
    if (!report_.replay.expect(stored.has_value(), [&] { return which + to_string(stored.error()); })) return;
    std::size_t open = 0;
    for (const auto& [id, o] : orders_) open += o.open;
    report_.replay.expect(stored->core.open.size() == open, [&] { return which + "another number of open orders than the turns leave"; });
    for (const auto& [id, w] : stored->core.open) {
      const auto mine = orders_.find(id.value);
      report_.replay.expect(mine != orders_.end() && mine->second.open && mine->second.cumulative == w.order.cumulative,
                            [&, id = id] { return which + "order " + to_text(id) + " differs from its turns"; });
    }
  });
}

/// Both instants are of the venue's own host: what came from another one was moved onto the venue's clock before it was decided and stored.
void venue_book::must_be_in_time(std::uint64_t sequence, const venue_turn& t) {
  const auto expect = [&](order_id id, boot_ns until, const char* what) {
    report_.halts.expect(t.decided_boot <= until, [&] {
      return where(sequence, id) + what + std::to_string((t.decided_boot - until).count()) + " ns after its lease or age ran out";
    });
  };
  for (const auto& event : t.events) {
    if (const auto* e = std::get_if<venue::order_opened>(&event)) expect(e->request.id, e->request.valid_until, "is opened ");
    if (const auto* e = std::get_if<venue::order_replaced>(&event)) expect(e->report.order, valid_until(t, *e), "is replaced ");
  }
}

void venue_book::note(std::uint64_t sequence, const venue::report& r) {
  const auto [at, is_new] = reports_.try_emplace(report_key(venue_, r.id), facts_of(r), sequence);
  report_.venues.expect(is_new, [&] { return where(sequence, r.order) + "has a report with the id of another, " + r.id.value.str(); });
}

void venue_book::on(std::uint64_t sequence, const venue::order_opened& e) {
  auto& o = orders_[e.request.id.value];
  report_.venues.expect(!o.opened, [&] { return where(sequence, e.request.id) + "is opened twice"; });
  o = {e.request.quantity, {}, 0, true, true, e.request.side, e.request.limit};
  note(sequence, e.report);
}

void venue_book::on(std::uint64_t sequence, const venue::order_refused& e) {
  const auto [at, is_new] = orders_.try_emplace(e.report.order.value);
  report_.venues.expect(is_new, [&] { return where(sequence, e.report.order) + "is refused although it was received before"; });
  note(sequence, e.report);
}

void venue_book::fill(std::uint64_t sequence, const venue::report& r) {
  auto& o = orders_[r.order.value];
  report_.venues.expect(o.open, [&] { return where(sequence, r.order) + "is filled at the venue while it is not open there"; });
  report_.venues.expect(!o.limit || (o.direction == side::buy ? r.last_price <= *o.limit : r.last_price >= *o.limit),
                        [&] { return where(sequence, r.order) + "is filled at " + r.last_price.str() + ", its limit is " + o.limit->str(); });
  o.cumulative = quantity::from_units(int128{o.cumulative.units} + r.last_quantity.units).value_or(o.cumulative);
  report_.quantities.expect(o.cumulative <= o.quantity_ && r.cumulative == o.cumulative && r.leaves == o.quantity_ - o.cumulative, [&] {
    return where(sequence, r.order) + "has " + o.cumulative.str() + " of " + o.quantity_.str() + " filled at the venue, the report says " +
           r.cumulative.str() + " and open " + r.leaves.str();
  });
  if (r.leaves.is_zero()) o.open = false;
  note(sequence, r);
}

void venue_book::on(std::uint64_t sequence, const venue::display_taken& e) {
  report_.venues.expect(e.display.price == e.report.last_price && e.display.used <= e.display.size, [&] {
    return where(sequence, e.report.order) + "took " + e.report.last_quantity.str() + " at " + e.report.last_price.str() + ", displayed were " +
           e.display.size.str() + " at " + e.display.price.str();
  });
  fill(sequence, e.report);
}

void venue_book::on(std::uint64_t sequence, const venue::resting_filled& e) {
  const auto& r = e.report;
  const bool is_reached = orders_[r.order.value].direction == side::buy ? e.traded_at <= r.last_price : e.traded_at >= r.last_price;
  report_.venues.expect(is_reached && r.last_quantity <= e.traded_size, [&] {
    return where(sequence, r.order) + "was filled " + r.last_quantity.str() + " at " + r.last_price.str() + " by a public trade of " + e.traded_size.str() + " at " + e.traded_at.str();
  });
  fill(sequence, r);
}

void venue_book::on(std::uint64_t sequence, const venue::order_closed& e) {
  auto& o = orders_[e.report.order.value];
  report_.venues.expect(o.open, [&] { return where(sequence, e.report.order) + "is closed while it is not open"; });
  o.open = false;
  note(sequence, e.report);
}

void venue_book::on(std::uint64_t sequence, const venue::order_replaced& e) {
  auto& o = orders_[e.report.order.value];
  report_.venues.expect(o.open && e.report.revision > o.revision && e.quantity > o.cumulative,
                        [&] { return where(sequence, e.report.order) + "is replaced out of turn or below what is filled"; });
  o.quantity_ = e.quantity;
  o.limit = e.limit;
  o.revision = e.report.revision;
  note(sequence, e.report);
}

void venue_book::on(std::uint64_t sequence, const venue::change_refused& e) { note(sequence, e.report); }

// -- both sides -----------------------------------------------------------------------------------------------------------

void venue_book::compare(const ledger& slots, bool drained, bool running) {
  compare_orders(slots, drained, running);
  compare_reports(slots, drained, running);
}

void venue_book::compare_orders(const ledger& slots, bool drained, bool running) {
  for (const auto& [value, ignored] : orders_) {
    const order_id id{value};
    const auto* f = slots.find(id);
    if (!f && running && id.number() > slots.last_number(id.slot())) continue; // newer than the look at the slots
    report_.venues.expect(f && f->sent, [&] { return stream_.value.str() + ": order " + to_text(id) + " was never accepted by its slot"; });
  }
  for (const auto& [value, f] : slots.orders()) {
    if (!f.sent || f.venue != venue_ || orders_.contains(value)) continue;
    const order_id id{value};
    const bool taken = inboxes_.upto(slot_name(id.slot())) >= f.sequence;
    if (!taken) ++report_.submits_under_way;
    report_.venues.expect(!taken && !drained, [&] {
      return stream_.value.str() + ": order " + to_text(id) + (taken ? " was taken from its slot but is not there" : " has not reached the venue");
    });
  }
}

void venue_book::compare_reports(const ledger& slots, bool drained, bool running) {
  for (const auto& report : reports_) {
    const auto& key = report.first;
    const auto& facts = report.second.first;
    const auto sequence = report.second.second;
    const auto mine = slots.reports().find(key);
    if (mine != slots.reports().end()) {
      report_.venues.expect(mine->second == facts, [&] { return "execution " + key + " says something else at the venue than in the slot"; });
      continue;
    }
    if (facts.type != venue::exec_type::trade) continue; // announcements that were overtaken are dropped on purpose
    if (running && facts.order.number() > slots.last_number(facts.order.slot())) continue;
    const bool folded = slots.folded_from(facts.order.slot(), stream_) >= sequence;
    if (!folded) ++report_.fills_under_way;
    report_.venues.expect(!folded && !drained, [&] {
      return where(sequence, facts.order) + "was filled (" + facts.size.str() + " at " + facts.at.str() + "), which its slot " +
             (!folded ? "has not heard" : slots.is_disputed(key) ? "has heard and not counted: it is in dispute, and no correction books it" : "has heard and not counted");
    });
  }
}

} // namespace troupe::check
