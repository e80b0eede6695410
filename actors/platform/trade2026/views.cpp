#include "actors/platform/trade2026/views.hpp"

#include "actors/platform/trade2026/symbols.hpp"

#include <algorithm>
#include <utility>

namespace troupe::trade2026 {
namespace {

template <class T, class V>
nullable<T> shown(const std::optional<V>& x) {
  nullable<T> out;
  if (x) out.value = T{*x};
  return out;
}

validity validity_of(trading::time_in_force t) noexcept { return static_cast<validity>(t); }
static_assert(static_cast<int>(validity::fok) == static_cast<int>(trading::time_in_force::fok));

} // namespace

order_state state_of(trading::order_status status, oms::refusal refusal) noexcept {
  switch (status) {
  case trading::order_status::pending_new:
  case trading::order_status::new_: return order_state::sent;
  case trading::order_status::partially_filled: return order_state::partially_filled;
  case trading::order_status::filled: return order_state::filled;
  case trading::order_status::canceled: return order_state::cancelled;
  case trading::order_status::expired: return order_state::expired;
  case trading::order_status::rejected: break;
  }
  if (oms::is_risk_refusal(refusal)) return order_state::risk_rejected;
  return refusal == oms::refusal::not_sent || refusal == oms::refusal::venue_unknown ? order_state::failed
                                                                                     : order_state::rejected;
}

order_row row_of(const oms::order& o) {
  order_row r;
  r.order_id = o.id;
  r.client_order_id = o.request.client_id;
  r.status = state_of(o.status, o.refusal);
  r.symbol = symbol_of(o.request.instrument);
  r.exchange = exchange_of(o.request.instrument);
  r.side = o.request.side;
  r.order_type = o.request.type == trading::order_type::market ? order_kind::market : order_kind::limit;
  r.time_in_force = validity_of(o.request.tif);
  r.quantity = {o.quantity};
  r.price = shown<price_number>(o.limit);
  r.filled_quantity = {o.filled};
  if (o.filled.is_positive()) {
    const auto average = price::from_units(divide(o.filled_notional.units * scale, o.filled.units, rounding::half_even));
    if (average) r.average_fill_price = {*average};
  }
  r.remaining_quantity = {o.quantity - o.filled};
  r.commission = {o.fee};
  r.account = o.request.account;
  if (o.refusal != oms::refusal::none && !o.reason.empty()) r.error_message.value = o.reason.str(); // that it was cancelled by request is no error
  r.created_at = o.created_at;
  r.updated_at = o.updated_at;
  return r;
}

fill_row row_of(const portfolio::fill& f) {
  fill_row r;
  r.fill_id = f.venue.value.str() + "-" + f.execution.value.str(); // each venue counts its own
  r.order_id = f.order;
  r.symbol = symbol_of(f.instrument);
  r.exchange = exchange_of(f.instrument);
  r.side = f.side;
  r.quantity = {f.quantity};
  r.price = {f.price};
  r.commission = {f.fee};
  r.account = f.account;
  r.filled_at = f.transacted_at;
  return r;
}

position_row row_of(const portfolio::position_view& p) {
  position_row r;
  r.symbol = symbol_of(p.instrument);
  r.exchange = exchange_of(p.instrument);
  r.account = p.account;
  r.side = p.quantity.units < 0 ? "short" : "long";
  r.quantity = {p.quantity.units < 0 ? -p.quantity : p.quantity};
  if (p.average_price) r.avg_price = {*p.average_price};
  r.current_price = shown<price_number>(p.mark);
  r.unrealized_pnl = shown<money_number>(p.unrealized);
  r.realized_pnl = {p.realized};
  return r;
}

ticker ticker_of(const market::instrument_id& id, const std::optional<market::quote>& quote,
                 const std::optional<market::trade>& last, quantity volume, price first) {
  ticker t;
  t.symbol = symbol_of(id);
  t.exchange = exchange_of(id);
  t.volume = t.volume_24h = {volume};
  if (quote) {
    if (quote->bid.is_positive()) {
      t.bid.value = price_number{quote->bid};
      t.bid_size.value = quantity_number{quote->bid_size};
    }
    if (quote->ask.is_positive()) {
      t.ask.value = price_number{quote->ask};
      t.ask_size.value = quantity_number{quote->ask_size};
    }
    t.timestamp = milliseconds_of(quote->received_at);
  }
  if (last) {
    t.last_price.value = price_number{last->last};
    t.timestamp = std::max(t.timestamp, milliseconds_of(last->received_at));
    if (first.is_positive()) {
      const int128 change = (int128{last->last.units} - first.units) * 100;
      const auto percentage = price::from_units(divide(change * scale, first.units, rounding::half_even));
      t.change_24h = shown<price_number>(percentage);
    }
  }
  return t;
}

trade trade_of(const market::trade& t) {
  return {symbol_of(t.instrument), exchange_of(t.instrument), milliseconds_of(traded_at(t)), {t.last}, {t.size},
          t.aggressor == market::side::buy ? "buy" : "sell", std::to_string(t.trade_id)};
}

std::vector<candle> candles_of(const std::vector<market::bar>& bars, nanoseconds length, const candle_window& shown) {
  std::vector<candle> all;
  for (const auto& b : bars) {
    const auto begin = to_ns(b.opened_at) - ((to_ns(b.opened_at) % length.count()) + length.count()) % length.count();
    const auto at = milliseconds_of(time_from_ns(begin));
    if ((shown.start && at < *shown.start) || (shown.end && at >= *shown.end)) continue;
    if (all.empty() || all.back().timestamp != at) {
      all.push_back({at, {b.open}, {b.high}, {b.low}, {b.close}, {b.volume}});
      continue;
    }
    auto& c = all.back();
    c.high.value = std::max(c.high.value, b.high);
    c.low.value = std::min(c.low.value, b.low);
    c.close.value = b.close;
    c.volume.value = capped_add(c.volume.value, b.volume);
  }
  if (all.size() > shown.limit) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(shown.limit));
  return all;
}

