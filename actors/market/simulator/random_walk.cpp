#include "actors/market/simulator/random_walk.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace troupe::simulator {
namespace {

constexpr std::size_t instruments_max = 1000;
constexpr std::int64_t spread_ticks_max = 5;
constexpr std::int64_t move_ticks_max = 3;
constexpr std::uint64_t quotes_per_trade = 5; // on average
constexpr std::uint64_t trades_per_sweep = 32; // a sweep takes more than is displayed

/// No walk leaves this, so products of ticks stay far inside 64 bits.
constexpr price price_max = price::whole(1'000'000'000);

void check(const walk_instrument& w, const std::string& field, std::vector<field_error>& wrong) {
  if (!w.tick.is_positive()) wrong.push_back({field + ".tick", "must be greater than 0"});
  if (!w.size_step.is_positive()) wrong.push_back({field + ".size_step", "must be greater than 0"});
  if (w.size_steps_max < 1) wrong.push_back({field + ".size_steps_max", "must be at least 1"});
  if (w.size_step.is_positive() && w.size_steps_max > INT64_MAX / 4 / w.size_step.units)
    wrong.push_back({field + ".size_steps_max", "must keep sizes inside the range of a quantity"});
  if (w.tick.is_positive() && (w.start < w.tick || w.start > price_max || w.start.units % w.tick.units != 0))
    wrong.push_back({field + ".start", "must be a multiple of the tick between one tick and 1000000000"});
  if (w.id.value.empty()) wrong.push_back({field + ".id", "must not be empty"});
}

} // namespace

std::vector<walk_instrument> default_instruments() {
  return {{{"BTCUSDT.SIM"}, price::whole(45'000), price{scale / 10}, quantity{scale / 1000}, 5'000},
          {{"ETHUSDT.SIM"}, price::whole(2'500), price{scale / 100}, quantity{scale / 1000}, 50'000},
          {{"SOLUSDT.SIM"}, price::whole(100), price{scale / 100}, quantity{scale / 10}, 5'000}};
}

result<random_walk> random_walk::create(walk_options options) {
  std::vector<field_error> wrong;
  if (options.step.count() <= 0) wrong.push_back({"step", "must be greater than 0"});
  if (options.instruments.empty() || options.instruments.size() > instruments_max)
    wrong.push_back({"instruments", "must be 1 to 1000"});
  std::set<market::instrument_id> ids;
  for (std::size_t i = 0; i < options.instruments.size(); ++i) {
    const auto field = "instruments[" + std::to_string(i) + "]";
    check(options.instruments[i], field, wrong);
    if (!ids.insert(options.instruments[i].id).second) wrong.push_back({field + ".id", "stands twice"});
  }
  if (!wrong.empty()) return error{errc::invalid_argument, "the random walk cannot be made", std::move(wrong)};
  return random_walk{std::move(options)};
}

random_walk::random_walk(walk_options options) : random_(options.seed), now_(options.start), step_(options.step) {
  for (auto& what : options.instruments) {
    state s;
    s.bid_ticks = what.start.units / what.tick.units;
    s.what = std::move(what);
    s.ask_ticks = s.bid_ticks + 1;
    s.bid_steps = random_.between(1, s.what.size_steps_max);
    s.ask_steps = random_.between(1, s.what.size_steps_max);
    states_.push_back(std::move(s));
  }
}

market::event random_walk::next() {
  now_ += step_;
  auto& s = states_[random_.below(states_.size())];
  if (!s.quote_due && random_.once_in(quotes_per_trade)) return trade_of(s);
  if (s.quote_due && s.bid_steps > 0 && s.ask_steps > 0) return quote_of(s); // the first, or what a trade left
  if (s.bid_steps == 0 || s.ask_steps == 0 || random_.once_in(2))
    move(s);
  else
    resize(s);
  return quote_of(s);
}

/// A new pair of prices a few ticks away. A side that was taken moves in the direction of the taker.
void random_walk::move(state& s) {
  auto by = random_.between(-move_ticks_max, move_ticks_max);
  if (s.ask_steps == 0) by = random_.between(1, move_ticks_max);
  if (s.bid_steps == 0) by = -random_.between(1, move_ticks_max);
  // The narrowest spread is the usual one.
  const auto spread = random_.once_in(2) ? 1 : random_.between(1, spread_ticks_max);
  const auto highest = price_max.units / s.what.tick.units;
  s.bid_ticks = std::clamp<std::int64_t>(s.bid_ticks + by, 1, highest);
  s.ask_ticks = s.bid_ticks + spread;
  s.bid_steps = random_.between(1, s.what.size_steps_max);
  s.ask_steps = random_.between(1, s.what.size_steps_max);
}

void random_walk::resize(state& s) {
  (random_.once_in(2) ? s.bid_steps : s.ask_steps) = random_.between(1, s.what.size_steps_max);
}

market::quote random_walk::quote_of(state& s) {
  s.quote_due = false;
  const auto tick = s.what.tick.units;
  const auto step = s.what.size_step.units;
  return {s.what.id,      price{s.bid_ticks * tick}, price{s.ask_ticks * tick}, quantity{s.bid_steps * step},
          quantity{s.ask_steps * step}, ++s.update_id, now_, now_, {}};
}

market::trade random_walk::trade_of(state& s) {
  s.quote_due = true;
  const bool buy = random_.once_in(2);
  auto& displayed = buy ? s.ask_steps : s.bid_steps;
  const bool sweep = random_.once_in(trades_per_sweep);
  const auto taken = sweep ? displayed + random_.between(1, s.what.size_steps_max) : random_.between(1, displayed);
  displayed = std::max<std::int64_t>(displayed - taken, 0);
  const auto ticks = buy ? s.ask_ticks : s.bid_ticks;
  return {s.what.id, price{ticks * s.what.tick.units}, quantity{taken * s.what.size_step.units},
          buy ? market::side::buy : market::side::sell, ++s.trade_id, now_, now_, {}};
}

} // namespace troupe::simulator
