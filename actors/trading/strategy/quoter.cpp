#include "actors/trading/strategy/quoter.hpp"

#include <algorithm>
#include <cstdlib>

namespace troupe::strategy {

quoter_parameters read_quoter(parameters& given, const trading::instrument& what) {
  quoter_parameters p;
  p.spread_ticks = given.integer("spread_ticks", 1, 100'000, 2);
  p.size = given.size("size", what.lot_size);
  p.position_max = given.size("position_max", what.lot_size);
  if (p.position_max < p.size) given.violate("position_max", "must be at least size");
  p.skew_ticks = given.integer("skew_ticks", 0, 100'000, 0);
  p.requote_ticks = given.integer("requote_ticks", 1, 100'000, 1);
  return p;
}

void quoter::on_quote(const market::quote& quote, actions& desk) {
  for (const auto s : {side::buy, side::sell}) quote_side(s, wanted_price(s, quote, desk), desk);
}

void quoter::on_book_lost(actions& desk) {
  for (const auto s : {side::buy, side::sell}) quote_side(s, std::nullopt, desk);
}

void quoter::on_fill(const oms::order_update& update, actions& desk) {
  // A quote that was to be moved and may not be is at a price nobody wants any more.
  if (update.refusal != oms::refusal::none) desk.cancel(update.client_id);
  const auto* book = desk.book();
  if (!book) return;
  if (!update.last_quantity.is_zero()) return on_quote(*book, desk); // a fill changes what it wants on both sides
  // While it was on its way, or being changed, it could not be moved, and the market may be silent since. One that ended waits for the market:
  // a venue that cancels what it takes would be asked without end.
  const bool on_market = update.status == order_status::new_ || update.status == order_status::partially_filled;
  if (update.refusal == oms::refusal::none && on_market) quote_side(update.side, wanted_price(update.side, *book, desk), desk);
}

std::optional<price> quoter::wanted_price(side s, const market::quote& book, const actions& desk) const {
  if (!book.bid.is_positive() || !book.ask.is_positive() || book.bid >= book.ask) return std::nullopt;
  const auto position = desk.position();
  const auto after = int128{s == side::buy ? position.units : -position.units} + p_.size.units;
  if (after > p_.position_max.units) return std::nullopt;
  const auto tick = desk.instrument().tick_size;
  // How far its position pushes it is a fraction; everything else is exact.
  const double held = position.to_double() / p_.position_max.to_double();
  const auto pushed = round_to_tick(held * static_cast<double>(p_.skew_ticks) * tick.to_double(), tick);
  if (!pushed) return std::nullopt;
  const auto middle_twice = int128{book.bid.units} + book.ask.units - 2 * int128{pushed->units};
  const auto spread = int128{p_.spread_ticks} * tick.units;
  const auto ticks = s == side::buy ? divide(middle_twice - spread, 2 * int128{tick.units}, rounding::down)
                                    : divide(middle_twice + spread, 2 * int128{tick.units}, rounding::up);
  // Its own skew must not make it a taker; where the market's tick is finer, the next price of its own is meant.
  const auto passive = s == side::buy ? std::min(ticks, divide(int128{book.ask.units} - 1, tick.units, rounding::down))
                                      : std::max(ticks, divide(book.bid.units, tick.units, rounding::down) + 1);
  const auto wanted = price::from_units(passive * tick.units);
  return wanted && wanted->is_positive() ? wanted : std::nullopt;
}

void quoter::quote_side(side s, std::optional<price> wanted, actions& desk) const {
  std::optional<client_order_id> current;
  std::vector<client_order_id> unwanted;
  for (const auto& [id, order] : desk.orders()) {
    if (order.request.side != s) continue;
    if (wanted && !current && !order.cancel_asked) current = id;
    else unwanted.push_back(id);
  }
  for (const auto& id : unwanted) desk.cancel(id);
  if (!wanted) return;
  if (!unwanted.empty()) return; // its cancel may cross a fill: quote again when the side is clear
  if (!current) {
    desk.submit(s, order_type::limit, time_in_force::day, p_.size, wanted);
    return;
  }
  const auto& order = desk.orders().at(*current);
  const auto away = std::abs((*order.limit - *wanted).units);
  const auto& what = desk.instrument();
  if (away < int128{p_.requote_ticks} * what.tick_size.units) return;
  const auto total = checked_add(order.filled, p_.size);
  const bool fits = total && total->units % what.lot_size.units == 0; // not where the lot was changed since some of it was filled
  if (!fits || (!desk.replace(*current, *total, *wanted) && !desk.may_act())) desk.cancel(*current);
}

} // namespace troupe::strategy
