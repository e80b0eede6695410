// Positions as an operator corrects them. One turn decides: whether it is a repeat, whether everything in it may be used, and what it leaves.

#include "actors/trading/oms/corrections.hpp"

#include "actors/trading/oms/core.hpp"
#include "actors/trading/oms/correction_rows.hpp"
#include "actors/trading/oms/done.hpp"
#include "actors/trading/oms/exposure.hpp"
#include "actors/trading/oms/sentence.hpp"
#include "runtime/core/assert.hpp"
#include "runtime/core/principal.hpp"

#include <algorithm>

namespace troupe::oms {
namespace {

constexpr int128 correction_fee_units_max = int128{1} << 90; // as a fill's: sums of them stay far inside 128 bits

/// Why a correction is refused; nothing when it may be taken.
struct correction_flaw {
  correction_refusal what = correction_refusal::none;
  std::string why;
};

correction_flaw flaw_of_id(const correct_position& c) {
  using enum correction_refusal;
  if (c.books) {
    const auto expected = booking_id(c.books->venue, c.books->execution);
    if (c.books->execution.value.empty() || c.id != expected) return {bad_id, "the booking of an execution has the id " + expected.value.str()};
  } else if (is_blank(c.id.value)) {
    return {bad_id, "a correction needs an id, by which it can be asked for again"};
  } else if (c.id.value.view().find('/') != std::string_view::npos) {
    return {bad_id, "an id with a slash is a booked execution's; choose one without"};
  }
  return {};
}

correction_flaw flaw_of_amounts(const correct_position& c, const currency& quote) {
  using enum correction_refusal;
  if (c.quantity.is_zero() && c.fee.units == 0) return {nothing_to_correct, "neither a quantity nor a fee is to be corrected"};
  if (c.quantity.is_zero() && !c.price.is_zero()) return {bad_price, "without a quantity there is no price, " + c.price.str() + " was given"};
  if (!c.quantity.is_zero() && !c.price.is_positive()) return {bad_price, "a quantity needs a price above 0"};
  if (!c.fee.ccy.empty() && c.fee.ccy != quote) return {bad_fee, "a fee here is in " + quote.str() + ", not in " + c.fee.ccy.str()};
  if (c.fee.units > correction_fee_units_max || c.fee.units < -correction_fee_units_max) return {bad_fee, "the fee is beyond what can be counted"};
  if (is_blank(c.reason)) return {no_reason, "a correction is on record with its reason, and none was given"};
  return {};
}

const holding* find_holding(const state& s, const correct_position& c) {
  const auto tenant = s.accounts.find(c.tenant);
  if (tenant == s.accounts.end()) return nullptr;
  const auto account = tenant->second.find(c.account);
  if (account == tenant->second.end()) return nullptr;
  const auto held = account->second.holdings.find(c.instrument);
  return held == account->second.holdings.end() ? nullptr : &held->second;
}

/// With all that is open filled on top of it; nothing when that is beyond what can be counted.
std::optional<quantity> position_after(const holding* held, quantity change) {
  if (!held) return quantity::from_units(change.units);
  const auto after = quantity::from_units(int128{held->position.units} + change.units);
  if (!after) return std::nullopt;
  const bool fits = quantity::from_units(int128{after->units} + held->open_buy.units) && quantity::from_units(int128{after->units} - held->open_sell.units);
  return fits ? after : std::nullopt;
}

/// Whether `asked` is `first` again. A fee's currency may be said or not: it can be no other than the quote's.
bool is_repeat(const position_corrected& first, const correct_position& asked) {
  const auto without = [&first](correct_position c) {
    if (c.fee.ccy == first.quote) c.fee.ccy = {};
    return c;
  };
  return without(first.correction) == without(asked);
}

bool has_fill(const working& w, const execution_id& id) { return std::binary_search(w.executions.begin(), w.executions.end(), id); }

} // namespace

correction_ack core::decide(const state& s, view& v, const correct_position& given, const turn_context& ctx, output& out) const {
  using enum correction_refusal;
  auto asked = given;
  if (asked.tenant.value.empty()) asked.tenant = config_.tenant;
  const auto refused = [&](correction_refusal what, std::string why) { return correction_ack{asked.id, what, sentence(std::move(why)), {}, {}}; };
  if (!is_operator(ctx.message.principal)) {
    out.record = ctx.has_space;
    return refused(not_authorised, "only an operator corrects a position");
  }
  if (ctx.found) {
    const auto first = decode_correction(*ctx.found);
    TROUPE_ASSERT(first.has_value(), "a row of the table of corrections can be read");
    if (is_repeat(*first, asked)) return {asked.id, none, {}, first->position, first->decided_at};
    out.record = ctx.has_space;
    return refused(conflict, "correction " + asked.id.value.str() + " is on record with another body");
  }
  if (!ctx.has_space) return refused(disk_full, "the disk reserve is reached; positions are corrected when space returns");
  out.record = true; // until it has an event, it is a refusal
  if (auto f = flaw_of_id(asked); f.what != none) return refused(f.what, std::move(f.why));
  if (asked.fee.ccy.empty() && !config_.instruments.contains(asked.instrument)) return refused(unknown_instrument, "instrument " + asked.instrument.value.str() + " is not traded here");
  const auto quote = quote_of(asked.instrument, asked.fee.ccy);
  if (!quote) return refused(bad_fee, "currency " + asked.fee.ccy.str() + " is unknown: nothing here is, or was, quoted in it");
  if (auto f = flaw_of_amounts(asked, *quote); f.what != none) return refused(f.what, std::move(f.why));
  if (asked.books)
    if (auto why = why_not_booked(s, *asked.books, ctx)) return refused(already_applied, *std::move(why));
  const auto after = position_after(find_holding(s, asked), asked.quantity);
  if (!after) return refused(out_of_range, "with " + asked.quantity.str() + " more the position is beyond what can be counted");

  const auto seen = v.marks.find(asked.instrument);
  out.events.push_back(position_corrected{asked, ctx.message.principal, *quote, seen == v.marks.end() ? price{} : middle(seen->second), *after, ctx.decided_at});
  return {asked.id, none, {}, *after, ctx.decided_at};
}

std::optional<std::string> core::why_not_booked(const state& s, const booked_execution& b, const turn_context& ctx) const {
  const auto has_it = [&](order_id id) { return "order " + to_text(id) + " has execution " + b.execution.value.str() + " already"; };
  for (const auto& [id, w] : s.orders)
    if (has_fill(w, b.execution) && venue_of(w.order.request.instrument) == b.venue) return has_it(id);
  if (const auto done = find_finished(ctx, b.order)) {
    if (venue_of(done->order.request.instrument) != b.venue) return std::nullopt;
    if (done->has(b.execution)) return has_it(b.order);
    if (done->names_its_fills()) return std::nullopt;
    return "order " + to_text(b.order) + " may have it: its executions are not on record; correct by an id of your own";
  }
  if (b.order.slot() == config_.slot && b.order.number() > s.last_number && !s.orders.contains(b.order))
    return "order " + to_text(b.order) + " is yet to come and could take it; correct by an id of your own";
  return std::nullopt;
}

std::vector<actor::lookup> core::wanted_rows(const state&, const correct_position& asked, const turn_context&) const {
  if (!asked.books) return {};
  return {done_order_row(asked.books->order)};
}

/// The correction with that id, or the one that has booked the execution.
std::optional<actor::lookup> core::wanted(const state&, const correct_position& given) const {
  auto asked = given;
  if (asked.tenant.value.empty()) asked.tenant = config_.tenant;
  return actor::lookup{std::string{done_table}, correction_key(asked)};
}

namespace {

/// An execution is one of its venue's: what another one says under the same id is no fill of the order.
void know_execution(state& s, const booked_execution& booked) {
  const auto open = s.orders.find(booked.order);
  if (open == s.orders.end() || venue_named_by(open->second.order.request.instrument) != booked.venue || has_fill(open->second, booked.execution)) return;
  auto& known = open->second.executions;
  known.insert(std::lower_bound(known.begin(), known.end(), booked.execution), booked.execution);
}

} // namespace

void fold_correction(state& s, const position_corrected& e, actor::archive& rows) {
  const auto& c = e.correction;
  if (!c.quantity.is_zero())
    change_holding(s, s.accounts[c.tenant][c.account], c.instrument, [&](holding& h) {
      h.position += c.quantity;
      if (e.mark.is_positive()) h.valued_at = e.mark; // what something cost long ago says little about what it is worth
      else if (!h.valued_at.is_positive()) h.valued_at = c.price;
    });
  if (c.books) know_execution(s, *c.books);
  archive_correction(e, rows);
}

void fold_disputed_fill(state& s, const fill_disputed& e, actor::archive& rows) {
  const auto open = s.orders.find(e.report.order);
  if (e.from_own_venue && open != s.orders.end() && !e.report.id.value.empty()) {
    auto& known = open->second.disputed;
    if (known.size() < disputes_kept && std::ranges::find(known, e.report.id) == known.end()) known.push_back(e.report.id);
  }
  archive_disputed_fill(e, rows);
}

} // namespace troupe::oms
