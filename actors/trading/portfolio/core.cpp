#include "actors/trading/portfolio/core.hpp"

#include "runtime/wire/wire.hpp"

#include <algorithm>
#include <optional>

namespace troupe::portfolio {
namespace {

void append_big_endian(std::string& out, std::uint64_t n, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>((n >> (8 * i)) & 0xff));
}

fill fill_of(const oms::execution& e, std::uint64_t sequence) {
  const auto& r = e.report;
  return {r.order, e.client_id, e.tenant, e.account, e.instrument, e.side, r.last_quantity, r.last_price,
          notional(r.last_price, r.last_quantity, e.quote), money{r.fee.units, e.quote}, r.maker, e.strategy, e.venue, r.id,
          r.transacted_at, e.decided_at, r.tape, sequence};
}

void book_fill(state& s, const fill& f) {
  auto& a = s.accounts[f.tenant][f.account];
  const bool buys = f.side == side::buy;
  book(a.positions[f.instrument], buys ? f.quantity : -f.quantity, f.price, f.notional, f.fee);
  auto& cash = a.cash[f.notional.ccy];
  cash += buys ? -f.notional : f.notional;
  cash -= f.fee;
}

void book_correction(state& s, const oms::position_corrected& e) {
  const auto& c = e.correction;
  const bool buys = c.quantity.is_positive();
  const auto size = c.quantity.is_positive() ? c.quantity : -c.quantity;
  const auto total = notional(c.price, size, e.quote); // unsigned, and rounded as a fill's
  const money fee{c.fee.units, e.quote};
  auto& a = s.accounts[c.tenant][c.account];
  correct(a.positions[c.instrument], c.quantity, c.price, total, fee);
  auto& cash = a.cash[e.quote];
  cash += buys ? -total : total;
  cash -= fee;
}

template <class T>
bool wants(const std::optional<T>& filter, const T& value) {
  return !filter || *filter == value;
}

position_view view_of(const tenant_id& tenant, const account_id& account, const instrument_id& instrument,
                      const position& p, const std::map<instrument_id, price>& marks) {
  position_view shown{tenant, account, instrument, p.quantity, {}, p.cost_basis, p.realized, {}, {}, p.fees, p.fills};
  const auto held = p.quantity.units;
  if (held != 0) {
    const auto whole = held < 0 ? -int128{held} : int128{held};
    const auto basis = held < 0 ? -p.cost_basis.units : p.cost_basis.units;
    // basis x scale may leave 128 bits only for positions that no price in range can make
    int128 scaled_basis = 0;
    if (!__builtin_mul_overflow(basis, int128{scale}, &scaled_basis))
      shown.average_price = price::from_units(divide(scaled_basis, whole, rounding::half_even));
  }
  if (const auto m = marks.find(instrument); m != marks.end()) {
    shown.mark = m->second;
    shown.unrealized = notional(m->second, p.quantity, p.cost_basis.ccy) - p.cost_basis;
  }
  return shown;
}

} // namespace

std::string fill_key(const fill& f, std::uint16_t index) {
  auto key = fills_from(f.decided_at);
  append_big_endian(key, f.order.slot(), 1);
  append_big_endian(key, f.sequence, 8);
  append_big_endian(key, index, 2);
  return key;
}

std::string fills_from(time_ns decided_at) {
  std::string key;
  append_big_endian(key, static_cast<std::uint64_t>(to_ns(decided_at)), 8);
  return key;
}

folded core::fold(state& s, const actor_name& stream, std::uint64_t sequence, std::span<const oms::event> events,
                  actor::archive& rows) const {
  const auto at = s.streams.find(stream);
  const auto position = at == s.streams.end() ? 0 : at->second;
  if (sequence <= position) return folded::repeated;
  if (sequence != position + 1) return folded::gap;
  s.streams[stream] = sequence;
  std::uint16_t index = 0;
  for (const auto& e : events) {
    if (const auto* c = std::get_if<oms::position_corrected>(&e)) book_correction(s, *c);
    const auto* x = std::get_if<oms::execution>(&e);
    if (!x || x->report.type != venue::exec_type::trade) continue;
    const auto f = fill_of(*x, sequence);
    book_fill(s, f);
    if (rows.is_open()) {
      std::string value;
      wire::encode(f, value);
      rows.put(std::string{fills_table}, fill_key(f, index), std::move(value));
    }
    ++index;
    s.recent.push_back(f);
  }
  if (s.recent.size() > 2 * config_.recent_fills) { // seldom, so that one fill costs no move of all
    // Slots are folded one behind the other when one moves in or all begin anew: what came last need not be the newest.
    std::stable_sort(s.recent.begin(), s.recent.end(), [](const fill& a, const fill& b) { return a.decided_at < b.decided_at; });
    s.recent.erase(s.recent.begin(), s.recent.end() - static_cast<std::ptrdiff_t>(config_.recent_fills));
  }
  return folded::done;
}

void core::observe(view& v, const market::quote& q) const {
  if (q.bid.is_positive() && q.ask.is_positive())
    v.marks[q.instrument] = {static_cast<std::int64_t>((int128{q.bid.units} + q.ask.units) / 2)};
  else if (q.bid.is_positive() || q.ask.is_positive())
    v.marks[q.instrument] = q.bid.is_positive() ? q.bid : q.ask;
}

namespace {

bool is_here(const view& v, std::uint32_t slot) { return ((v.slots >> slot) & 1) != 0; }
bool is_here(const view& v, const tenant_id& tenant, const account_id& account) { return is_here(v, trading::slot_of(tenant, account)); }

} // namespace

positions_view core::answer(const state& s, const view& v, const positions_query& q) const {
  positions_view shown{{}, v.out_of_date};
  for (const auto& [tenant, accounts] : s.accounts) {
    if (!wants(q.tenant, tenant)) continue;
    for (const auto& [name, a] : accounts) {
      if (!wants(q.account, name) || !is_here(v, tenant, name)) continue;
      for (const auto& [instrument, p] : a.positions)
        if (wants(q.instrument, instrument) && (q.flat.value || !p.quantity.is_zero()))
          shown.positions.push_back(view_of(tenant, name, instrument, p, v.marks));
    }
  }
  return shown;
}

cash_list core::answer(const state& s, const view& v, const cash_query& q) const {
  cash_list shown{{}, v.out_of_date};
  for (const auto& [tenant, accounts] : s.accounts) {
    if (!wants(q.tenant, tenant)) continue;
    for (const auto& [name, a] : accounts)
      if (wants(q.account, name) && is_here(v, tenant, name))
        for (const auto& [ccy, amount] : a.cash) shown.cash.push_back({tenant, name, amount});
  }
  return shown;
}

fills_view core::answer(const state& s, const view& v, const fills_query& q) const {
  std::vector<const fill*> found; // of two at the same time the one that came later is the newer
  for (auto f = s.recent.rbegin(); f != s.recent.rend(); ++f)
    if (wants(q.tenant, f->tenant) && wants(q.account, f->account) && wants(q.instrument, f->instrument) && wants(q.order, f->order) &&
        is_here(v, f->order.slot()))
      found.push_back(&*f);
  std::stable_sort(found.begin(), found.end(), [](const fill* a, const fill* b) { return a->decided_at > b->decided_at; });
  if (found.size() > q.limit.value) found.resize(q.limit.value);
  fills_view shown{{}, v.out_of_date};
  for (const auto* f : found) shown.fills.push_back(*f);
  return shown;
}

} // namespace troupe::portfolio