std::optional<nanoseconds> timeframe_of(std::string_view name) {
  using std::chrono::seconds;
  constexpr std::pair<std::string_view, seconds> known[] = {
    {"1s", seconds{1}},    {"5s", seconds{5}},     {"15s", seconds{15}},  {"30s", seconds{30}},   {"1m", seconds{60}},  {"5m", seconds{300}},
    {"15m", seconds{900}}, {"30m", seconds{1800}}, {"1h", seconds{3600}}, {"4h", seconds{14400}}, {"1d", seconds{86400}}};
  for (const auto& [k, length] : known)
    if (k == name) return length;
  return std::nullopt;
}

std::string percent(price part, price whole) {
  if (!whole.is_positive()) return "0.0%";
  const auto tenths = divide(int128{part.units} * 1000, whole.units, rounding::half_even);
  const auto n = static_cast<std::int64_t>(tenths);
  return std::to_string(n / 10) + '.' + std::to_string(n < 0 ? -n % 10 : n % 10) + '%';
}

limit_rows limit_rows_of(price exposure, price exposure_max, std::optional<std::size_t> positions) {
  limit_rows rows{{"max_positions", {}}, {"max_drawdown", {}}, {"min_margin", {}}, {"max_var_95", {}}};
  if (positions) rows["max_positions"].current_value.value = amount_number{price::whole(static_cast<std::int64_t>(*positions))};
  auto& enforced = rows["max_exposure"];
  enforced.max_value.value = amount_number{exposure_max};
  enforced.current_value.value = amount_number{exposure};
  enforced.utilization.value = percent(exposure, exposure_max);
  enforced.breached = exposure > exposure_max;
  enforced.warning_threshold.value = as_number<price>{price{scale / 10 * 8}};
  enforced.critical_threshold.value = as_number<price>{price{scale / 10 * 9}};
  return rows;
}

limit_values values_of(const risk::limits& l) noexcept {
  return {{l.order_quantity_max},   l.order_notional_max, {l.position_max},
          l.exposure_max,           l.open_orders_max,    l.orders_per_second_max,
          l.price_collar_bps,       std::chrono::ceil<std::chrono::milliseconds>(l.mark_age_max).count()};
}

std::optional<price> tick_of(const std::optional<market::quote>& quote, const std::optional<market::trade>& last, trading::side side) noexcept {
  if (last) return last->last;
  if (!quote) return std::nullopt;
  const auto best = side == trading::side::buy ? quote->ask : quote->bid;
  return best.is_positive() ? std::optional{best} : std::nullopt;
}

risk_level level_of(price part, price whole) noexcept {
  const int128 scaled_part = int128{part.units} * 10, tenth = whole.units;
  if (part > whole) return risk_level::breached;
  if (scaled_part >= tenth * 9 && whole.is_positive()) return risk_level::high;
  return scaled_part >= tenth * 8 && whole.is_positive() ? risk_level::medium : risk_level::low;
}

std::int64_t milliseconds_of(time_ns t) noexcept { return to_ns(t) / 1'000'000; }

} // namespace troupe::trade2026
